/**
 * Settlement's memory of accounts: everything settled after the projected batch (pinned, so that it can never be lost to the
 * cache), and as many other accounts as fit (evicted by the clock rule). One table, one lookup, no object per account.
 */
import { invariant } from "@mira/primitives";
import { ABSENT, KeyTable } from "./key-table.ts";

/** Where an account's bytes stand; what they mean is the codec's business. */
export type AccountRecord = { readonly bytes: Uint8Array; readonly index: number };

export type AccountEntry = {
  readonly key: Uint8Array;
  readonly version: number;
  /** As a pair of u32: low, high. */
  readonly low: number;
  readonly high: number;
  /** undefined: the account does not exist. */
  readonly record: unknown;
};

const CACHED = -1;

export class AccountTable {
  readonly #cachedMax: number;
  #keys: KeyTable;
  #version = new Float64Array(1024);
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  /** Batch of the newest write, or CACHED. */
  #batch = new Float64Array(1024);
  #used = new Uint8Array(1024);
  readonly #record: unknown[] = [];
  #pinned = 0;
  #hand = 0;

  constructor({ cachedMax, seed = 0 }: { cachedMax: number; seed?: number }) {
    invariant(cachedMax > 0, "the account cache needs room");
    this.#cachedMax = cachedMax;
    this.#keys = new KeyTable({ seed });
  }

  get pinnedCount(): number {
    return this.#pinned;
  }

  get cachedCount(): number {
    return this.#keys.size - this.#pinned;
  }

  /** Number of the account, or ABSENT. Valid until the next put or unpin. */
  find(key: Uint8Array, offset = 0): number {
    const at = this.#keys.find(key, offset);
    if (at !== ABSENT) this.#used[at] = 1;
    return at;
  }

  version(at: number): number {
    return this.#version[at] ?? 0;
  }

  low(at: number): number {
    return this.#low[at] ?? 0;
  }

  high(at: number): number {
    return this.#high[at] ?? 0;
  }

  record(at: number): unknown {
    return this.#record[at];
  }

  /** What a settled batch wrote. Batches come in order, so the newest write is the last one put. */
  putSettled(entry: AccountEntry, batch: number): void {
    const at = this.#put(entry);
    if (this.#batch[at] === CACHED) this.#pinned++;
    this.#batch[at] = batch;
  }

  /** What the projection says of an account; passed over when something newer is pinned. */
  putCached(entry: AccountEntry): void {
    const known = this.#keys.find(entry.key);
    if (known !== ABSENT && this.#batch[known] !== CACHED) return;
    this.#put(entry);
    this.#evict();
  }

  /** The batch is projected: what nobody wrote since may be forgotten. `compact` frees the record from the batch's bytes. */
  unpin(key: Uint8Array, offset: number, batch: number, compact: (record: unknown) => unknown): void {
    const at = this.#keys.find(key, offset);
    if (at === ABSENT || this.#batch[at] === CACHED || (this.#batch[at] ?? 0) > batch) return;
    this.#batch[at] = CACHED;
    this.#record[at] = compact(this.#record[at]);
    this.#pinned--;
    this.#evict();
  }

  #put(entry: AccountEntry): number {
    const before = this.#keys.size;
    const at = this.#keys.intern(entry.key);
    if (at >= this.#version.length) this.#grow();
    if (this.#keys.size !== before) this.#batch[at] = CACHED;
    this.#version[at] = entry.version;
    this.#low[at] = entry.low;
    this.#high[at] = entry.high;
    this.#record[at] = entry.record;
    this.#used[at] = 1;
    return at;
  }

  /** The hand passes over what was used since its last round, and over what is pinned. */
  #evict(): void {
    for (let steps = 2 * this.#keys.limit; this.cachedCount > this.#cachedMax && steps > 0; steps--) {
      const at = this.#hand;
      this.#hand = (at + 1) % this.#keys.limit;
      if (this.#batch[at] !== CACHED || this.#record[at] === FREED) continue;
      if (this.#used[at] === 1) this.#used[at] = 0;
      else this.#forget(at);
    }
  }

  #forget(at: number): void {
    this.#keys.remove(at);
    this.#record[at] = FREED;
  }

  #grow(): void {
    const size = this.#version.length * 2;
    this.#version = copyInto(new Float64Array(size), this.#version);
    this.#batch = copyInto(new Float64Array(size), this.#batch);
    this.#low = copyInto(new Uint32Array(size), this.#low);
    this.#high = copyInto(new Uint32Array(size), this.#high);
    this.#used = copyInto(new Uint8Array(size), this.#used);
  }
}

/** Marks a number that the key table may give away again. */
const FREED = Symbol("freed");

function copyInto<T extends Float64Array | Uint32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
