/** One workload on a running cluster: warmed up, then slices at saturation beside the bare VM, then slices at half of that load. */
import type { KeyPair } from "@mira/primitives";
import type { Cluster } from "./cluster.ts";
import type { Sending } from "./generator.ts";
import type { LedgerOptions } from "./options.ts";
import { perTransaction, readCpu } from "./process-cpu.ts";
import { createRawVm, type RawMeasurement, type RawVm } from "./raw.ts";
import { computeStageLatencies, type Reached } from "./stage-latencies.ts";
import { computeMedian, computePercentiles, round } from "./statistics.ts";
import type { Workload } from "./workload.ts";

export type StageLatency = { readonly p50_ms: number; readonly p99_ms: number };

export type WorkloadRow = {
  readonly workload: string;
  readonly conflicts: string;
  readonly compute_units_per_tx: number;
  readonly raw_tps: number;
  readonly settled_tps: number;
  readonly ratio: number;
  /** What is kept up with, the independent re-execution included. */
  readonly finalized_tps: number;
  readonly stages: Readonly<Record<"sequenced" | "executed" | "settled" | "finalized", StageLatency>>;
  /** Offered while latency was measured. */
  readonly half_load_tps: number;
  readonly executors: number;
  /** By process, from the first submission until all is finalized; signing was before. */
  readonly cpu_us_per_tx: Readonly<Record<string, number>>;
  readonly slices: {
    readonly settled_tps: readonly number[];
    readonly finalized_tps: readonly number[];
    readonly raw_tps: readonly number[];
    readonly transactions: number;
  };
  /** Transactions that were sent again because a queue was full. */
  readonly pushed_back: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Of the receipts looked at, those that say the transaction failed. Must be 0. */
  readonly failed_receipts: number;
  readonly raw_failed: number;
};

/** Share of a slice's transactions that may settle before its clock starts. */
const RAMP = 0.2;
const WARM_UP_TRANSACTIONS = 3_000;
const SLICE_TRANSACTIONS_MAX = 60_000;
const SLICE_DEADLINE_MS = 60_000;
const RAW_TRANSACTIONS_MAX = 6_000;
const TICK_MS = 20;
const HALF = 0.5;
const RECEIPTS_LOOKED_AT = 10;

export async function measureWorkload(
  cluster: Cluster,
  workload: Workload,
  options: LedgerOptions,
  accounts: readonly KeyPair[],
): Promise<WorkloadRow> {
  const raw = createRawVm(accounts, workload.prepared);
  const estimate = await warmUp(cluster, workload, options, raw);
  const saturated: SaturatedSlice[] = [];
  const raws: RawMeasurement[] = [];
  for (let slice = 0; slice < options.slices; slice += 1) {
    const transactions = await createSlice(cluster, workload, (estimate * options.sliceMs) / 1000);
    saturated.push(await runSaturated(cluster, transactions, options));
    raws.push(await raw.measure(transactions.slice(0, RAW_TRANSACTIONS_MAX)));
  }
  const settledTps = computeMedian(saturated.map(({ settled }) => settled));
  const paced: Latencies[] = [];
  for (let slice = 0; slice < options.slices; slice += 1) {
    const count = (settledTps * HALF * options.sliceMs) / 1000;
    paced.push(await runPaced(cluster, await createSlice(cluster, workload, count), settledTps * HALF));
  }
  return toRow({ cluster, workload, saturated, raws, paced });
}

/** Transactions per second to size the slices by. */
async function warmUp(
  cluster: Cluster,
  workload: Workload,
  options: LedgerOptions,
  raw: RawVm,
): Promise<number> {
  let tps = 0;
  for (const share of [1, 2]) {
    const count = share * WARM_UP_TRANSACTIONS * (workload.name === "heavy" ? 0.1 : 1);
    const transactions = await createSlice(cluster, workload, count);
    tps = (await runSaturated(cluster, transactions, options)).settled;
    await raw.measure(transactions.slice(0, RAW_TRANSACTIONS_MAX));
  }
  return tps;
}

async function createSlice(cluster: Cluster, workload: Workload, count: number): Promise<Buffer[]> {
  const bounded = Math.max(100, Math.min(SLICE_TRANSACTIONS_MAX, Math.round(count)));
  return workload.create(bounded, await cluster.getBlockhash());
}

type SaturatedSlice = {
  readonly settled: number;
  readonly finalized: number;
  readonly transactions: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly sending: Sending;
  readonly failedReceipts: number;
};

async function runSaturated(
  cluster: Cluster,
  transactions: readonly Buffer[],
  { callSize, inFlight }: Pick<LedgerOptions, "callSize" | "inFlight">,
): Promise<SaturatedSlice> {
  const { generator, progress, processes } = cluster;
  const signal = AbortSignal.timeout(SLICE_DEADLINE_MS);
  progress.forget();
  const before = readCpu(processes());
  const sending = await generator.saturate(transactions, { callSize, inFlight, signal });
  await progress.waitFor("settled", sending.endSequence, signal);
  await progress.waitFor("finalized", sending.endSequence, signal);
  const cpu = perTransaction(before, readCpu(processes()), transactions.length);
  const settled = computeRate(progress.timeline("settled"), sending);
  const finalized = computeRate(progress.timeline("finalized"), sending);
  const failedReceipts = await countFailed(cluster, sending);
  return { settled, finalized, transactions: transactions.length, cpu, sending, failedReceipts };
}

