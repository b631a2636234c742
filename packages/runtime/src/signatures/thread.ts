/** One worker thread of the pool and the chunks it has in hand. */
import { Worker } from "node:worker_threads";
import { packSignedTransactions, type SignedTransaction } from "./packed.ts";
import type { QueuedTransaction } from "./request.ts";

const HASH_BYTES = 32;

export type ChunkRequest = { readonly id: number; readonly packed: Uint8Array };
export type ChunkAnswer = { readonly id: number; readonly valid: Uint8Array; readonly hashes: Uint8Array };

export type ThreadEvents = {
  readonly answered: () => void;
  readonly died: (thread: VerifierThread, error: Error) => void;
};

export class VerifierThread {
  readonly #worker: Worker;
  readonly #inFlight = new Map<number, readonly QueuedTransaction[]>();
  readonly #events: ThreadEvents;
  #nextChunk = 0;
  #isEnding = false;
  #error = new Error("a verifier thread ended");

  constructor(worker: URL, events: ThreadEvents) {
    this.#events = events;
    this.#worker = new Worker(worker, { name: "mira-verifier" });
    this.#worker.unref();
    this.#worker.on("message", (answer: ChunkAnswer) => this.#take(answer));
    this.#worker.on(
      "error",
      (error) => (this.#error = error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on("exit", () => {
      if (!this.#isEnding) events.died(this, this.#error);
    });
  }

  get id(): number {
    return this.#worker.threadId;
  }

  get chunksInFlight(): number {
    return this.#inFlight.size;
  }

  get transactionsInFlight(): number {
    let count = 0;
    for (const chunk of this.#inFlight.values()) count += chunk.length;
    return count;
  }

  get holdsRetry(): boolean {
    for (const chunk of this.#inFlight.values()) if (chunk.some(({ attempts }) => attempts > 0)) return true;
    return false;
  }

  send(chunk: readonly QueuedTransaction[]): void {
    const id = this.#nextChunk++;
    this.#inFlight.set(id, chunk);
    const packed = packSignedTransactions(chunk.map(transactionOf));
    const request: ChunkRequest = { id, packed: new Uint8Array(packed.buffer, 0, packed.length) };
    this.#worker.ref();
    this.#worker.postMessage(request, [packed.buffer as ArrayBuffer]);
  }

  /** The work of a thread that died, oldest first. */
  takeInFlight(): QueuedTransaction[] {
    const lost = [...this.#inFlight.values()].flat();
    this.#inFlight.clear();
    return lost;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #take({ id, valid, hashes }: ChunkAnswer): void {
    const chunk = this.#inFlight.get(id) ?? [];
    this.#inFlight.delete(id);
    if (this.#inFlight.size === 0) this.#worker.unref();
    chunk.forEach(({ request, index }, at) =>
      request.set(index, valid[at] ?? 0, hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
    );
    this.#events.answered();
  }
}

function transactionOf({ request, index }: QueuedTransaction): SignedTransaction {
  const transaction = request.transactions[index];
  if (transaction === undefined) throw new RangeError(`no transaction ${index} in the request`);
  return transaction;
}
