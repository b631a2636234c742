/** What a session grant says, as fields of a signed intent: the owner reads the same words that are parsed here. */
import { decodeKey, encodeBase58 } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { findIntentField, getIntentFields, type Intent } from "./intent.ts";
import { parseLamports, parseUnixMs, type Lamports, type UnixMs } from "./quantities.ts";
import { refuse, succeed, type Result } from "./refusal.ts";

export const SESSION_RECIPIENTS_MAX = 32;

/** "SOL transfers to these accounts, at most this much in total, from then until then." */
export type SessionGrant = {
  /** 32 bytes; signs in the owner's slot. */
  readonly sessionKey: Uint8Array;
  /** 32 bytes each. */
  readonly recipients: readonly Uint8Array[];
  /** Amounts and fees together, over the session's whole life. */
  readonly limitLamports: Lamports;
  readonly startsAt: UnixMs;
  /** The session refuses from this instant. */
  readonly expiresAt: UnixMs;
};

export function describeSessionGrant(grant: SessionGrant): Intent["fields"] {
  return [
    ["allow", "SOL transfers, fees included"],
    ["session key", encodeBase58(grant.sessionKey)],
    ...grant.recipients.map((recipient) => ["recipient", encodeBase58(recipient)] as const),
    ["limit lamports", String(grant.limitLamports)],
    ["starts", new Date(grant.startsAt).toISOString()],
    ["expires", new Date(grant.expiresAt).toISOString()],
  ];
}

export function parseSessionGrant(
  intent: Intent,
): Result<SessionGrant, "REQUEST_INVALID" | "SESSION_SCOPE_EMPTY"> {
  const sessionKey = decodeKey(findIntentField(intent, "session key") ?? "");
  if (sessionKey === undefined) return invalidField("session key", "one key in base58");
  const recipients = getIntentFields(intent, "recipient").map(decodeKey);
  if (recipients.length > SESSION_RECIPIENTS_MAX)
    return invalidField("recipient", `at most ${SESSION_RECIPIENTS_MAX}`);
  if (!recipients.every((recipient) => recipient !== undefined))
    return invalidField("recipient", "keys in base58");
  const startsAt = parseInstant(findIntentField(intent, "starts"));
  if (startsAt === undefined) return invalidField("starts", "an ISO 8601 instant in UTC");
  const expiresAt = parseInstant(findIntentField(intent, "expires"));
  if (expiresAt === undefined) return invalidField("expires", "an ISO 8601 instant in UTC");
  const limit = findIntentField(intent, "limit lamports") ?? "";
  if (!/^\d{1,19}$/.test(limit)) return invalidField("limit lamports", "a whole number");
  if (recipients.length === 0 || limit === "0")
    return refuse("SESSION_SCOPE_EMPTY", "a session needs recipients and a limit above zero", {
      recipients: recipients.length,
      limitLamports: limit,
    });
  const grant: SessionGrant = {
    sessionKey,
    recipients,
    limitLamports: parseLamports(limit),
    startsAt,
    expiresAt,
  };
  // A field that this version does not know could restrict the grant: it is refused, not overlooked.
  if (JSON.stringify(describeSessionGrant(grant)) !== JSON.stringify(intent.fields))
    return invalidField("fields", "exactly the fields of a session grant, in their order");
  return succeed(grant);
}

/** The session's id: the hash of the signed bytes, so that one grant has one id and no id is ever used twice. */
export function deriveSessionId(intentBytes: Uint8Array): string {
  return encodeBase58(sha256(intentBytes));
}

function parseInstant(text: string | undefined): UnixMs | undefined {
  const instant = Date.parse(text ?? "");
  return Number.isFinite(instant) && instant >= 0 && new Date(instant).toISOString() === text
    ? parseUnixMs(instant)
    : undefined;
}

function invalidField(field: string, needed: string) {
  return refuse("REQUEST_INVALID", `the session grant's field "${field}" is not valid`, { field, needed });
}
