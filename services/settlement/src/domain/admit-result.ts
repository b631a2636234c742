/** What can be said about a result as soon as it is heard, before the state in front of its batch is known. */
import { bytesEqual, refuse, succeed, type Result } from "@mira/primitives";
import type { BatchFacts, ResultFacts } from "./facts.ts";

/** `admitted`: it covers transactions nothing else covers. `duplicate`: others cover them already; it is passed over. */
export type Admission = "admitted" | "duplicate";

export const NOBODY = -1;

/** `coveredBy`: for each transaction of the batch, the number of the result that covers it, or NOBODY. */
export function admitResult(
  batch: BatchFacts,
  result: ResultFacts,
  coveredBy: Int32Array,
): Result<Admission, "RESULT_WRONG_BATCH" | "RESULT_INCOMPLETE"> {
  if (!bytesEqual(result.batchHash, batch.batchHash) || !bytesEqual(result.runtimeId, batch.runtimeId))
    return refuse("RESULT_WRONG_BATCH", "the result is for another batch or runtime", {
      batch: batch.batchNumber,
      partition: result.partition,
    });
  if (result.sequences.length === 0)
    return refuse("RESULT_INCOMPLETE", "the result has no receipts", { partition: result.partition });
  const stray = findStraySequence(batch, result.sequences);
  if (stray !== undefined)
    return refuse("RESULT_INCOMPLETE", "a receipt is outside the batch, repeated or out of order", {
      sequence: stray,
      first: batch.firstSequence,
      count: batch.count,
    });
  const free = countUncovered(batch, result.sequences, coveredBy);
  return succeed(free === result.sequences.length ? "admitted" : "duplicate");
}

function findStraySequence(batch: BatchFacts, sequences: Float64Array): number | undefined {
  let previous = batch.firstSequence - 1;
  for (const sequence of sequences) {
    if (!(sequence > previous && sequence < batch.firstSequence + batch.count)) return sequence;
    previous = sequence;
  }
  return undefined;
}

function countUncovered(batch: BatchFacts, sequences: Float64Array, coveredBy: Int32Array): number {
  let free = 0;
  for (const sequence of sequences) if (coveredBy[sequence - batch.firstSequence] === NOBODY) free++;
  return free;
}
