/** A hash table from 32-byte keys to small numbers, in typed arrays: no string and no object per key on the hot path. */
import { invariant } from "@mira/primitives";

export const KEY_BYTES = 32;
/** No number: the key is not there. */
export const ABSENT = -1;

export class KeyTable {
  readonly #seed: number;
  #keys: Uint8Array;
  #hashes: Int32Array;
  /** Number + 1 of the key in each bucket; 0 = empty. Linear probing, at most half full. */
  #buckets: Int32Array;
  readonly #free: number[] = [];
  #next = 0;

  /** `seed` is secret where keys are chosen by strangers, so that nobody can make them collide. */
  constructor({ capacity = 1024, seed = 0 }: { capacity?: number; seed?: number } = {}) {
    const rounded = 2 ** Math.ceil(Math.log2(Math.max(16, capacity)));
    this.#seed = seed | 0;
    this.#keys = new Uint8Array(rounded * KEY_BYTES);
    this.#hashes = new Int32Array(rounded);
    this.#buckets = new Int32Array(rounded * 2);
  }

  get size(): number {
    return this.#next - this.#free.length;
  }

  /** Numbers given so far are below this. */
  get limit(): number {
    return this.#next;
  }

  find(bytes: Uint8Array, offset = 0): number {
    const hash = hashKey(bytes, offset, this.#seed);
    const mask = this.#buckets.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = (this.#buckets[at] ?? 0) - 1;
      if (number < 0) return ABSENT;
      if (this.#hashes[number] === hash && this.#equals(number, bytes, offset)) return number;
    }
  }

  /** The key's number; a new one, the lowest free, when it was not there. */
  intern(bytes: Uint8Array, offset = 0): number {
    const hash = hashKey(bytes, offset, this.#seed);
    const mask = this.#buckets.length - 1;
    let at = hash & mask;
    for (; ; at = (at + 1) & mask) {
      const number = (this.#buckets[at] ?? 0) - 1;
      if (number < 0) break;
      if (this.#hashes[number] === hash && this.#equals(number, bytes, offset)) return number;
    }
    const number = this.#free.pop() ?? this.#next++;
    if (number >= this.#hashes.length) {
      this.#grow();
      at = this.#findEmptyBucket(hash);
    }
    for (let byte = 0; byte < KEY_BYTES; byte++)
      this.#keys[number * KEY_BYTES + byte] = bytes[offset + byte] ?? 0;
    this.#hashes[number] = hash;
    this.#buckets[at] = number + 1;
    return number;
  }

  /** Frees the number; later keys of the same probe chain move up so that none is lost. */
  remove(number: number): void {
    const mask = this.#buckets.length - 1;
    let hole = (this.#hashes[number] ?? 0) & mask;
    while (this.#buckets[hole] !== number + 1) {
      invariant(this.#buckets[hole] !== 0, () => `key table: number ${number} is not there`);
      hole = (hole + 1) & mask;
    }
    for (let at = (hole + 1) & mask; this.#buckets[at] !== 0; at = (at + 1) & mask) {
      const home = (this.#hashes[(this.#buckets[at] ?? 0) - 1] ?? 0) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#buckets[hole] = this.#buckets[at] ?? 0;
      hole = at;
    }
    this.#buckets[hole] = 0;
    this.#free.push(number);
  }

  /** All keys side by side: key n begins at n * KEY_BYTES. Valid until the next `intern`. */
  get packed(): Uint8Array {
    return this.#keys;
  }

  /** A view of the key's bytes, valid until the next `intern` or `remove`. */
  key(number: number): Uint8Array {
    return this.#keys.subarray(number * KEY_BYTES, (number + 1) * KEY_BYTES);
  }

  #equals(number: number, bytes: Uint8Array, offset: number): boolean {
    const start = number * KEY_BYTES;
    for (let byte = 0; byte < KEY_BYTES; byte++)
      if (this.#keys[start + byte] !== bytes[offset + byte]) return false;
    return true;
  }

  #findEmptyBucket(hash: number): number {
    const mask = this.#buckets.length - 1;
    let at = hash & mask;
    while (this.#buckets[at] !== 0) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [old, oldHashes, capacity] = [this.#keys, this.#hashes, this.#hashes.length * 2];
    this.#keys = new Uint8Array(capacity * KEY_BYTES);
    this.#keys.set(old);
    this.#hashes = new Int32Array(capacity);
    this.#hashes.set(oldHashes);
    this.#buckets = new Int32Array(capacity * 2);
    for (let number = 0; number < oldHashes.length; number++)
      this.#buckets[this.#findEmptyBucket(oldHashes[number] ?? 0)] = number + 1;
  }
}

/** Every byte counts: any 32 bytes may be named as an account, so prefixes alone would be easy to make collide. */
function hashKey(bytes: Uint8Array, offset: number, seed: number): number {
  let hash = seed ^ 0x9e3779b9;
  for (let at = offset; at < offset + KEY_BYTES; at += 4) {
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash;
}
