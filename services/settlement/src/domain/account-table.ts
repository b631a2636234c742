/**
 * Settlement's memory of accounts: everything settled after the projected batch (pinned, so that it can never be lost to the
 * cache), and as many other accounts as fit (evicted by the clock rule). One table, one lookup, no object per account.
 */
import { invariant } from "@mira/primitives";
import { ABSENT, KeyTable } from "./key-table.ts";

/** Where an account's content stands: a packed batch, or a row of the projection. What it holds is the codec's business. */
export type RecordSource<Value> = { readonly value: (index: number) => Value | undefined };

export type AccountEntry<Value> = {
  /** The key's 32 bytes begin at `offset`. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly version: number;
  /** Lamports as a pair of u32. */
  readonly low: number;
  readonly high: number;
  readonly source: RecordSource<Value>;
  readonly index: number;
};

const CACHED = -1;

export class AccountTable<Value> {
  readonly #cachedMax: number;
  readonly #keys: KeyTable;
  #version = new Float64Array(1024);
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  /** Batch of the newest write, or CACHED. */
  #batch = new Float64Array(1024);
  #used = new Uint8Array(1024);
  #index = new Uint32Array(1024);
  readonly #source: Array<RecordSource<Value> | undefined> = [];
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

  /** The account's content; undefined when it does not exist. */
  value(at: number): Value | undefined {
    return this.#source[at]?.value(this.#index[at] ?? 0);
  }

  /** What a settled batch wrote. Batches come in order, so the newest write is the last one put. */
  putSettled(entry: AccountEntry<Value>, batch: number): void {
    const at = this.#put(entry);
    if (this.#batch[at] === CACHED) this.#pinned++;
    this.#batch[at] = batch;
  }

  /** What the projection says of an account; passed over when something newer is pinned. */
  putCached(entry: AccountEntry<Value>): void {
    const known = this.#keys.find(entry.bytes, entry.offset);
    if (known !== ABSENT && this.#batch[known] !== CACHED) return;
    this.#put(entry);
    this.#evict();
  }

  /**
   * The batch is projected: what nobody wrote since may be forgotten. `detach` copies the content out of the batch's bytes, so
   * that one cached account does not keep a whole batch in memory.
   */
  unpin(
    key: { readonly bytes: Uint8Array; readonly offset: number },
    batch: number,
    detach: Detach<Value>,
  ): void {
    const at = this.#keys.find(key.bytes, key.offset);
    if (at === ABSENT || this.#batch[at] === CACHED || (this.#batch[at] ?? 0) > batch) return;
    this.#batch[at] = CACHED;
    this.#source[at] = detach(this.value(at));
    this.#index[at] = 0;
    this.#pinned--;
    this.#evict();
  }

  #put(entry: AccountEntry<Value>): number {
    const before = this.#keys.size;
    const at = this.#keys.intern(entry.bytes, entry.offset);
    if (at >= this.#version.length) this.#grow();
    if (this.#keys.size !== before) this.#batch[at] = CACHED;
    this.#version[at] = entry.version;
    this.#low[at] = entry.low;
    this.#high[at] = entry.high;
    this.#source[at] = entry.source;
    this.#index[at] = entry.index;
    this.#used[at] = 1;
    return at;
  }

  /** The hand passes over what was used since its last round, and over what is pinned. */
  #evict(): void {
    for (let steps = 2 * this.#keys.limit; this.cachedCount > this.#cachedMax && steps > 0; steps--) {
      const at = this.#hand;
      this.#hand = (at + 1) % this.#keys.limit;
      if (this.#batch[at] !== CACHED || this.#source[at] === undefined) continue;
      if (this.#used[at] === 1) this.#used[at] = 0;
      else this.#forget(at);
    }
  }

  #forget(at: number): void {
    this.#keys.remove(at);
    this.#source[at] = undefined;
  }

  #grow(): void {
    const size = this.#version.length * 2;
    this.#version = copyInto(new Float64Array(size), this.#version);
    this.#batch = copyInto(new Float64Array(size), this.#batch);
    this.#index = copyInto(new Uint32Array(size), this.#index);
    this.#low = copyInto(new Uint32Array(size), this.#low);
    this.#high = copyInto(new Uint32Array(size), this.#high);
    this.#used = copyInto(new Uint8Array(size), this.#used);
  }
}

export type Detach<Value> = (value: Value | undefined) => RecordSource<Value>;

function copyInto<T extends Float64Array | Uint32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
