/**
 * List scheduling of a lock graph onto lanes (Graham 1969), driven by simulated time: a free lane takes the most urgent
 * transaction that is ready for it. What was written on another lane arrives `hopUs` later, so a transaction is offered first to
 * the lane that finished its last predecessor, and to everyone once the hop has passed.
 */
import type { BatchLocks, LockGraph } from "./lock-graph.ts";
import { ReadyHeap } from "./ready-heap.ts";

const NONE = -1;

/** Buffers are kept from batch to batch; the contents hold until the next `run`. */
export class LaneSchedule {
  /** By transaction. */
  laneOf = new Uint16Array(0);
  startUs = new Float64Array(0);
  finishUs = new Float64Array(0);
  /** Transactions in order of their start. */
  order = new Uint32Array(0);

  #waiting = new Uint32Array(0);
  #taken = new Uint8Array(0);
  #offered = new Uint32Array(0);
  #offeredAtUs = new Float64Array(0);
  #offeredHead = 0;
  #offeredTail = 0;
  #scheduled = 0;
  #everyone = new ReadyHeap();
  #near: ReadyHeap[] = [];
  /** What each lane runs, or -1. */
  #running = new Int32Array(0);

  run(graph: LockGraph, locks: BatchLocks, lanes: number, hopUs: number): void {
    this.#reserve(graph.count, lanes);
    this.#offerSources(graph);
    for (let nowUs = 0; this.#scheduled < graph.count;) {
      this.#assign(graph, locks, lanes, nowUs);
      nowUs = this.#findNextInstant(lanes);
      this.#finishDue(graph, lanes, nowUs, hopUs);
      this.#releaseOffers(graph, nowUs);
    }
  }

  #assign(graph: LockGraph, locks: BatchLocks, lanes: number, nowUs: number): void {
    for (let lane = 0; lane < lanes; lane++) {
      if (this.#running[lane] !== NONE) continue;
      const transaction = this.#take(graph, lane);
      if (transaction === NONE) continue;
      this.#taken[transaction] = 1;
      this.laneOf[transaction] = lane;
      this.startUs[transaction] = nowUs;
      this.finishUs[transaction] = nowUs + (locks.weightsUs[transaction] ?? 0);
      this.order[this.#scheduled++] = transaction;
      this.#running[lane] = transaction;
    }
  }

  /** The more urgent of what only this lane has at hand and of what everyone has; its own on a tie. */
  #take(graph: LockGraph, lane: number): number {
    const near = this.#near[lane] ?? this.#everyone;
    const own = this.#skipTaken(near, graph.bottomUs);
    const open = this.#skipTaken(this.#everyone, graph.bottomUs);
    if (own === NONE && open === NONE) return NONE;
    if (own === NONE) return this.#everyone.pop(graph.bottomUs);
    if (open === NONE) return near.pop(graph.bottomUs);
    const ownFirst = (graph.bottomUs[own] ?? 0) >= (graph.bottomUs[open] ?? 0);
    return (ownFirst ? near : this.#everyone).pop(graph.bottomUs);
  }

  #skipTaken(heap: ReadyHeap, urgency: Float64Array): number {
    let top = heap.peek();
    while (top !== NONE && this.#taken[top] === 1) {
      heap.pop(urgency);
      top = heap.peek();
    }
    return top;
  }

  #findNextInstant(lanes: number): number {
    let nextUs =
      this.#offeredHead < this.#offeredTail ? (this.#offeredAtUs[this.#offeredHead] ?? 0) : Infinity;
    for (let lane = 0; lane < lanes; lane++) {
      const transaction = this.#running[lane] ?? NONE;
      if (transaction === NONE) continue;
      const finishUs = this.finishUs[transaction] ?? 0;
      if (finishUs < nextUs) nextUs = finishUs;
    }
    return nextUs;
  }

  #finishDue(graph: LockGraph, lanes: number, nowUs: number, hopUs: number): void {
    for (let lane = 0; lane < lanes; lane++) {
      const transaction = this.#running[lane] ?? NONE;
      if (transaction === NONE || (this.finishUs[transaction] ?? 0) > nowUs) continue;
      this.#running[lane] = NONE;
      let edge = transaction === 0 ? 0 : (graph.succEnds[transaction - 1] ?? 0);
      for (const end = graph.succEnds[transaction] ?? 0; edge < end; edge++) {
        const successor = graph.succs[edge] ?? 0;
        const left = (this.#waiting[successor] ?? 0) - 1;
        this.#waiting[successor] = left;
        if (left === 0) this.#offer(graph, successor, lane, nowUs, hopUs);
      }
    }
  }

  #offer(graph: LockGraph, transaction: number, lane: number, nowUs: number, hopUs: number): void {
    if (this.#isAtHand(graph, transaction, lane, nowUs - hopUs))
      this.#near[lane]?.push(transaction, graph.bottomUs);
    this.#offered[this.#offeredTail] = transaction;
    this.#offeredAtUs[this.#offeredTail++] = nowUs + hopUs;
  }

  /** Whether everything the transaction waits for from other lanes had finished by `beforeUs`. */
  #isAtHand(graph: LockGraph, transaction: number, lane: number, beforeUs: number): boolean {
    let edge = transaction === 0 ? 0 : (graph.predEnds[transaction - 1] ?? 0);
    for (const end = graph.predEnds[transaction] ?? 0; edge < end; edge++) {
      const pred = graph.preds[edge] ?? 0;
      if (this.laneOf[pred] !== lane && (this.finishUs[pred] ?? 0) > beforeUs) return false;
    }
    return true;
  }

  /** The hop is the same for all, so offers fall due in the order they were made. */
  #releaseOffers(graph: LockGraph, nowUs: number): void {
    for (; this.#offeredHead < this.#offeredTail; this.#offeredHead++) {
      if ((this.#offeredAtUs[this.#offeredHead] ?? 0) > nowUs) return;
      const transaction = this.#offered[this.#offeredHead] ?? 0;
      if (this.#taken[transaction] === 0) this.#everyone.push(transaction, graph.bottomUs);
    }
  }

  #offerSources(graph: LockGraph): void {
    for (let transaction = 0, before = 0; transaction < graph.count; transaction++) {
      const end = graph.predEnds[transaction] ?? 0;
      this.#waiting[transaction] = end - before;
      if (end === before) this.#everyone.push(transaction, graph.bottomUs);
      before = end;
    }
  }

  #reserve(count: number, lanes: number): void {
    if (this.order.length < count) {
      const size = count * 2;
      this.laneOf = new Uint16Array(size);
      this.startUs = new Float64Array(size);
      this.finishUs = new Float64Array(size);
      this.order = new Uint32Array(size);
      this.#waiting = new Uint32Array(size);
      this.#taken = new Uint8Array(size);
      this.#offered = new Uint32Array(size);
      this.#offeredAtUs = new Float64Array(size);
    }
    while (this.#near.length < lanes) this.#near.push(new ReadyHeap());
    if (this.#running.length < lanes) this.#running = new Int32Array(lanes);
    for (const heap of this.#near) heap.clear();
    this.#everyone.clear();
    this.#running.fill(NONE);
    this.#taken.fill(0, 0, count);
    this.#offeredHead = this.#offeredTail = this.#scheduled = 0;
  }
}
