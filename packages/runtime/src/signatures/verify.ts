/**
 * Signature rule 1: Ed25519 as libsodium checks it. A and R of small order, A not canonical and S not canonical are refused,
 * and the equation is checked without the cofactor. Two rules in one pipeline would split the ledger on crafted keys.
 */
import sodium from "sodium-native";
import type { DecodedTransaction } from "../wire/index.ts";

/** Number of this rule in batch headers. */
export const SIGNATURE_RULE = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** With a session, its key takes the owner's place in the fee payer's slot (signer 0); nothing else changes. */
export function verifyTransactionSignatures(
  bytes: Uint8Array,
  decoded: DecodedTransaction,
  sessionKey?: Uint8Array,
): boolean {
  if (sessionKey !== undefined && sessionKey.length !== KEY_BYTES) return false;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message = buffer.subarray(decoded.messageOffset, decoded.end);
  for (let signer = 0; signer < decoded.signatureCount; signer++) {
    const signatureAt = decoded.signaturesOffset + signer * SIGNATURE_BYTES;
    const keyAt = decoded.keysOffset + signer * KEY_BYTES;
    const named = buffer.subarray(keyAt, keyAt + KEY_BYTES);
    const key = signer === 0 && sessionKey !== undefined ? Buffer.from(sessionKey) : named;
    const signature = buffer.subarray(signatureAt, signatureAt + SIGNATURE_BYTES);
    if (!sodium.crypto_sign_verify_detached(signature, message, key)) return false;
  }
  return true;
}

/** SHA-256 of the message bytes: the identity of a transaction, whoever signed it. */
export function messageHash(bytes: Uint8Array, decoded: DecodedTransaction): Uint8Array {
  const hash = Buffer.allocUnsafe(sodium.crypto_hash_sha256_BYTES);
  writeMessageHash(hash, bytes, decoded);
  return hash;
}

/** `target` has 32 bytes. */
export function writeMessageHash(target: Buffer, bytes: Uint8Array, decoded: DecodedTransaction): void {
  const { messageOffset, end } = decoded;
  sodium.crypto_hash_sha256(
    target,
    Buffer.from(bytes.buffer, bytes.byteOffset + messageOffset, end - messageOffset),
  );
}
