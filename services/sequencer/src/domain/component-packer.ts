/** Packs connected components of the lock graph into one piece per lane: no piece waits for another. Best when conflicts are few. */
import { groupByPartition, type Cut, type CutLimits } from "./cut.ts";
import type { BatchLocks, LockGraph } from "./lock-graph.ts";

const NONE = -1;

export class ComponentPacker {
  /** Heaviest piece of the last `pack`, microseconds. */
  heaviestUs = 0;
  #root = new Int32Array(0);
  #weightUs = new Float64Array(0);
  #laneOf = new Int16Array(0);
  #partitionOf = new Uint16Array(0);

  pack(graph: LockGraph, locks: BatchLocks, lanes: number, limits: CutLimits): Cut {
    this.#reserve(graph.count);
    this.#joinComponents(graph, locks);
    this.#assignLanes(graph, lanes);
    return this.#cut(graph.count, locks, lanes, limits);
  }

  /** A component's root is its first transaction. */
  #joinComponents(graph: LockGraph, locks: BatchLocks): void {
    const root = this.#root;
    for (let transaction = 0, edge = 0; transaction < graph.count; transaction++) {
      root[transaction] = transaction;
      let own = transaction;
      for (const end = graph.predEnds[transaction] ?? 0; edge < end; edge++) {
        const other = this.#findRoot(graph.preds[edge] ?? 0);
        if (other === own) continue;
        root[Math.max(other, own)] = Math.min(other, own);
        own = Math.min(other, own);
      }
    }
    for (let transaction = 0; transaction < graph.count; transaction++) {
      const at = this.#findRoot(transaction);
      this.#weightUs[at] = (this.#weightUs[at] ?? 0) + (locks.weightsUs[transaction] ?? 0);
    }
  }

  #findRoot(transaction: number): number {
    const root = this.#root;
    let at = transaction;
    for (let above = root[at] ?? 0; above !== at; above = root[at] ?? 0) {
      root[at] = root[above] ?? 0;
      at = root[at] ?? 0;
    }
    return at;
  }

  /** Heavy components first and heaviest first, then the many light ones in order: each to the lane with the least work. */
  #assignLanes(graph: LockGraph, lanes: number): void {
    const loadUs = new Float64Array(lanes);
    const heavyUs = graph.totalUs / (lanes * 8);
    const heavy: number[] = [];
    for (let at = 0; at < graph.count; at++) if ((this.#weightUs[at] ?? 0) > heavyUs) heavy.push(at);
    heavy.sort((left, right) => (this.#weightUs[right] ?? 0) - (this.#weightUs[left] ?? 0) || left - right);
    for (const at of heavy) this.#assign(at, loadUs);
    for (let at = 0; at < graph.count; at++) {
      const weightUs = this.#weightUs[at] ?? 0;
      if (weightUs > 0 && weightUs <= heavyUs) this.#assign(at, loadUs);
    }
    this.heaviestUs = loadUs.reduce((most, load) => Math.max(most, load), 0);
  }

  #assign(component: number, loadUs: Float64Array): void {
    let lane = 0;
    for (let other = 1; other < loadUs.length; other++)
      if ((loadUs[other] ?? 0) < (loadUs[lane] ?? 0)) lane = other;
    this.#laneOf[component] = lane;
    loadUs[lane] = (loadUs[lane] ?? 0) + (this.#weightUs[component] ?? 0);
  }

  /** A lane's piece is split, in sequence order, where it would exceed the limits. */
  #cut(count: number, locks: BatchLocks, lanes: number, limits: CutLimits): Cut {
    const open = new Int32Array(lanes).fill(NONE);
    const sizes = new Uint32Array(lanes);
    const bytes = new Float64Array(lanes);
    const partitionLanes: number[] = [];
    for (let transaction = 0; transaction < count; transaction++) {
      const lane = this.#laneOf[this.#findRoot(transaction)] ?? 0;
      const length = locks.bytes[transaction] ?? 0;
      const isFull =
        (sizes[lane] ?? 0) >= limits.transactionsMax || (bytes[lane] ?? 0) + length > limits.bytesMax;
      if (open[lane] === NONE || isFull) {
        open[lane] = partitionLanes.push(lane) - 1;
        sizes[lane] = bytes[lane] = 0;
      }
      sizes[lane] = (sizes[lane] ?? 0) + 1;
      bytes[lane] = (bytes[lane] ?? 0) + length;
      this.#partitionOf[transaction] = open[lane] ?? 0;
    }
    return groupByPartition(this.#partitionOf, count, partitionLanes);
  }

  #reserve(count: number): void {
    if (this.#root.length < count) {
      this.#root = new Int32Array(count * 2);
      this.#weightUs = new Float64Array(count * 2);
      this.#laneOf = new Int16Array(count * 2);
      this.#partitionOf = new Uint16Array(count * 2);
    }
    this.#weightUs.fill(0, 0, count);
  }
}
