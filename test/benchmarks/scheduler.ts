/**
 * How parallel the sequencer's partitions are and what cutting them costs. Achieved parallelism is the batch's work over the
 * simulated makespan; the bound is min(lanes, work / critical path), which no schedule can beat. Baseline: connected components.
 */
import { createBatchLocks, type LockList } from "../../services/sequencer/src/domain/batch-locks.fixture.ts";
import { ComponentPacker } from "../../services/sequencer/src/domain/component-packer.ts";
import type { Cut } from "../../services/sequencer/src/domain/cut.ts";
import type { BatchLocks } from "../../services/sequencer/src/domain/lock-graph.ts";
import { LockGraph } from "../../services/sequencer/src/domain/lock-graph.ts";
import {
  AS_SETTLED_BEFORE,
  computePartitionInputs,
} from "../../services/sequencer/src/domain/partition-inputs.ts";
import { Partitioner } from "../../services/sequencer/src/domain/partitioner.ts";

const COSTS = { partitionUs: 100, hopUs: 100 };
const LIMITS = { transactionsMax: 256, bytesMax: 900_000 };
const UNLIMITED = { transactionsMax: 65_535, bytesMax: Number.MAX_SAFE_INTEGER };
const LANES = [2, 4, 8, 16];
const BATCHES_PER_CELL = 20;
const REPETITIONS = 15;
/** What every executor pays beside execution, left out of the structural figure and counted in the other. */
const FREE = { partitionUs: 0, hopUs: 0 };

type Workload = {
  readonly name: string;
  readonly weightUs: number;
  readonly create: (size: number, random: () => number) => LockList[];
};

const WORKLOADS: readonly Workload[] = [
  { name: "zipf-0.8, 3 writes, 1 ms", weightUs: 1_000, create: createZipf },
  { name: "zipf-0.8, 3 writes, 25 us", weightUs: 25, create: createZipf },
  { name: "SOL transfers, uniform, 25 us", weightUs: 25, create: createTransfers },
];

export type SchedulerRow = {
  readonly workload: string;
  readonly batch: number;
  readonly lanes: number;
  readonly partitions: number;
  readonly bound: number;
  /** Structure alone: no cost for a partition or for a write that travels. */
  readonly achieved: number;
  readonly ofBound: number;
  /** With 100 us for each partition and 100 us for a write to reach another lane. */
  readonly ofBoundWithCosts: number;
  /** As ofBoundWithCosts, but free executors pull partitions in order, from one queue. */
  readonly ofBoundPulled: number;
  readonly componentsOfBound: number;
  readonly usPerTransaction: number;
};

export function run(): { readonly benchmark: "scheduler"; readonly rows: readonly SchedulerRow[] } {
  const rows: SchedulerRow[] = [];
  for (const workload of WORKLOADS)
    for (const batch of [256, 1_024]) for (const lanes of LANES) rows.push(measure(workload, batch, lanes));
  return { benchmark: "scheduler", rows };
}

function measure(workload: Workload, batch: number, lanes: number): SchedulerRow {
  const random = createRandom(42);
  const batches = Array.from({ length: BATCHES_PER_CELL }, () =>
    createBatchLocks(workload.create(batch, random), () => workload.weightUs),
  );
  const partitioner = new Partitioner({ lanes, limits: LIMITS, costs: COSTS });
  const usPerTransaction = timeCuts(partitioner, batches);
  const cells = batches.map((locks) => measureBatch(partitioner, locks, lanes));
  const average = (pick: (cell: Cell) => number) => round(mean(cells.map(pick)));
  return {
    workload: workload.name,
    batch,
    lanes,
    partitions: Math.round(mean(cells.map((cell) => cell.partitions))),
    bound: average((cell) => cell.bound),
    achieved: average((cell) => cell.bound * cell.ofBound),
    ofBound: average((cell) => cell.ofBound),
    ofBoundWithCosts: average((cell) => cell.ofBoundWithCosts),
    ofBoundPulled: average((cell) => cell.ofBoundPulled),
    componentsOfBound: average((cell) => cell.componentsOfBound),
    usPerTransaction: round(usPerTransaction),
  };
}

/** Median over repetitions on warm code: the first third warms up. */
function timeCuts(partitioner: Partitioner, batches: readonly BatchLocks[]): number {
  const samples: number[] = [];
  const transactions = batches.reduce((sum, locks) => sum + locks.count, 0);
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const startedAt = performance.now();
    for (const locks of batches) {
      const cut = partitioner.cut(locks);
      computePartitionInputs(cut, locks, 0, new Float64Array(locks.accounts).fill(AS_SETTLED_BEFORE));
    }
    samples.push(((performance.now() - startedAt) * 1_000) / transactions);
  }
  return median(samples.slice(REPETITIONS / 3));
}

