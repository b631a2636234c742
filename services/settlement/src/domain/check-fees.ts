/** Fees are computed here, not believed: the rule of the batch header applied to the transactions' bytes. */
import { refuse, type Refusal } from "@mira/primitives";
import { STATUS_NOT_EXECUTED, pairToBigInt, type BatchFacts, type ResultFacts } from "./facts.ts";

export function checkFees(batch: BatchFacts, result: ResultFacts): Refusal<"RESULT_FEE_WRONG"> | undefined {
  for (let receipt = 0; receipt < result.sequences.length; receipt++) {
    const transaction = (result.sequences[receipt] ?? 0) - batch.firstSequence;
    const free = result.statuses[receipt] === STATUS_NOT_EXECUTED;
    const [low, high] = free ? [0, 0] : [batch.fees[2 * transaction], batch.fees[2 * transaction + 1]];
    if (result.fees[2 * receipt] !== low || result.fees[2 * receipt + 1] !== high)
      return refuse("RESULT_FEE_WRONG", "a receipt's fee is not what the rules give", {
        sequence: result.sequences[receipt] ?? 0,
        needed: free ? 0n : pairToBigInt(batch.fees, transaction),
        got: pairToBigInt(result.fees, receipt),
      });
  }
  return undefined;
}
