/**
 * Dependency graph of a batch from its account locks. Per-account FIFO queues in sequence order, as in agave's unified
 * scheduler: a writer waits for the readers before it, or for the writer before it if nobody read in between; a reader
 * waits for the writer before it. Deterministic, one pass, no retries.
 */
/** A batch as the scheduler sees it: transactions by place in the batch, accounts by dense id. */
export type BatchLocks = {
  readonly count: number;
  /** Account ids are 0..accounts-1. */
  readonly accounts: number;
  /** Transaction t holds locks lockEnds[t-1]..lockEnds[t]; each account once. */
  readonly lockEnds: Uint32Array;
  readonly lockAccounts: Uint32Array;
  /** 1 = write lock. */
  readonly lockWrites: Uint8Array;
  /** Estimated execution time, microseconds, above zero. */
  readonly weightsUs: Float64Array;
  /** Bytes on the wire. */
  readonly bytes: Uint32Array;
};

const NONE = -1;

/** Buffers are kept from batch to batch; the contents hold until the next `build`. */
export class LockGraph {
  count = 0;
  edges = 0;
  totalUs = 0;
  criticalPathUs = 0;
  /** Transaction t waits for preds[predEnds[t-1]..predEnds[t]], each once. */
  predEnds = new Uint32Array(0);
  preds = new Uint32Array(0);
  succEnds = new Uint32Array(0);
  succs = new Uint32Array(0);
  /** Longest remaining path from the transaction's start, its own weight included. */
  bottomUs = new Float64Array(0);

  #lastWriter = new Int32Array(0);
  #readers = new Int32Array(0);
  #nextReader = new Int32Array(0);
  #readerOf = new Uint32Array(0);
  #linkedTo = new Int32Array(0);

  build(locks: BatchLocks): void {
    this.#reserve(locks);
    this.#linkLocks(locks);
    this.#computeBottomLevels(locks.weightsUs);
    this.#invert();
  }

  #linkLocks(locks: BatchLocks): void {
    const { lockEnds, lockAccounts, lockWrites, count } = locks;
    for (let transaction = 0, lock = 0; transaction < count; transaction++) {
      for (const end = lockEnds[transaction] ?? 0; lock < end; lock++) {
        const account = lockAccounts[lock] ?? 0;
        if (lockWrites[lock] === 1) this.#lockForWrite(transaction, account);
        else this.#lockForRead(transaction, account, lock);
      }
      this.predEnds[transaction] = this.edges;
    }
  }

  #lockForWrite(transaction: number, account: number): void {
    let reader = this.#readers[account] ?? NONE;
    if (reader === NONE) this.#link(this.#lastWriter[account] ?? NONE, transaction);
    for (; reader !== NONE; reader = this.#nextReader[reader] ?? NONE)
      this.#link(this.#readerOf[reader] ?? 0, transaction);
    this.#readers[account] = NONE;
    this.#lastWriter[account] = transaction;
  }

  #lockForRead(transaction: number, account: number, lock: number): void {
    this.#link(this.#lastWriter[account] ?? NONE, transaction);
    this.#readerOf[lock] = transaction;
    this.#nextReader[lock] = this.#readers[account] ?? NONE;
    this.#readers[account] = lock;
  }

  #link(pred: number, transaction: number): void {
    if (pred === NONE || pred === transaction || this.#linkedTo[pred] === transaction) return;
    this.#linkedTo[pred] = transaction;
    this.preds[this.edges++] = pred;
  }

  #computeBottomLevels(weightsUs: Float64Array): void {
    const { preds, predEnds, bottomUs, count } = this;
    this.totalUs = 0;
    this.criticalPathUs = 0;
    bottomUs.fill(0, 0, count);
    for (let transaction = count - 1, edge = this.edges - 1; transaction >= 0; transaction--) {
      const weight = weightsUs[transaction] ?? 0;
      const bottom = (bottomUs[transaction] ?? 0) + weight;
      bottomUs[transaction] = bottom;
      this.totalUs += weight;
      if (bottom > this.criticalPathUs) this.criticalPathUs = bottom;
      for (const start = transaction === 0 ? 0 : (predEnds[transaction - 1] ?? 0); edge >= start; edge--) {
        const pred = preds[edge] ?? 0;
        if (bottom > (bottomUs[pred] ?? 0)) bottomUs[pred] = bottom;
      }
    }
  }

  /** Successor lists from predecessor lists, by counting. */
  #invert(): void {
    const { preds, predEnds, succs, succEnds, edges, count } = this;
    succEnds.fill(0, 0, count + 1);
    for (let edge = 0; edge < edges; edge++) {
      const at = (preds[edge] ?? 0) + 1;
      succEnds[at] = (succEnds[at] ?? 0) + 1;
    }
    for (let transaction = 0; transaction < count; transaction++)
      succEnds[transaction + 1] = (succEnds[transaction + 1] ?? 0) + (succEnds[transaction] ?? 0);
    // succEnds[t] is now where t's list begins; filling moves it to where it ends.
    for (let transaction = 0, edge = 0; transaction < count; transaction++) {
      for (const end = predEnds[transaction] ?? 0; edge < end; edge++) {
        const pred = preds[edge] ?? 0;
        const at = succEnds[pred] ?? 0;
        succs[at] = transaction;
        succEnds[pred] = at + 1;
      }
    }
  }

  #reserve(locks: BatchLocks): void {
    const { count, accounts } = locks;
    const lockCount = count === 0 ? 0 : (locks.lockEnds[count - 1] ?? 0);
    this.count = count;
    this.edges = 0;
    if (this.predEnds.length <= count) {
      this.predEnds = new Uint32Array(count * 2 + 2);
      this.succEnds = new Uint32Array(count * 2 + 2);
      this.bottomUs = new Float64Array(count * 2 + 2);
      this.#linkedTo = new Int32Array(count * 2 + 2);
    }
    // A lock gives one edge to what stands before it and, for a reader, one to the writer behind it.
    if (this.preds.length < lockCount * 2) {
      this.preds = new Uint32Array(lockCount * 4);
      this.succs = new Uint32Array(lockCount * 4);
      this.#nextReader = new Int32Array(lockCount * 2);
      this.#readerOf = new Uint32Array(lockCount * 2);
    }
    if (this.#lastWriter.length < accounts) {
      this.#lastWriter = new Int32Array(accounts * 2);
      this.#readers = new Int32Array(accounts * 2);
    }
    this.#lastWriter.fill(NONE, 0, accounts);
    this.#readers.fill(NONE, 0, accounts);
    this.#linkedTo.fill(NONE, 0, count);
  }
}