/** Over the last four fifths of a slice: from when the first fifth had got there until all had. */
export function computeRate(timeline: readonly Reached[], { sent, endSequence }: Sending): number {
  const total = sent.reduce((sum, { count }) => sum + count, 0);
  const first = timeline.find(({ upTo }) => upTo >= endSequence - total * (1 - RAMP));
  const last = timeline.find(({ upTo }) => upTo >= endSequence);
  if (first === undefined || last === undefined || last.at <= first.at) return Number.NaN;
  return ((endSequence - first.upTo) / (last.at - first.at)) * 1000;
}

async function countFailed({ localnet }: Cluster, { sent }: Sending): Promise<number> {
  const step = Math.max(1, Math.floor(sent.length / RECEIPTS_LOOKED_AT));
  let failed = 0;
  for (let index = 0; index < sent.length; index += step) {
    const receipt = await localnet.client.ledger.getReceipt((sent[index]?.first ?? 0) as never);
    if (!receipt.ok || !receipt.value.succeeded) failed += 1;
  }
  return failed;
}

type Latencies = Readonly<Record<"sequenced" | "executed" | "settled" | "finalized", StageLatency>>;

async function runPaced(
  cluster: Cluster,
  transactions: readonly Buffer[],
  perSecond: number,
): Promise<Latencies> {
  const { generator, progress } = cluster;
  const signal = AbortSignal.timeout(SLICE_DEADLINE_MS);
  progress.forget();
  const { sent, answers, endSequence } = await generator.pace(transactions, {
    perSecond,
    tickMs: TICK_MS,
    signal,
  });
  await progress.waitFor("finalized", endSequence, signal);
  const of = (values: Float64Array): StageLatency => {
    const [p50 = Number.NaN, p99 = Number.NaN] = computePercentiles(values, [0.5, 0.99]);
    return { p50_ms: p50, p99_ms: p99 };
  };
  return {
    sequenced: of(
      Float64Array.from(answers.flatMap(({ count, latencyMs }) => new Array<number>(count).fill(latencyMs))),
    ),
    executed: of(computeStageLatencies(sent, progress.timeline("executed"))),
    settled: of(computeStageLatencies(sent, progress.timeline("settled"))),
    finalized: of(computeStageLatencies(sent, progress.timeline("finalized"))),
  };
}

type Measured = {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly saturated: readonly SaturatedSlice[];
  readonly raws: readonly RawMeasurement[];
  readonly paced: readonly Latencies[];
};

function toRow({ cluster, workload, saturated, raws, paced }: Measured): WorkloadRow {
  const settled = computeMedian(saturated.map((slice) => slice.settled));
  const raw = computeMedian(raws.map(({ tps }) => tps));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    workload: workload.name,
    conflicts: workload.conflicts,
    compute_units_per_tx: raws[0]?.computeUnits ?? 0,
    raw_tps: round(raw),
    settled_tps: round(settled),
    ratio: round(settled / raw, 3),
    finalized_tps: round(computeMedian(saturated.map((slice) => slice.finalized))),
    stages: medianLatencies(paced),
    half_load_tps: round(settled * HALF),
    executors: cluster.executors,
    cpu_us_per_tx: medianCpu(saturated.map(({ cpu }) => cpu)),
    slices: {
      settled_tps: saturated.map((slice) => round(slice.settled)),
      finalized_tps: saturated.map((slice) => round(slice.finalized)),
      raw_tps: raws.map(({ tps }) => round(tps)),
      transactions: saturated[0]?.transactions ?? 0,
    },
    pushed_back: sum(saturated.map(({ sending }) => sending.pushedBack)),
    refused: Object.assign({}, ...saturated.map(({ sending }) => sending.refused)) as Record<string, number>,
    failed_receipts: sum(saturated.map(({ failedReceipts }) => failedReceipts)),
    raw_failed: sum(raws.map(({ failed }) => failed)),
  };
}

function medianLatencies(paced: readonly Latencies[]): Latencies {
  const of = (stage: keyof Latencies): StageLatency => ({
    p50_ms: round(computeMedian(paced.map((slice) => slice[stage].p50_ms)), 1),
    p99_ms: round(computeMedian(paced.map((slice) => slice[stage].p99_ms)), 1),
  });
  return {
    sequenced: of("sequenced"),
    executed: of("executed"),
    settled: of("settled"),
    finalized: of("finalized"),
  };
}

function medianCpu(slices: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(slices[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, round(computeMedian(slices.map((slice) => slice[name] ?? 0)), 1)]),
  );
}
