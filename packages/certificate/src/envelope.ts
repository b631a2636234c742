/** The DSSE envelope: one statement, many signatures, and exactly one text for it. */
import { decodeKey, encodeBase58, encodeUtf8, invariant, succeed, type KeyPair } from "@mira/primitives";
import { decodeBase64, encodeBase64 } from "@mira/merkle";
import { PAYLOAD_TYPE } from "./constants.ts";
import { encodePae } from "./pae.ts";
import { refusePart, type CertificateResult } from "./part.ts";

/** `keyid` is the signer's public key in base58. It is where to look for the key, and proves nothing. */
export type EnvelopeSignature = { readonly keyid: string; readonly sig: Uint8Array };
export type Envelope = {
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
};

const BEGIN = '{"payload":"';
const TYPE = '","payloadType":"';
const SIGNATURES = '","signatures":[';
const END = "]}";
const NEXT = "},{";
const KEYID = '"keyid":"';
const SIG = '","sig":"';

const SIGNATURES_MAX = 1_024;
const SIGNATURE_BYTES = 64;

/** One more signature over a payload. */
export function signPayload(payload: Uint8Array, keyPair: KeyPair): EnvelopeSignature {
  return {
    keyid: encodeBase58(keyPair.publicKey),
    sig: keyPair.sign(encodePae(PAYLOAD_TYPE, payload)),
  };
}

/** The envelope's bytes: what is logged, and what every part of is covered by the log's proof. */
export function encodeEnvelope({ payload, signatures }: Envelope): Uint8Array {
  const listed = signatures.map(({ keyid, sig }) => `${KEYID}${keyid}${SIG}${encodeBase64(sig)}"`);
  const list = listed.length === 0 ? "" : `{${listed.join(NEXT)}}`;
  const bytes = encodeUtf8(
    `${BEGIN}${encodeBase64(payload)}${TYPE}${PAYLOAD_TYPE}${SIGNATURES}${list}${END}`,
  );
  invariant(decodeEnvelope(bytes).ok, "an envelope has distinct signers and whole signatures");
  return bytes;
}

/**
 * Reads the one text of an envelope. It is not a JSON parser on purpose: whatever differs from the text above is refused (another
 * order or spacing, a key that stands twice, base64 in another form), and the part that differs is named.
 */
export function decodeEnvelope(bytes: Uint8Array): CertificateResult<Envelope> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (!text.startsWith(BEGIN)) return refusePart("envelope", `it does not begin with ${BEGIN}`);
  const typeAt = text.indexOf(TYPE);
  if (typeAt < 0) return refusePart("envelope", `between payload and type, ${TYPE} is missing`);
  const signaturesAt = text.indexOf(SIGNATURES, typeAt);
  if (signaturesAt < 0) return refusePart("envelope", `before the signatures, ${SIGNATURES} is missing`);
  const payload = decodeBase64(text.slice(BEGIN.length, typeAt));
  if (payload === undefined) return refusePart("envelope.payload", "it is not canonical base64");
  const payloadType = text.slice(typeAt + TYPE.length, signaturesAt);
  if (payloadType !== PAYLOAD_TYPE)
    return refusePart("envelope.payloadType", "it is another type", {
      needed: PAYLOAD_TYPE,
      got: payloadType,
    });
  if (!text.endsWith(END)) return refusePart("envelope", `it does not end with ${END}`);
  const signatures = decodeSignatures(text.slice(signaturesAt + SIGNATURES.length, -END.length));
  return signatures.ok ? succeed({ payload, signatures: signatures.value }) : signatures;
}

function decodeSignatures(text: string): CertificateResult<EnvelopeSignature[]> {
  const signatures: EnvelopeSignature[] = [];
  if (text === "") return succeed(signatures);
  if (!text.startsWith("{") || !text.endsWith("}"))
    return refusePart("envelope.signatures", "a signature's braces are missing");
  const items = text.slice(1, -1).split(NEXT);
  if (items.length > SIGNATURES_MAX)
    return refusePart("envelope.signatures", "there are more than allowed", { neededMax: SIGNATURES_MAX });
  const keyids = new Set<string>();
  for (const [index, item] of items.entries()) {
    const signature = decodeSignature(item, `envelope.signatures[${index}]`);
    if (!signature.ok) return signature;
    const { keyid } = signature.value;
    if (keyids.has(keyid))
      return refusePart(`envelope.signatures[${index}].keyid`, "a signer signs twice", { keyid });
    keyids.add(keyid);
    signatures.push(signature.value);
  }
  return succeed(signatures);
}

function decodeSignature(item: string, part: string): CertificateResult<EnvelopeSignature> {
  const sigAt = item.indexOf(SIG);
  if (!item.startsWith(KEYID) || sigAt < 0 || !item.endsWith('"'))
    return refusePart(part, `it is not {${KEYID}…${SIG}…"}`);
  const keyid = item.slice(KEYID.length, sigAt);
  const key = decodeKey(keyid);
  if (key === undefined || encodeBase58(key) !== keyid)
    return refusePart(`${part}.keyid`, "it is not base58 of 32 bytes");
  const sig = decodeBase64(item.slice(sigAt + SIG.length, -1));
  if (sig?.length !== SIGNATURE_BYTES)
    return refusePart(`${part}.sig`, "it is not canonical base64 of 64 bytes", { keyid });
  return succeed({ keyid, sig });
}
