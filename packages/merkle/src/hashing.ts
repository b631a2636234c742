/** The two hashes of RFC 6962 section 2.1: a leaf and an inner node can never be mistaken for each other. */
import { hash } from "node:crypto";
import { assertLength, concatBytes, sha256 } from "@mira/primitives";

export const HASH_BYTES = 32;
const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(sha256(new Uint8Array(0)));

export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, entry));
}

export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  assertLength(left, HASH_BYTES, "left hash");
  assertLength(right, HASH_BYTES, "right hash");
  return sha256(concatBytes(NODE_PREFIX, left, right));
}

/**
 * Hashes `preimage` into `target` at `offset`. The digest travels as a one-byte-per-character string: making a string costs a
 * quarter of making a Buffer, and this runs once for every node of every tree.
 */
export function hashInto(target: Buffer, offset: number, preimage: Uint8Array): void {
  target.write(hash("sha256", preimage, "binary"), offset, HASH_BYTES, "latin1");
}
