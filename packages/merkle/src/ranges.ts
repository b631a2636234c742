/** Which subtrees a root, an inclusion path or a consistency path is made of: RFC 6962 section 2.1 without the hashes. */
import { invariant } from "@mira/primitives";

/** Leaves `start` up to, not including, `end`; a range that the recursion of RFC 6962 visits. */
export type LeafRange = { readonly start: number; readonly end: number };

/** A complete subtree: it covers the 2^level leaves from index * 2^level. Level 0 holds the leaf hashes. */
export type TreeNode = { readonly level: number; readonly index: number };

/** The complete subtrees that tile a range, from left to right: widest first. */
export function listNodes({ start, end }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end;) {
    const level = floorLog2(end - at);
    const width = 2 ** level;
    invariant(width <= end - at && at % width === 0, () => `not a range of the tree: ${start}..${end}`);
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** Sibling ranges of leaf `index` in a tree of `size` leaves, from the leaf to the root. */
export function listInclusionRanges(index: number, size: number): LeafRange[] {
  assertSize(size);
  invariant(Number.isSafeInteger(index) && index >= 0 && index < size, () => `leaf ${index} of ${size}`);
  const ranges: LeafRange[] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const middle = start + splitSize(end - start);
    const isLeft = index < middle;
    ranges.push(isLeft ? { start: middle, end } : { start, end: middle });
    if (isLeft) end = middle;
    else start = middle;
  }
  return ranges.reverse();
}

/** SUBPROOF of RFC 6962 section 2.1.2, as a loop. Empty when nothing has to be shown: from 0, or to the same size. */
export function listConsistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  assertSize(oldSize);
  assertSize(newSize);
  invariant(oldSize <= newSize, () => `a log never shrinks: ${oldSize} to ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: LeafRange[] = [];
  let [start, end] = [0, newSize];
  while (oldSize !== end) {
    const middle = start + splitSize(end - start);
    const isLeft = oldSize <= middle;
    ranges.push(isLeft ? { start: middle, end } : { start, end: middle });
    if (isLeft) end = middle;
    else start = middle;
  }
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** Largest power of two below `count`, which is at least 2. */
function splitSize(count: number): number {
  return 2 ** floorLog2(count - 1);
}

/** Math.log2 rounds up just below a power of two once the number is large. */
function floorLog2(count: number): number {
  const level = Math.floor(Math.log2(count));
  return 2 ** level > count ? level - 1 : level;
}

function assertSize(size: number): void {
  invariant(Number.isSafeInteger(size) && size >= 0, () => `tree size: needed 0..2^53-1, got ${size}`);
}
