/** mira.executor.partition.executed.v1: what programs really use, to weigh their next transactions. A hint, so nothing is verified. */
import { decodePartitionResult, WireError } from "@mira/runtime/wire";
import type { Term } from "../workers/term.ts";

export function observeResult(payload: Uint8Array, term: Pick<Term, "observe"> | undefined): void {
  if (term === undefined) return;
  try {
    const { header, receipts } = decodePartitionResult(payload);
    for (let index = 0; index < receipts.count; index++)
      term.observe(header.batchNumber, receipts.sequence(index), receipts.computeUnits(index));
  } catch (error) {
    // Settlement judges results; one that is no result teaches nothing here.
    if (!(error instanceof WireError)) throw error;
  }
}
