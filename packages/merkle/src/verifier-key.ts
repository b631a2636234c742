/** Verifier keys of C2SP signed notes: `<name>+<hex key id>+<base64 of type and key>`, type 0x01 (Ed25519) alone. */
import {
  concatBytes,
  decodeHex,
  encodeHex,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  type Result,
} from "@mira/primitives";
import { decodeBase64, encodeBase64 } from "./base64.ts";

const ED25519_NOTE_TYPE = 0x01;
export const KEY_ID_BYTES = 4;
const VERIFIER_KEY_CHARS_MAX = 1024;

export type VerifierKey = {
  readonly name: string;
  /** 4 bytes: SHA-256(name || "\n" || 0x01 || public key), its first four. */
  readonly keyId: Uint8Array;
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
};

export function createVerifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  return { name, keyId: computeKeyId(name, publicKey), publicKey };
}

export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  const material = concatBytes(Uint8Array.of(ED25519_NOTE_TYPE), publicKey);
  return `${name}+${encodeHex(computeKeyId(name, publicKey))}+${encodeBase64(material)}`;
}

/** Refuses a key whose id is not that of its name and key: a typing error would otherwise verify nothing, silently. */
export function parseVerifierKey(text: string): Result<VerifierKey, "PROOF_INVALID"> {
  if (text.length > VERIFIER_KEY_CHARS_MAX) return refuseKey("it is too long");
  const [name, idText, ...rest] = text.split("+");
  const keyId = /^[0-9a-f]{8}$/.test(idText ?? "") ? decodeHex(idText ?? "") : undefined;
  const material = decodeBase64(rest.join("+"));
  if (name === undefined || !isKeyName(name)) return refuseKey("its name is empty or has a space");
  if (keyId === undefined) return refuseKey("its id is not eight lowercase hexadecimal digits");
  if (material?.length !== 33 || material[0] !== ED25519_NOTE_TYPE)
    return refuseKey("its material is not base64 of type 0x01 and 32 bytes");
  const key = createVerifierKey(name, material.subarray(1));
  return encodeHex(key.keyId) === idText ? succeed(key) : refuseKey("its id is not that of its name and key");
}

function computeKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  const digest = sha256(encodeUtf8(`${name}\n`), Uint8Array.of(ED25519_NOTE_TYPE), publicKey);
  return new Uint8Array(digest.subarray(0, KEY_ID_BYTES));
}

/** Non-empty, no Unicode space, no plus, none of the control characters that a note cannot hold. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}\0-\x1f+]+$/u.test(name);
}

function refuseKey(why: string) {
  return refuse("PROOF_INVALID", `the verifier key is malformed: ${why}`);
}
