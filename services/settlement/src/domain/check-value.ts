/** Value is conserved: the lamports of the accounts a result writes change by exactly the fees. Nothing appears, nothing vanishes. */
import { invariant, refuse, type Refusal } from "@mira/primitives";
import type { LockLedger } from "./check-locks.ts";
import {
  BEFORE_BATCH,
  addPair,
  sumToBigInt,
  type BatchFacts,
  type PreState,
  type ResultFacts,
} from "./facts.ts";

export type ValueCheck = {
  readonly batch: BatchFacts;
  readonly pre: PreState;
  readonly results: readonly ResultFacts[];
  readonly ledger: LockLedger;
  readonly index: number;
};

export function checkValue(check: ValueCheck): Refusal<"RESULT_VALUE_NOT_CONSERVED"> | undefined {
  const result = getResult(check);
  const change = { low: 0, high: 0 };
  for (let write = 0; write < result.writeKey.length; write++) {
    const before = findBefore(check, write);
    addPair(change, result.writeLamports, write, 1);
    addPair(change, before.pairs, before.at, -1);
  }
  const fees = sumFees(result);
  const changed = sumToBigInt(change);
  if (changed === -fees) return undefined;
  return refuse(
    "RESULT_VALUE_NOT_CONSERVED",
    "the written accounts changed by another amount than the fees",
    {
      needed: -fees,
      got: changed,
    },
  );
}

/** Lamports that left accounts, taken account by account, and the fees among them. */
export function computeOutflow(check: ValueCheck): { fees: bigint; outflow: bigint } {
  const result = getResult(check);
  const out = { low: 0, high: 0 };
  for (let write = 0; write < result.writeKey.length; write++) {
    const before = findBefore(check, write);
    if (!isLess(result.writeLamports, write, before.pairs, before.at)) continue;
    addPair(out, before.pairs, before.at, 1);
    addPair(out, result.writeLamports, write, -1);
  }
  return { fees: sumFees(result), outflow: sumToBigInt(out) };
}

export function getResult({ results, index }: ValueCheck): ResultFacts {
  const result = results[index];
  invariant(result !== undefined, () => `result ${index} of ${results.length}`);
  return result;
}

type Before = {
  readonly pairs: Uint32Array;
  readonly at: number;
  /** The result of this batch that made it; undefined when it was there before the batch. */
  readonly producer?: number;
};

/** Where the lamports stand that the account of a write had before the result first locked it. */
export function findBefore({ batch, pre, results, ledger, index }: ValueCheck, write: number): Before {
  let at = ledger.writeLocks[index]?.[write] ?? 0;
  const key = batch.lockKey[at] ?? 0;
  for (;;) {
    at = batch.previousWrite[at] ?? BEFORE_BATCH;
    if (at === BEFORE_BATCH) return { pairs: pre.lamports, at: key };
    const producer = ledger.producer[at] ?? 0;
    if (producer === 0) continue;
    const pairs = results[producer - 1]?.writeLamports ?? pre.lamports;
    return { pairs, at: ledger.producerWrite[at] ?? 0, producer: producer - 1 };
  }
}

/** Whether the values it started from come from one of these results of the same batch. */
export function standsOn(check: ValueCheck, others: ReadonlySet<number>): boolean {
  for (let write = 0; write < getResult(check).writeKey.length; write++) {
    const { producer } = findBefore(check, write);
    if (producer !== undefined && others.has(producer)) return true;
  }
  return false;
}

function sumFees(result: ResultFacts): bigint {
  const fees = { low: 0, high: 0 };
  for (let receipt = 0; receipt < result.sequences.length; receipt++) addPair(fees, result.fees, receipt, 1);
  return sumToBigInt(fees);
}

export function isLess(left: Uint32Array, at: number, right: Uint32Array, rightAt: number): boolean {
  const [high, rightHigh] = [left[2 * at + 1] ?? 0, right[2 * rightAt + 1] ?? 0];
  return high === rightHigh ? (left[2 * at] ?? 0) < (right[2 * rightAt] ?? 0) : high < rightHigh;
}
