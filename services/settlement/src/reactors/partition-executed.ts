/** mira.executor.partition.executed.v1: what executors answer. */
import type { Ledger } from "../memory/ledger.ts";
import type { Clock } from "../ports.ts";
import type { SettlementMetrics } from "../telemetry.ts";
import type { Refuser } from "../workers/refuse.ts";
import { refuseIfRefused } from "./batch-sealed.ts";

export type PartitionExecutedParts = {
  readonly ledger: Ledger;
  readonly refuser: Refuser;
  readonly clock: Clock;
  readonly metrics: SettlementMetrics;
  readonly onHeard: () => void;
};

export async function hearResult(
  { ledger, refuser, clock, metrics, onHeard }: PartitionExecutedParts,
  message: { readonly payload: Uint8Array; readonly sequence: number },
): Promise<void> {
  const hearing = ledger.pending.hearResult(message.payload, message.sequence, clock.now());
  metrics.resultHeard(hearing.outcome);
  await refuseIfRefused(refuser, hearing);
  if (hearing.outcome !== "admitted") return;
  await refuser.releaseDragged();
  onHeard();
}

/** Sequence numbers that have a result, without a gap. */
export function advanceExecuted({ pending, progress }: Ledger): void {
  let executed = progress.counts.settledSequence;
  for (let batch = progress.counts.settledBatches; ; batch++) {
    const assembly = pending.get(batch)?.assembly;
    if (assembly === undefined) break;
    executed += assembly.isComplete ? assembly.batch.count : assembly.countCoveredPrefix();
    if (!assembly.isComplete) break;
  }
  if (executed > progress.counts.executedSequence) progress.advance({ executedSequence: executed });
}
