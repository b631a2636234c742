/**
 * Signed intents: every act that changes authority or moves base-ledger value. What is shown is made from the same
 * structure that is signed, and its hash is signed too, so what was read is what was signed. Nothing signable lives for ever.
 */
import { encodeBase58, encodeUtf8, bytesEqual } from "./bytes.ts";
import { CanonicalError, CanonicalReader, CanonicalWriter } from "./canonical.ts";
import { verifySignature, type KeyPair } from "./ed25519.ts";
import { sha256 } from "./hash.ts";
import { parseUnixMs, type UnixMs } from "./quantities.ts";
import { refuse, succeed, type Result } from "./refusal.ts";

export const INTENT_DOMAIN = "mira:intent:v1";
/** No intent may be valid for longer than this after it is presented: a day. */
export const INTENT_LIFETIME_MS_MAX = 24 * 60 * 60 * 1000;
const FIELDS_MAX = 64;

export type IntentPurpose =
  | "session.grant"
  | "session.revoke"
  | "session.amend"
  | "authority.advance"
  | "stake.bond"
  | "stake.unbond"
  | "base.transfer"
  | "validator.hello"
  | "probes.import";

export type Intent = {
  readonly networkId: string;
  readonly purpose: IntentPurpose;
  /** The 32-byte key whose authority is used. */
  readonly account: Uint8Array;
  /** A signature older than the account's authority epoch is dead. */
  readonly epoch: number;
  /** 16 bytes, never used twice by one account. */
  readonly requestId: Uint8Array;
  readonly notAfter: UnixMs;
  /** What is asked, in order; names and values are plain text, keys in base58, amounts in decimal base units. Names may repeat (lists). */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
};

export type SignedIntent = {
  readonly intent: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
};

/** The text a person is shown before signing. */
export function describeIntent(intent: Intent): string {
  const rows = intent.fields.map(([name, value]) => `  ${name}: ${value}`);
  const head = [`Mira ${intent.networkId}: ${intent.purpose}`, `  account: ${encodeBase58(intent.account)}`];
  return [...head, ...rows, `  valid until: ${new Date(intent.notAfter).toISOString()}`].join("\n");
}

export function encodeIntent(intent: Intent): Uint8Array {
  const writer = new CanonicalWriter()
    .text(INTENT_DOMAIN)
    .text(intent.networkId)
    .text(intent.purpose)
    .fixed(intent.account, 32)
    .u64(intent.epoch)
    .fixed(intent.requestId, 16)
    .u64(intent.notAfter)
    .fixed(sha256(encodeUtf8(describeIntent(intent))), 32)
    .u32(intent.fields.length);
  for (const [name, value] of intent.fields) writer.text(name).text(value);
  return writer.finish();
}

export function signIntent(intent: Intent, keyPair: KeyPair): SignedIntent {
  const bytes = encodeIntent(intent);
  return { intent: bytes, publicKey: keyPair.publicKey, signature: keyPair.sign(bytes) };
}

export type IntentExpectation = {
  readonly networkId: string;
  readonly purpose: IntentPurpose;
  readonly now: UnixMs;
};

/** Verifies form, network, purpose, lifetime and signature. Whether `publicKey` may act for `account` is the caller's rule. */
export function verifyIntent(signed: SignedIntent, expected: IntentExpectation): Result<Intent> {
  const decoded = decodeIntent(signed.intent);
  if (!decoded.ok) return decoded;
  const intent = decoded.value;
  if (intent.networkId !== expected.networkId || intent.purpose !== expected.purpose)
    return refuse("INTENT_WRONG_NETWORK", "the intent was signed for another network or purpose", {
      needed: `${expected.networkId} ${expected.purpose}`,
      got: `${intent.networkId} ${intent.purpose}`,
    });
  if (expected.now >= intent.notAfter)
    return refuse("INTENT_EXPIRED", "the intent has expired", {
      notAfter: intent.notAfter,
      now: expected.now,
    });
  if (intent.notAfter - expected.now > INTENT_LIFETIME_MS_MAX)
    return refuse("INTENT_MALFORMED", "the intent would live longer than allowed", {
      maxMs: INTENT_LIFETIME_MS_MAX,
      gotMs: intent.notAfter - expected.now,
    });
  if (!verifySignature(signed.publicKey, signed.intent, signed.signature))
    return refuse("INTENT_SIGNATURE_INVALID", "the intent's signature does not verify", {
      publicKey: encodeBase58(signed.publicKey),
    });
  return succeed(intent);
}

export function decodeIntent(bytes: Uint8Array): Result<Intent, "INTENT_MALFORMED"> {
  try {
    const intent = readIntent(new CanonicalReader(bytes));
    if (!bytesEqual(encodeIntent(intent), bytes))
      throw new CanonicalError("the hash of the shown text does not match");
    return succeed(intent);
  } catch (error) {
    if (error instanceof CanonicalError || error instanceof TypeError || error instanceof RangeError)
      return refuse("INTENT_MALFORMED", error.message);
    throw error;
  }
}

const PURPOSES: readonly string[] = [
  "session.grant",
  "session.revoke",
  "session.amend",
  "authority.advance",
  "stake.bond",
  "stake.unbond",
  "base.transfer",
  "validator.hello",
  "probes.import",
] satisfies IntentPurpose[];

function readIntent(reader: CanonicalReader): Intent {
  const domain = reader.text();
  if (domain !== INTENT_DOMAIN) throw new CanonicalError(`domain: needed ${INTENT_DOMAIN}`);
  const networkId = reader.text();
  const purpose = reader.text();
  if (!PURPOSES.includes(purpose)) throw new CanonicalError("unknown purpose");
  const account = reader.fixed(32);
  const epoch = Number(reader.u64());
  const requestId = reader.fixed(16);
  const notAfter = parseUnixMs(reader.u64());
  reader.fixed(32);
  const count = reader.u32();
  if (count > FIELDS_MAX) throw new CanonicalError(`fields: at most ${FIELDS_MAX}, got ${count}`);
  const fields = Array.from({ length: count }, () => [reader.text(), reader.text()] as const);
  reader.end();
  return { networkId, purpose: purpose as IntentPurpose, account, epoch, requestId, notAfter, fields };
}

/** The one value of a field; undefined when it is missing or repeated. */
export function findIntentField(intent: Intent, name: string): string | undefined {
  const values = intent.fields.filter(([field]) => field === name);
  return values.length === 1 ? values[0]?.[1] : undefined;
}

/** All values of a repeatable field, in order. */
export function getIntentFields(intent: Intent, name: string): readonly string[] {
  return intent.fields.filter(([field]) => field === name).map(([, value]) => value);
}
