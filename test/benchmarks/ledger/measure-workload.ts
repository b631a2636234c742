/** One workload on a running cluster: warmed up, then slices at saturation beside the bare VM, then slices at half of that load. */
import type { KeyPair } from "@mira/primitives";
import type { Cluster } from "./cluster.ts";
import type { LedgerOptions } from "./options.ts";
import { runPaced, type Latencies, type PacedSlice, type StageLatency } from "./paced-slice.ts";
import { createRawVm, type RawMeasurement, type RawVm } from "./raw.ts";
import { createSlice, runSaturated, type SaturatedSlice } from "./saturated-slice.ts";
import { computeMedian, round } from "./statistics.ts";
import type { Workload } from "./workload.ts";

export type WorkloadRow = {
  readonly workload: string;
  readonly conflicts: string;
  readonly compute_units_per_tx: number;
  readonly raw_tps: number;
  readonly raw_cpu_us_per_tx: number;
  readonly settled_tps: number;
  readonly ratio: number;
  /** As settled, but until all is finalized, less the challenge window: the independent re-execution has to keep up. */
  readonly finalized_tps: number;
  readonly stages: Readonly<Record<"sequenced" | "executed" | "settled" | "finalized", StageLatency>>;
  /** Offered while latency was measured. */
  readonly half_load_tps: number;
  readonly executors: number;
  /** By process, from the first submission until all is finalized; signing was before. */
  readonly cpu_us_per_tx: Readonly<Record<string, number>>;
  /** Transactions per sealed batch. */
  readonly batch_size: { readonly saturated: number; readonly half_load: number };
  readonly half_load_cpu_us_per_tx: Readonly<Record<string, number>>;
  /** Share of the machine that others used meanwhile: the figures hold for a machine of one's own when it is near 0. */
  readonly foreign_cpu_share: number;
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

const WARM_UP_TRANSACTIONS = 3_000;
/** Growing slices: what a process compiles when it is busy is compiled before anything is measured. */
const WARM_UP_SHARES = [1, 3, 6];
const RAW_TRANSACTIONS_MAX = 6_000;
const HALF = 0.5;

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
  const paced: PacedSlice[] = [];
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
  for (const share of WARM_UP_SHARES) {
    const count = share * WARM_UP_TRANSACTIONS * (workload.name === "heavy" ? 0.1 : 1);
    const transactions = await createSlice(cluster, workload, count);
    tps = (await runSaturated(cluster, transactions, options)).settled;
    await raw.measure(transactions.slice(0, RAW_TRANSACTIONS_MAX));
  }
  return tps;
}

type Measured = {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly saturated: readonly SaturatedSlice[];
  readonly raws: readonly RawMeasurement[];
  readonly paced: readonly PacedSlice[];
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
    raw_cpu_us_per_tx: round(computeMedian(raws.map(({ cpuUs }) => cpuUs)), 1),
    settled_tps: round(settled),
    ratio: round(settled / raw, 3),
    finalized_tps: round(computeMedian(saturated.map((slice) => slice.finalized))),
    stages: medianLatencies(paced.map(({ latencies }) => latencies)),
    half_load_tps: round(settled * HALF),
    executors: cluster.executors,
    cpu_us_per_tx: medianCpu(saturated.map(({ cpu }) => cpu)),
    batch_size: {
      saturated: round(computeMedian(saturated.map(({ batchSize }) => batchSize))),
      half_load: round(computeMedian(paced.map(({ batchSize }) => batchSize))),
    },
    half_load_cpu_us_per_tx: medianCpu(paced.map(({ cpu }) => cpu)),
    foreign_cpu_share: round(computeMedian(saturated.map(({ foreign }) => foreign)), 2),
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
