/** SHA-256 (FIPS 180-4) over the concatenation of its arguments. */
import { createHash, hash } from "node:crypto";

export function sha256(first: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array {
  if (rest.length === 0) return hash("sha256", first, "buffer");
  const state = createHash("sha256").update(first);
  for (const part of rest) state.update(part);
  return state.digest();
}
