/** The append-only tree: keeps the hash of every complete subtree once, and answers for every size it ever had. */
import { assertLength, invariant } from "@mira/primitives";
import { EMPTY_ROOT, HASH_BYTES, hashChildren } from "./hashing.ts";
import {
  listConsistencyRanges,
  listInclusionRanges,
  listNodes,
  type LeafRange,
  type TreeNode,
} from "./ranges.ts";

/**
 * Where subtree hashes live. Synchronous, so the tree stays pure: a reader over a database asks listRootNodes,
 * listInclusionNodes or listConsistencyNodes what will be needed, loads those rows at once, and hands them in.
 */
export type HashStore = {
  readonly get: (level: number, index: number) => Uint8Array | undefined;
  readonly put: (level: number, index: number, hash: Uint8Array) => void;
};

export class LogTree {
  readonly #store: HashStore;
  #size: number;

  /** A tree of `size` leaves whose subtree hashes are in `store`. To append, only listRootNodes(size) need to be there. */
  constructor(store: HashStore = createMemoryHashStore(), size = 0) {
    this.#store = store;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash and returns its index. Puts one hash at level 0 and one for each subtree that it completes. */
  appendLeaf(leafHash: Uint8Array): number {
    assertLength(leafHash, HASH_BYTES, "leaf hash");
    const leaf = this.#size;
    let [hash, index] = [leafHash, leaf];
    this.#store.put(0, index, hash);
    for (let level = 0; index % 2 === 1; level++) {
      hash = hashChildren(this.#getNode({ level, index: index - 1 }), hash);
      index = (index - 1) / 2;
      this.#store.put(level + 1, index, hash);
    }
    this.#size += 1;
    return leaf;
  }

  /** Appends all and returns the index of the first. */
  appendLeaves(leafHashes: Iterable<Uint8Array>): number {
    const first = this.#size;
    for (const hash of leafHashes) this.appendLeaf(hash);
    return first;
  }

  root(size: number = this.#size): Uint8Array {
    this.#assertKnown(size);
    return size === 0 ? EMPTY_ROOT.slice() : this.#hashRange({ start: 0, end: size });
  }

  inclusionPath(index: number, size: number = this.#size): Uint8Array[] {
    this.#assertKnown(size);
    return listInclusionRanges(index, size).map((range) => this.#hashRange(range));
  }

  consistencyPath(oldSize: number, newSize: number = this.#size): Uint8Array[] {
    this.#assertKnown(newSize);
    return listConsistencyRanges(oldSize, newSize).map((range) => this.#hashRange(range));
  }

  #hashRange(range: LeafRange): Uint8Array {
    return listNodes(range)
      .map((node) => this.#getNode(node))
      .reduceRight((right, left) => hashChildren(left, right));
  }

  #getNode({ level, index }: TreeNode): Uint8Array {
    const hash = this.#store.get(level, index);
    invariant(hash !== undefined, () => `hash store: level ${level}, index ${index} is missing`);
    return assertLength(hash, HASH_BYTES, "stored hash");
  }

  #assertKnown(size: number): void {
    invariant(size <= this.#size, () => `tree size: needed at most ${this.#size}, got ${size}`);
  }
}

/** Nodes that root(size) reads, and that a tree of this size needs to go on appending. At most 53. */
export function listRootNodes(size: number): TreeNode[] {
  return listNodes({ start: 0, end: size });
}

export function listInclusionNodes(index: number, size: number): TreeNode[] {
  return listInclusionRanges(index, size).flatMap(listNodes);
}

export function listConsistencyNodes(oldSize: number, newSize: number): TreeNode[] {
  return listConsistencyRanges(oldSize, newSize).flatMap(listNodes);
}

export function createMemoryHashStore(): HashStore {
  const levels: Array<Map<number, Uint8Array>> = [];
  return {
    get: (level, index) => levels[level]?.get(index),
    put: (level, index, hash) => {
      (levels[level] ??= new Map<number, Uint8Array>()).set(index, hash);
    },
  };
}
