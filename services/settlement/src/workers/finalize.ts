/** Finalizes settled batches in order, when the window has passed and an independent executor agreed. Nothing here goes back. */
import type { DurationMs } from "@mira/primitives";
import { decide } from "../domain/finality.ts";
import { applyFinalized, findFirstHeld, type Ledger } from "../memory/ledger.ts";
import type { Clock, FinalizedCommit, Journal } from "../ports.ts";
import type { SettlementMetrics } from "../telemetry.ts";
import type { Bell } from "./bell.ts";

const POLL_MS = 100;
const FINALIZED_AT_ONCE_MAX = 64;

export type FinalizerParts = {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly metrics: SettlementMetrics;
  readonly challengeWindowMs: DurationMs;
  readonly bell: Bell;
  readonly onFinalized: () => void;
};

export async function runFinalizer(parts: FinalizerParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const finalized = await finalizeReady(parts);
    if (finalized === 0) await parts.bell.wait(POLL_MS, signal);
  }
}

/** Says how many batches became final. */
export async function finalizeReady(parts: FinalizerParts): Promise<number> {
  const { ledger, journal, metrics, onFinalized } = parts;
  const ready = listReady(parts);
  const last = ready.at(-1);
  if (last === undefined) return 0;
  await journal.commitFinalized(ready);
  for (const { batchNumber, at } of ready) applyFinalized(ledger, batchNumber, at);
  ledger.progress.advance({
    finalizedBatches: last.batchNumber + 1,
    finalizedSequence: findEnd(ledger, last.batchNumber),
  });
  metrics.batchFinalized(ready.length);
  onFinalized();
  return ready.length;
}

function listReady({ ledger, clock, challengeWindowMs }: FinalizerParts): FinalizedCommit[] {
  const ready: FinalizedCommit[] = [];
  const held = findFirstHeld(ledger);
  const { finalizedBatches, settledBatches } = ledger.progress.counts;
  for (let batchNumber = finalizedBatches; batchNumber < Math.min(settledBatches, held); batchNumber++) {
    const state = ledger.finality.get(batchNumber);
    if (state === undefined || ready.length === FINALIZED_AT_ONCE_MAX) break;
    const decision = decide({ type: "finalize", now: clock.now(), challengeWindowMs }, state);
    if (!decision.ok) break;
    for (const event of decision.events)
      if (event.type === "Finalized")
        ready.push({
          batchNumber,
          resultHash: state.resultHash,
          reexecutorId: event.reexecutorId,
          at: event.at,
        });
  }
  return ready;
}

function findEnd({ recent }: Ledger, batchNumber: number): number {
  const packed = recent.get(batchNumber)?.packed;
  return packed === undefined ? 0 : packed.header.firstSequence + packed.receipts.count;
}
