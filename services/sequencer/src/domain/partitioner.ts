/** Cuts a batch into partitions: few large pieces when conflicts are few, a cut lane schedule when they are many. */
import { ComponentPacker } from "./component-packer.ts";
import type { Cut, CutCosts, CutLimits } from "./cut.ts";
import { LaneCutter } from "./lane-cutter.ts";
import { LaneSchedule } from "./lane-schedule.ts";
import { LockGraph, type BatchLocks } from "./lock-graph.ts";
import { estimateMakespanUs } from "./makespan.ts";

export type PartitionerOptions = {
  /** Executors expected to work at once. */
  readonly lanes: number;
  readonly limits: CutLimits;
  readonly costs: CutCosts;
};

/** A piece should hold at least this many times the work that a partition costs by itself. */
const PIECE_WORTH = 4;
/** Packing whole components is kept while it is within this factor of what no schedule can beat. */
const PACKING_SLACK = 1.1;
/** Cutting finer is bought with at most this share of the work itself: executors busy with messages execute nothing. */
const OVERHEAD_SHARE_MAX = 0.25;

/** Keeps its buffers from batch to batch. A cut is the same for the same batch and options. */
export class Partitioner {
  readonly graph = new LockGraph();
  readonly #options: PartitionerOptions;
  readonly #packer = new ComponentPacker();
  readonly #schedule = new LaneSchedule();
  readonly #cutter = new LaneCutter();

  constructor(options: PartitionerOptions) {
    this.#options = options;
  }

  cut(locks: BatchLocks): Cut {
    const { limits, costs } = this.#options;
    const graph = this.graph;
    graph.build(locks);
    const lanes = this.#countWorthwhileLanes(graph.totalUs);
    const packed = this.#packer.pack(graph, locks, lanes, limits);
    const boundUs = Math.max(graph.criticalPathUs, graph.totalUs / lanes);
    if (lanes === 1 || this.#packer.heaviestUs <= boundUs * PACKING_SLACK) return packed;
    const scheduled = this.cutSchedule(locks, lanes);
    if (scheduled.partitions * costs.partitionUs > graph.totalUs * OVERHEAD_SHARE_MAX) return packed;
    const packedUs = estimateMakespanUs(packed, graph, locks, costs);
    return estimateMakespanUs(scheduled, graph, locks, costs) < packedUs ? scheduled : packed;
  }

  /** The cut lane schedule of the graph built last, whether it pays or not. */
  cutSchedule(locks: BatchLocks, lanes: number): Cut {
    this.#schedule.run(this.graph, locks, lanes, this.#options.costs.hopUs);
    return this.#cutter.cut(this.graph, this.#schedule, locks, { ...this.#options, lanes });
  }

  #countWorthwhileLanes(totalUs: number): number {
    const pieces = Math.floor(totalUs / (this.#options.costs.partitionUs * PIECE_WORTH));
    return Math.max(1, Math.min(this.#options.lanes, pieces));
  }
}
