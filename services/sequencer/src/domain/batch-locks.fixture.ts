/** Batches for tests and benchmarks, from lists of locks. */
import type { BatchLocks } from "./lock-graph.ts";

export type LockList = readonly { readonly account: number; readonly write: boolean }[];

/** Accounts are renumbered densely in order of appearance; a second lock on an account in one transaction is left out. */
export function createBatchLocks(
  transactions: readonly LockList[],
  weightUs: (index: number) => number = () => 1_000,
): BatchLocks {
  const ids = new Map<number, number>();
  const lockEnds: number[] = [];
  const lockAccounts: number[] = [];
  const lockWrites: number[] = [];
  for (const locks of transactions) {
    const named = new Set<number>();
    for (const { account, write } of locks) {
      if (named.has(account)) continue;
      named.add(account);
      const id = ids.get(account) ?? ids.size;
      ids.set(account, id);
      lockAccounts.push(id);
      lockWrites.push(write ? 1 : 0);
    }
    lockEnds.push(lockAccounts.length);
  }
  return {
    count: transactions.length,
    accounts: ids.size,
    lockEnds: Uint32Array.from(lockEnds),
    lockAccounts: Uint32Array.from(lockAccounts),
    lockWrites: Uint8Array.from(lockWrites),
    weightsUs: Float64Array.from(transactions, (_, index) => weightUs(index)),
    bytes: new Uint32Array(transactions.length).fill(220),
  };
}
