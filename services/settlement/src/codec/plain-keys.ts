/** Keys that were seen to be writable: no reserved ones. Lets locks be read off the header, without computing them anew. */
import { ABSENT, KeyTable } from "../domain/key-table.ts";

/** Forgotten all at once past this: then they are learned again, each at the price of one computation. */
const KEYS_MAX = 500_000;

export class PlainKeys {
  readonly seed: number;
  #keys: KeyTable;

  constructor(seed: number) {
    this.seed = seed;
    this.#keys = new KeyTable({ seed });
  }

  has(bytes: Uint8Array, offset: number): boolean {
    return this.#keys.find(bytes, offset) !== ABSENT;
  }

  add(key: Uint8Array): void {
    if (this.#keys.size >= KEYS_MAX) this.#keys = new KeyTable({ seed: this.seed });
    this.#keys.intern(key);
  }
}
