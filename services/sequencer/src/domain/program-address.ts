/** Solana's program-derived addresses: SHA-256 hashes that are no Ed25519 point, so that nobody can hold their key. */
import { encodeUtf8, invariant, sha256 } from "@mira/primitives";

const P = 2n ** 255n - 19n;
/** Edwards d of RFC 8032. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const MARKER = encodeUtf8("ProgramDerivedAddress");

/** The first of 255, 254, ... as the bump whose hash is off the curve. */
export function findProgramAddress(seed: Uint8Array, program: Uint8Array): Uint8Array {
  for (let bump = 255; bump >= 0; bump--) {
    const address = sha256(seed, Uint8Array.of(bump), program, MARKER);
    if (!isOnCurve(address)) return address;
  }
  invariant(false, "one of 256 hashes is off the curve");
}

/** As curve25519-dalek decompresses: y is taken modulo p, and (y^2 - 1) / (d y^2 + 1) must be a square. */
function isOnCurve(bytes: Uint8Array): boolean {
  let y = 0n;
  for (let index = 31; index >= 0; index--) {
    const byte = bytes[index] ?? 0;
    y = (y << 8n) | BigInt(index === 31 ? byte & 0x7f : byte);
  }
  const y2 = (y * y) % P;
  // The quotient is a square exactly when the product is.
  const product = ((y2 - 1n + P) * ((D * y2 + 1n) % P)) % P;
  const symbol = power(product, (P - 1n) / 2n);
  return symbol === 0n || symbol === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
