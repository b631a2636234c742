/** Verification of inclusion and consistency paths (RFC 9162 sections 2.1.3.2 and 2.1.4.2). False is the only "no". */
import { bytesEqual } from "@mira/primitives";
import { EMPTY_ROOT, HASH_BYTES, hashChildren } from "./hashing.ts";

export type InclusionProof = {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  /** From the leaf to the root. */
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
};

export function verifyInclusion({ leafHash, index, treeSize, path, root }: InclusionProof): boolean {
  if (!isCount(index) || !isCount(treeSize) || index >= treeSize) return false;
  if (!areHashes([leafHash, root, ...path])) return false;
  let [node, last, hash] = [index, treeSize - 1, leafHash];
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = hashChildren(sibling, hash);
      [node, last] = skipRightEdge(node, last);
    } else {
      hash = hashChildren(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && bytesEqual(hash, root);
}

export type ConsistencyProof = {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
};

export function verifyConsistency(proof: ConsistencyProof): boolean {
  const { oldSize, newSize, oldRoot, newRoot, path } = proof;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (!areHashes([oldRoot, newRoot, ...path])) return false;
  if (oldSize === 0)
    return (
      path.length === 0 && bytesEqual(oldRoot, EMPTY_ROOT) && (newSize > 0 || bytesEqual(newRoot, EMPTY_ROOT))
    );
  if (oldSize === newSize) return path.length === 0 && bytesEqual(oldRoot, newRoot);
  return foldConsistency(proof);
}

/** Rebuilds both roots from one path; an old size that is a power of two is its own first node. */
function foldConsistency({ oldSize, newSize, oldRoot, newRoot, path }: ConsistencyProof): boolean {
  let [node, last] = [oldSize - 1, newSize - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  const [first, ...rest] = node === 0 ? [oldRoot, ...path] : path;
  if (first === undefined) return false;
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = hashChildren(sibling, oldHash);
      newHash = hashChildren(sibling, newHash);
      [node, last] = skipRightEdge(node, last);
    } else {
      newHash = hashChildren(newHash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && bytesEqual(oldHash, oldRoot) && bytesEqual(newHash, newRoot);
}

/** A node at the right edge has no sibling until it is a right child: it moves up unhashed. */
function skipRightEdge(node: number, last: number): [number, number] {
  while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
  return [node, last];
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.every((hash) => hash.length === HASH_BYTES);
