/** The batch's final writes: of every write-locked account the last write, sorted by key. */
import type { BatchFacts, ResultFacts } from "./facts.ts";
import { KEY_BYTES } from "./key-table.ts";

/** Parallel columns: number of the result, and of the write in it. */
export type FinalWrites = {
  readonly result: Uint32Array;
  readonly write: Uint32Array;
  readonly key: Uint32Array;
};

export function mergeWrites(batch: BatchFacts, results: readonly ResultFacts[]): FinalWrites {
  const finalResult = new Int32Array(batch.keys.limit).fill(-1);
  const finalWrite = new Int32Array(batch.keys.limit);
  const version = new Float64Array(batch.keys.limit);
  results.forEach((result, index) => {
    for (let write = 0; write < result.writeKey.length; write++) {
      const key = result.writeKey[write] ?? 0;
      const written = result.writeVersion[write] ?? 0;
      if (finalResult[key] !== -1 && written < (version[key] ?? 0)) continue;
      finalResult[key] = index;
      finalWrite[key] = write;
      version[key] = written;
    }
  });
  const keys = sortKeys(batch, finalResult);
  return {
    key: keys,
    result: keys.map((key) => finalResult[key] ?? 0),
    write: keys.map((key) => finalWrite[key] ?? 0),
  };
}

/** 20 bits for the key's number leave 32 for its first bytes in a double: the native sort needs no callback. */
const NUMBERS = 2 ** 20;

function sortKeys(batch: BatchFacts, finalResult: Int32Array): Uint32Array {
  const { packed } = batch.keys;
  const composite = new Float64Array(finalResult.length);
  let count = 0;
  for (let key = 0; key < finalResult.length; key++) {
    if (finalResult[key] === -1) continue;
    composite[count++] = readPrefix(packed, key * KEY_BYTES) * NUMBERS + key;
  }
  const sorted = composite.subarray(0, count).sort();
  const keys = new Uint32Array(count);
  for (let at = 0; at < count; at++) keys[at] = (sorted[at] ?? 0) % NUMBERS;
  return mendTies(batch, keys);
}

function readPrefix(packed: Uint8Array, at: number): number {
  const bytes =
    ((packed[at] ?? 0) << 24) |
    ((packed[at + 1] ?? 0) << 16) |
    ((packed[at + 2] ?? 0) << 8) |
    (packed[at + 3] ?? 0);
  return bytes >>> 0;
}

/** Keys with the same first bytes stand together: insertion puts them right, and there are hardly any. */
function mendTies(batch: BatchFacts, keys: Uint32Array): Uint32Array {
  for (let at = 1; at < keys.length; at++) {
    const moved = keys[at] ?? 0;
    let to = at;
    while (to > 0 && compare(batch, keys[to - 1] ?? 0, moved) > 0) {
      keys[to] = keys[to - 1] ?? 0;
      to--;
    }
    keys[to] = moved;
  }
  return keys;
}

function compare({ keys }: BatchFacts, left: number, right: number): number {
  const { packed } = keys;
  for (let byte = 0; byte < KEY_BYTES; byte++) {
    const difference = (packed[left * KEY_BYTES + byte] ?? 0) - (packed[right * KEY_BYTES + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
