/** The root of a tree that is read once, leaf by leaf: only the roots of its complete subtrees are kept, at most 53. */
import { EMPTY_ROOT, hashChildren } from "./hashing.ts";

export class CompactRange {
  readonly #subtrees: Uint8Array[] = [];
  #size = 0;

  append(leafHash: Uint8Array): void {
    let hash = leafHash;
    // Every trailing one of the size is a complete subtree that the new leaf completes to the next larger one.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left !== undefined) hash = hashChildren(left, hash);
    }
    this.#subtrees.push(hash);
    this.#size += 1;
  }

  root(): Uint8Array {
    if (this.#size === 0) return EMPTY_ROOT.slice();
    return this.#subtrees.reduceRight((right, left) => hashChildren(left, right));
  }
}
