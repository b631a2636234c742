/** One slice of a workload at a steady rate below saturation, for the latency of each stage. */
import type { Cluster } from "./cluster.ts";
import { perTransaction, readCpu } from "./process-cpu.ts";
import { SLICE_DEADLINE_MS } from "./saturated-slice.ts";
import { computeStageLatencies } from "./stage-latencies.ts";
import { computePercentiles } from "./statistics.ts";

/** Transactions of so many milliseconds share a call. */
const TICK_MS = 20;

export type StageLatency = { readonly p50_ms: number; readonly p99_ms: number };

export type PacedSlice = {
  readonly latencies: Latencies;
  /** Small batches cost more for each transaction than full ones. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly batchSize: number;
};

export type Latencies = Readonly<Record<"sequenced" | "executed" | "settled" | "finalized", StageLatency>>;

export async function runPaced(
  cluster: Cluster,
  transactions: readonly Buffer[],
  perSecond: number,
): Promise<PacedSlice> {
  const { generator, progress, processes } = cluster;
  const signal = AbortSignal.timeout(SLICE_DEADLINE_MS);
  progress.forget();
  const before = readCpu(processes());
  const batchesBefore = progress.settledBatches();
  const { sent, answers, endSequence } = await generator.pace(transactions, {
    perSecond,
    tickMs: TICK_MS,
    signal,
  });
  await progress.waitFor("finalized", endSequence, signal);
  const cpu = perTransaction(before, readCpu(processes()), transactions.length);
  const of = (values: Float64Array): StageLatency => {
    const [p50 = Number.NaN, p99 = Number.NaN] = computePercentiles(values, [0.5, 0.99]);
    return { p50_ms: p50, p99_ms: p99 };
  };
  const latencies = {
    sequenced: of(
      Float64Array.from(answers.flatMap(({ count, latencyMs }) => new Array<number>(count).fill(latencyMs))),
    ),
    executed: of(computeStageLatencies(sent, progress.timeline("executed"))),
    settled: of(computeStageLatencies(sent, progress.timeline("settled"))),
    finalized: of(computeStageLatencies(sent, progress.timeline("finalized"))),
  };
  const batchSize = transactions.length / (progress.settledBatches() - batchesBefore);
  return { latencies, cpu, batchSize };
}
