/** Which account versions each partition needs, from the locks in sequence order. */
import { invariant } from "@mira/primitives";
import type { Cut } from "./cut.ts";
import type { BatchLocks } from "./lock-graph.ts";

/** Stands for "whatever was settled before this batch"; 2^64-1 on the wire. */
export const AS_SETTLED_BEFORE = -1;

/** Partition p needs accounts[ends[p-1]..ends[p]] in these versions; each account once. */
export type PartitionInputs = {
  readonly ends: Uint32Array;
  readonly accounts: Uint32Array;
  readonly versions: Float64Array;
};

/**
 * An account's version is 1 + the sequence number of its last write-locking transaction. `before` gives it by account at the
 * start of the batch: the exact version where an unsettled transaction wrote it, AS_SETTLED_BEFORE otherwise.
 */
export function computePartitionInputs(
  cut: Cut,
  locks: BatchLocks,
  firstSequence: number,
  before: Float64Array,
): PartitionInputs {
  const seen = computeSeenVersions(locks, firstSequence, before);
  const ends = new Uint32Array(cut.partitions);
  const accounts = new Uint32Array(seen.length);
  const versions = new Float64Array(seen.length);
  const takenBy = new Int32Array(locks.accounts).fill(-1);
  let size = 0;
  for (let partition = 0, place = 0; partition < cut.partitions; partition++) {
    for (const end = cut.ends[partition] ?? 0; place < end; place++) {
      const transaction = cut.order[place] ?? 0;
      let lock = transaction === 0 ? 0 : (locks.lockEnds[transaction - 1] ?? 0);
      for (const last = locks.lockEnds[transaction] ?? 0; lock < last; lock++) {
        const account = locks.lockAccounts[lock] ?? 0;
        if (takenBy[account] === partition) continue;
        takenBy[account] = partition;
        accounts[size] = account;
        versions[size++] = seen[lock] ?? 0;
      }
    }
    ends[partition] = size;
  }
  return { ends, accounts: accounts.subarray(0, size), versions: versions.subarray(0, size) };
}

/** By lock: the version that its transaction finds. */
function computeSeenVersions(locks: BatchLocks, firstSequence: number, before: Float64Array): Float64Array {
  invariant(before.length >= locks.accounts, "every account of the batch has a version before it");
  const current = before.slice(0, locks.accounts);
  const seen = new Float64Array(locks.count === 0 ? 0 : (locks.lockEnds[locks.count - 1] ?? 0));
  for (let transaction = 0, lock = 0; transaction < locks.count; transaction++)
    for (const end = locks.lockEnds[transaction] ?? 0; lock < end; lock++) {
      const account = locks.lockAccounts[lock] ?? 0;
      seen[lock] = current[account] ?? AS_SETTLED_BEFORE;
      if (locks.lockWrites[lock] === 1) current[account] = firstSequence + transaction + 1;
    }
  return seen;
}
