/**
 * Judges a completely covered batch: every result's order, locks, fees and value, in that order. The caller settles only
 * when nothing is refused; what is refused names the result, so that the honest ones are kept.
 */
import { refuse, type Refusal } from "@mira/primitives";
import type { BatchFacts, PreState, ResultFacts } from "./facts.ts";
import { checkFees } from "./check-fees.ts";
import { checkFrozen } from "./check-frozen.ts";
import { checkLocks, checkProducers, createLockLedger, type LockLedger } from "./check-locks.ts";
import { checkSessions } from "./check-sessions.ts";
import { checkValue, computeOutflow, standsOn } from "./check-value.ts";
import type { ResultRefusalCode } from "./refusal-policy.ts";

export type JudgeInput = {
  readonly batch: BatchFacts;
  readonly pre: PreState;
  /** They cover every transaction of the batch exactly once. */
  readonly results: readonly ResultFacts[];
  readonly isFrozen: (key: Uint8Array) => boolean;
  /** No batch may move more than this out of the accounts it writes; undefined: no limit. */
  readonly outflowMax: bigint | undefined;
};

export type RefusedResult = { readonly result: number; readonly refusal: Refusal<ResultRefusalCode> };

export type Judgement = {
  readonly refused: readonly RefusedResult[];
  readonly feesLamports: bigint;
  /** Lamports that left written accounts, fees included. */
  readonly outflowLamports: bigint;
};

export function judgeBatch(input: JudgeInput): Judgement {
  const { batch, pre, results } = input;
  const ledger = createLockLedger(batch);
  const refused: RefusedResult[] = [];
  results.forEach((result, index) => {
    const refusal = checkFees(batch, result) ?? checkLocks({ batch, pre, result, index, ledger });
    if (refusal !== undefined) refused.push({ result: index, refusal });
  });
  if (refused.length > 0) return { refused, feesLamports: 0n, outflowLamports: 0n };
  let [fees, outflow] = [0n, 0n];
  results.forEach((result, index) => {
    const value = { batch, pre, results, ledger, index };
    const moved = computeOutflow(value);
    const refusal =
      checkProducers({ batch, pre, result, index, ledger }) ??
      checkValue(value) ??
      checkFrozen(value, input.isFrozen) ??
      checkSessions(value) ??
      checkOutflow(moved.outflow, input.outflowMax);
    if (refusal !== undefined) refused.push({ result: index, refusal });
    fees += moved.fees;
    outflow += moved.outflow;
  });
  return { refused: blameFirst(input, ledger, refused), feesLamports: fees, outflowLamports: outflow };
}

/** A result that stands on a refused one is not to blame for what it was given; the caller refuses it for standing there. */
function blameFirst(
  { batch, pre, results }: JudgeInput,
  ledger: LockLedger,
  refused: readonly RefusedResult[],
): readonly RefusedResult[] {
  if (refused.length < 2) return refused;
  const at = new Set(refused.map(({ result }) => result));
  return refused.filter(({ result }) => !standsOn({ batch, pre, results, ledger, index: result }, at));
}

function checkOutflow(outflow: bigint, max: bigint | undefined): Refusal<"VELOCITY_EXCEEDED"> | undefined {
  if (max === undefined || outflow <= max) return undefined;
  return refuse("VELOCITY_EXCEEDED", "one partition moves more than a whole window allows", {
    moved: outflow,
    allowed: max,
  });
}
