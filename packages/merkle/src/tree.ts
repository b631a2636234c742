/** Roots and paths over leaf hashes held in memory. */
import { LogTree } from "./log-tree.ts";

export function computeRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  return createTree(leafHashes).root();
}

/** Sibling hashes of leaf `index`, from the leaf to the root. */
export function computeInclusionPath(leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  return createTree(leafHashes).inclusionPath(index);
}

/** Proof that the first `oldSize` leaves are the whole of an earlier tree. */
export function computeConsistencyPath(leafHashes: readonly Uint8Array[], oldSize: number): Uint8Array[] {
  return createTree(leafHashes).consistencyPath(oldSize);
}

function createTree(leafHashes: readonly Uint8Array[]): LogTree {
  const tree = new LogTree();
  tree.appendLeaves(leafHashes);
  return tree;
}