type Cell = Pick<
  SchedulerRow,
  "partitions" | "bound" | "ofBound" | "ofBoundWithCosts" | "ofBoundPulled" | "componentsOfBound"
>;

function measureBatch(partitioner: Partitioner, locks: BatchLocks, lanes: number): Cell {
  const cut = partitioner.cut(locks);
  const { totalUs, criticalPathUs } = partitioner.graph;
  const bound = Math.min(lanes, totalUs / criticalPathUs);
  const graph = new LockGraph();
  graph.build(locks);
  const components = new ComponentPacker().pack(graph, locks, lanes, UNLIMITED);
  const share = (simulatedUs: number) => totalUs / simulatedUs / bound;
  return {
    partitions: cut.partitions,
    bound,
    ofBound: share(simulate(cut, locks, FREE, "own lane", lanes)),
    ofBoundWithCosts: share(simulate(cut, locks, COSTS, "own lane", lanes)),
    ofBoundPulled: share(simulate(cut, locks, COSTS, "pulled", lanes)),
    componentsOfBound: share(simulate(components, locks, FREE, "own lane", lanes)),
  };
}

/** Runs the partitions by their input versions alone, as executors do: nothing here knows the graph they were cut from. */
function simulate(
  cut: Cut,
  locks: BatchLocks,
  costs: typeof COSTS,
  order: "own lane" | "pulled",
  lanes: number,
): number {
  const before = new Float64Array(locks.accounts).fill(AS_SETTLED_BEFORE);
  const inputs = computePartitionInputs(cut, locks, 0, before);
  const partitionOf = new Uint16Array(locks.count);
  const endUs = new Float64Array(cut.partitions);
  const ranOn = new Int32Array(cut.partitions);
  const freeUs = new Float64Array(lanes);
  for (let partition = 0; partition < cut.partitions; partition++) {
    const place = partition === 0 ? 0 : (cut.ends[partition - 1] ?? 0);
    const members = cut.order.subarray(place, cut.ends[partition]);
    for (const member of members) partitionOf[member] = partition;
    const lane = order === "pulled" ? findEarliest(freeUs) : (cut.lanes[partition] ?? 0);
    const begin = partition === 0 ? 0 : (inputs.ends[partition - 1] ?? 0);
    let startUs = freeUs[lane] ?? 0;
    for (const version of inputs.versions.subarray(begin, inputs.ends[partition])) {
      if (version === AS_SETTLED_BEFORE) continue;
      const from = partitionOf[version - 1] ?? 0;
      startUs = Math.max(startUs, (endUs[from] ?? 0) + (ranOn[from] === lane ? 0 : costs.hopUs));
    }
    const workUs = members.reduce((sum, member) => sum + (locks.weightsUs[member] ?? 0), costs.partitionUs);
    endUs[partition] = freeUs[lane] = startUs + workUs;
    ranOn[partition] = lane;
  }
  return Math.max(...freeUs);
}

function findEarliest(freeUs: Float64Array): number {
  let earliest = 0;
  for (let lane = 1; lane < freeUs.length; lane++)
    if ((freeUs[lane] ?? 0) < (freeUs[earliest] ?? 0)) earliest = lane;
  return earliest;
}

/** Three distinct accounts written, of 10,000, popularity by Zipf's law with exponent 0.8. */
function createZipf(size: number, random: () => number): LockList[] {
  const cumulative: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= 10_000; rank++) cumulative.push((sum += rank ** -0.8));
  return Array.from({ length: size }, () => {
    const accounts = new Set<number>();
    while (accounts.size < 3) accounts.add(findRank(cumulative, random() * sum));
    return [...accounts].map((account) => ({ account, write: true }));
  });
}

function findRank(cumulative: readonly number[], at: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Payer and recipient written, of 100,000 each, uniform; the System program read by all. */
function createTransfers(size: number, random: () => number): LockList[] {
  return Array.from({ length: size }, () => [
    { account: 1 + Math.floor(random() * 100_000), write: true },
    { account: 100_001 + Math.floor(random() * 100_000), write: true },
    { account: 0, write: false },
  ]);
}

/** mulberry32: small, seeded, the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]) =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
const round = (value: number) => Math.round(value * 1_000) / 1_000;

if (import.meta.main) {
  const report = run();
  if (process.argv.includes("--json")) console.log(JSON.stringify(report));
  else console.table(report.rows);
}
