/** SHA-256 (FIPS 180-4) over the concatenation of its arguments. */
import { createHash, hash } from "node:crypto";

/** Below this, joining the parts is cheaper than a hash object with its state. */
const JOINED_BYTES_MAX = 4096;

export function sha256(first: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array {
  if (rest.length === 0) return digest(first);
  const length = rest.reduce((sum, part) => sum + part.length, first.length);
  if (length <= JOINED_BYTES_MAX) return digest(Buffer.concat([first, ...rest], length));
  const state = createHash("sha256").update(first);
  for (const part of rest) state.update(part);
  return state.digest();
}

/** The digest crosses from OpenSSL as a string of one byte per character: asked for as a Buffer it costs three times as much. */
function digest(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}
