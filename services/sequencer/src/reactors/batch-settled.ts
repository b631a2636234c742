/** mira.settlement.batch.settled.v1: locks, versions and fee reservations of settled batches end. */
import { events } from "@mira/api";

export const BATCH_SETTLED = "mira.settlement.batch.settled.v1";

/** Settlement settles in order, so everything up to the batch is settled too, whatever this follower missed. */
export function readSettledBatches(payload: Uint8Array): number {
  return Number(events.BatchSettled.decode(payload).batchNumber) + 1;
}
