/** Hands out again what nobody has answered for too long: a partition can be lost with its queue, or with an executor set aside. */
import { delay, type DurationMs } from "@mira/primitives";
import type { Ledger } from "../memory/ledger.ts";
import type { Clock, Logger, SealedBatchSource } from "../ports.ts";
import type { Refuser } from "./refuse.ts";

const POLL_MS = 250;
/** Each try waits twice as long as the one before: executors that are only slow must not drown in copies. */
const BACKOFF_MAX = 6;

export type RepairParts = {
  readonly ledger: Ledger;
  readonly refuser: Refuser;
  readonly source: SealedBatchSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly staleAfterMs: DurationMs;
  readonly onSealed: (bytes: Uint8Array) => Promise<void>;
};

export async function runRepair(parts: RepairParts, signal: AbortSignal): Promise<void> {
  const { ledger, clock, staleAfterMs } = parts;
  let watched = -1;
  let attempt = 0;
  let dueAt = Infinity;
  while (await delay(POLL_MS, signal)) {
    const next = ledger.progress.counts.settledBatches;
    if (next !== watched) {
      [watched, attempt, dueAt] = [next, 0, clock.now() + staleAfterMs];
      continue;
    }
    if (clock.now() < dueAt) continue;
    await repair(parts, next, attempt, signal);
    attempt++;
    dueAt = clock.now() + staleAfterMs * 2 ** Math.min(attempt, BACKOFF_MAX);
  }
}

async function repair(parts: RepairParts, next: number, attempt: number, signal: AbortSignal): Promise<void> {
  const { ledger, refuser, source, logger, onSealed } = parts;
  const pending = ledger.pending.get(next);
  if (pending === undefined) {
    const bytes = await source.fetch(next, signal).catch((error: unknown) => {
      logger.warn({ batch: next, reason: String(error) }, "the sequencer does not give the sealed batch");
      return undefined;
    });
    if (bytes !== undefined) await onSealed(bytes);
    return;
  }
  if (pending.assembly.isComplete) return;
  const partitions = await refuser.republishOpen(pending, attempt);
  if (partitions > 0)
    logger.warn({ batch: next, partitions, attempt }, "work without an answer is handed out again");
}
