/**
 * Cuts a lane schedule into partitions. A partition starts when all its inputs are there and publishes when all of it is done, so
 * it is cut before a transaction that would make it start later, and before one that would make another lane wait longer.
 */
import { groupByPartition, type Cut, type CutCosts, type CutLimits } from "./cut.ts";
import type { LaneSchedule } from "./lane-schedule.ts";
import type { BatchLocks, LockGraph } from "./lock-graph.ts";

const NONE = -1;

/**
 * Acyclic by construction: partitions are numbered as they begin, and one takes a transaction only when every other partition
 * that this transaction waits for has a lower number and is closed.
 */
export class LaneCutter {
  #partitionOf = new Uint16Array(0);
  /** By lane: the partition still open, or -1. */
  #open = new Int32Array(0);
  /** By partition. */
  #startUs = new Float64Array(0);
  #endUs = new Float64Array(0);
  #deadlineUs = new Float64Array(0);
  #sizes = new Uint32Array(0);
  #bytes = new Uint32Array(0);
  #lanes: number[] = [];
  /** Of the transaction being placed: when its inputs from other lanes are there, and the highest partition among them. */
  #inputsAtUs = 0;
  #newestInput = NONE;

  cut(
    graph: LockGraph,
    schedule: LaneSchedule,
    locks: BatchLocks,
    options: { readonly lanes: number; readonly limits: CutLimits; readonly costs: CutCosts },
  ): Cut {
    this.#reserve(graph.count, options.lanes);
    for (let place = 0; place < graph.count; place++) {
      const transaction = schedule.order[place] ?? 0;
      this.#closeInputs(graph, schedule, transaction, options.costs.hopUs);
      const partition = this.#findPartition(schedule, locks, transaction, options);
      this.#place(graph, schedule, locks, transaction, partition, options.costs.hopUs);
    }
    return groupByPartition(this.#partitionOf, graph.count, this.#lanes);
  }

  /** Closes the partitions on other lanes that the transaction waits for. */
  #closeInputs(graph: LockGraph, schedule: LaneSchedule, transaction: number, hopUs: number): void {
    const lane = schedule.laneOf[transaction] ?? 0;
    let atUs = 0;
    let newest = NONE;
    let edge = transaction === 0 ? 0 : (graph.predEnds[transaction - 1] ?? 0);
    for (const end = graph.predEnds[transaction] ?? 0; edge < end; edge++) {
      const pred = graph.preds[edge] ?? 0;
      const from = schedule.laneOf[pred] ?? 0;
      if (from === lane) continue;
      const partition = this.#partitionOf[pred] ?? 0;
      if (this.#open[from] === partition) this.#open[from] = NONE;
      atUs = Math.max(atUs, (this.#endUs[partition] ?? 0) + hopUs);
      newest = Math.max(newest, partition);
    }
    this.#inputsAtUs = atUs;
    this.#newestInput = newest;
  }

  #findPartition(
    schedule: LaneSchedule,
    locks: BatchLocks,
    transaction: number,
    { limits, costs }: { readonly limits: CutLimits; readonly costs: CutCosts },
  ): number {
    const lane = schedule.laneOf[transaction] ?? 0;
    const open = this.#open[lane] ?? NONE;
    if (open !== NONE) {
      // A wait shorter than what a partition costs is cheaper than a cut.
      const wouldWait =
        this.#newestInput > open || this.#inputsAtUs > (this.#startUs[open] ?? 0) + costs.partitionUs;
      const wouldDelay = (schedule.finishUs[transaction] ?? 0) > (this.#deadlineUs[open] ?? 0);
      const isFull =
        (this.#sizes[open] ?? 0) >= limits.transactionsMax ||
        (this.#bytes[open] ?? 0) + (locks.bytes[transaction] ?? 0) > limits.bytesMax;
      if (!wouldWait && !wouldDelay && !isFull) return open;
    }
    return this.#begin(lane, Math.max(schedule.startUs[transaction] ?? 0, this.#inputsAtUs));
  }

  #begin(lane: number, startUs: number): number {
    const partition = this.#lanes.push(lane) - 1;
    this.#open[lane] = partition;
    this.#startUs[partition] = startUs;
    this.#deadlineUs[partition] = Infinity;
    this.#sizes[partition] = this.#bytes[partition] = 0;
    return partition;
  }

  #place(
    graph: LockGraph,
    schedule: LaneSchedule,
    locks: BatchLocks,
    transaction: number,
    partition: number,
    hopUs: number,
  ): void {
    this.#partitionOf[transaction] = partition;
    this.#endUs[partition] = schedule.finishUs[transaction] ?? 0;
    this.#sizes[partition] = (this.#sizes[partition] ?? 0) + 1;
    this.#bytes[partition] = (this.#bytes[partition] ?? 0) + (locks.bytes[transaction] ?? 0);
    const lane = schedule.laneOf[transaction] ?? 0;
    let deadlineUs = this.#deadlineUs[partition] ?? 0;
    let edge = transaction === 0 ? 0 : (graph.succEnds[transaction - 1] ?? 0);
    for (const end = graph.succEnds[transaction] ?? 0; edge < end; edge++) {
      const successor = graph.succs[edge] ?? 0;
      if (schedule.laneOf[successor] !== lane)
        deadlineUs = Math.min(deadlineUs, (schedule.startUs[successor] ?? 0) - hopUs);
    }
    this.#deadlineUs[partition] = deadlineUs;
  }

  #reserve(count: number, lanes: number): void {
    if (this.#partitionOf.length < count) {
      this.#partitionOf = new Uint16Array(count * 2);
      this.#startUs = new Float64Array(count * 2);
      this.#endUs = new Float64Array(count * 2);
      this.#deadlineUs = new Float64Array(count * 2);
      this.#sizes = new Uint32Array(count * 2);
      this.#bytes = new Uint32Array(count * 2);
    }
    if (this.#open.length < lanes) this.#open = new Int32Array(lanes);
    this.#open.fill(NONE);
    this.#lanes = [];
  }
}
