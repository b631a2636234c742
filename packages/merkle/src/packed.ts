/** Roots over hashes that lie side by side in one buffer: the fast path of settlement, without an object per node. */
import { invariant } from "@mira/primitives";
import { EMPTY_ROOT, HASH_BYTES, hashInto } from "./hashing.ts";

const NODE_PREIMAGE_BYTES = 1 + 2 * HASH_BYTES;

/** Root over concatenated 32-byte leaf hashes. Reads `leafHashes`, never writes it. */
export function computeRootPacked(leafHashes: Uint8Array): Uint8Array {
  invariant(
    leafHashes.length % HASH_BYTES === 0,
    () => `leaf hashes: needed a multiple of 32 bytes, got ${leafHashes.length}`,
  );
  const count = leafHashes.length / HASH_BYTES;
  if (count === 0) return EMPTY_ROOT.slice();
  const level = Buffer.from(leafHashes);
  for (let width = count; width > 1; width = (width + 1) >> 1) foldLevel(level, width);
  return Uint8Array.prototype.slice.call(level, 0, HASH_BYTES);
}

/** Leaf hashes of many entries, side by side. */
export function hashLeavesPacked(entries: readonly Uint8Array[]): Uint8Array {
  const longest = entries.reduce((most, entry) => Math.max(most, entry.length), 0);
  const scratch = Buffer.alloc(1 + longest);
  const packed = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  entries.forEach((entry, index) => {
    scratch.set(entry, 1);
    hashInto(packed, index * HASH_BYTES, scratch.subarray(0, 1 + entry.length));
  });
  return packed;
}

/**
 * Halves a level in place. A last node without a sibling moves up as it is, which builds the very tree of RFC 6962: there the
 * left part is the largest power of two below the size, here every complete pair is joined first.
 */
function foldLevel(level: Buffer, width: number): void {
  const preimage = Buffer.allocUnsafeSlow(NODE_PREIMAGE_BYTES);
  preimage[0] = 0x01;
  for (let left = 0; left + 1 < width; left += 2) {
    level.copy(preimage, 1, left * HASH_BYTES, (left + 2) * HASH_BYTES);
    hashInto(level, (left / 2) * HASH_BYTES, preimage);
  }
  if (width % 2 === 1)
    level.copyWithin(((width - 1) / 2) * HASH_BYTES, (width - 1) * HASH_BYTES, width * HASH_BYTES);
}
