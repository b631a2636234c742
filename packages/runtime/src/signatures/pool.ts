/**
 * Verification in worker threads: small requests are joined, large ones are spread, the queue is bounded, and a thread that
 * dies is replaced while its work is done again.
 */
import { invariant, refuse, succeed, type Result } from "@mira/primitives";
import type { SignedTransaction, Verdicts } from "./packed.ts";
import { VerifierThread } from "./thread.ts";
import { VerifyRequest, type QueuedTransaction } from "./request.ts";

/** 64 verifications are some 3 ms: long against a message between threads, short against a deadline. */
const CHUNK_TRANSACTIONS_MAX = 64;
/** One being verified, one waiting: a thread never idles for the round trip. */
const CHUNKS_PER_THREAD_MAX = 2;
const ATTEMPTS_MAX = 3;
/** Deaths in a row, without one answer between: then the fault is not in the work. */
const DEATHS_MAX = 8;
const RETRY_AFTER_MS = 50;

export type VerifierPoolOptions = {
  readonly threads: number;
  /** Transactions, waiting or being verified. */
  readonly queueLimit: number;
  /** Code of a thread; another one than ours only in tests. */
  readonly worker?: URL;
};

const WORKER = new URL("./worker.ts", import.meta.url);

export type VerifierPool = {
  /** Rejects when the signal aborts, or when threads die again and again. */
  readonly verify: (
    transactions: readonly SignedTransaction[],
    signal?: AbortSignal,
  ) => Promise<Result<Verdicts, "OVERLOADED" | "DRAINING">>;
  /** Finishes what is queued, then ends the threads. */
  readonly close: () => Promise<void>;
};

export function createVerifierPool(options: VerifierPoolOptions): VerifierPool {
  const pool = new Pool(options);
  return {
    verify: (transactions, signal) => pool.verify(transactions, signal),
    close: () => pool.close(),
  };
}

class Pool {
  readonly #queueLimit: number;
  readonly #worker: URL;
  readonly #threads: VerifierThread[];
  readonly #queue: QueuedTransaction[] = [];
  readonly #idle = Promise.withResolvers<undefined>();
  #deathsInARow = 0;
  #isDispatchDue = false;
  #isClosing = false;
  #broken: Error | undefined;

  constructor({ threads, queueLimit, worker = WORKER }: VerifierPoolOptions) {
    invariant(threads >= 1 && queueLimit >= 1, "a pool has at least one thread and room for one transaction");
    this.#queueLimit = queueLimit;
    this.#worker = worker;
    this.#threads = Array.from({ length: threads }, () => this.#spawn());
  }

  async verify(
    transactions: readonly SignedTransaction[],
    signal?: AbortSignal,
  ): Promise<Result<Verdicts, "OVERLOADED" | "DRAINING">> {
    signal?.throwIfAborted();
    if (this.#broken !== undefined) throw new Error("the verifier's threads die", { cause: this.#broken });
    if (this.#isClosing) return refuse("DRAINING", "The verifier is closing.");
    const left = this.#queueLimit - this.#countPending();
    if (transactions.length > left) return refuseOverloaded(transactions.length, left);
    const request = new VerifyRequest(transactions, signal);
    for (let index = 0; index < transactions.length; index++)
      this.#queue.push({ request, index, attempts: 0 });
    this.#dispatchSoon();
    return succeed(await request.verdicts);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#dispatchSoon();
    await this.#idle.promise;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #spawn(): VerifierThread {
    return new VerifierThread(this.#worker, {
      answered: () => {
        this.#deathsInARow = 0;
        this.#dispatch();
      },
      died: (thread, error) => this.#replace(thread, error),
    });
  }

  /** What comes in within one turn of the event loop goes out together. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return;
    this.#isDispatchDue = true;
    setImmediate(() => {
      this.#isDispatchDue = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (let depth = 0; depth < CHUNKS_PER_THREAD_MAX; depth++)
      for (const thread of this.#threads) {
        if (!this.#isFree(thread, depth)) continue;
        const chunk = this.#takeChunk();
        if (chunk.length > 0) thread.send(chunk);
      }
    if (this.#isClosing && this.#countPending() === 0) this.#idle.resolve(undefined);
  }

  /** What was in a thread that died goes alone into an idle one: whichever transaction kills, it takes no other with it. */
  #isFree(thread: VerifierThread, depth: number): boolean {
    return !thread.holdsRetry && thread.chunksInFlight <= (this.#isRetryNext() ? 0 : depth);
  }

  #isRetryNext(): boolean {
    return (this.#queue[0]?.attempts ?? 0) > 0;
  }

  /** An even share, so that a burst ends on all threads at once. What callers have given up is dropped here. */
  #takeChunk(): QueuedTransaction[] {
    const even = Math.min(Math.ceil(this.#queue.length / this.#threads.length), CHUNK_TRANSACTIONS_MAX);
    let chunk: QueuedTransaction[] = [];
    while (chunk.length === 0 && this.#queue.length > 0) {
      const share = this.#isRetryNext() ? 1 : even;
      chunk = this.#queue.splice(0, share).filter(({ request }) => !request.isSettled);
    }
    return chunk;
  }

  #replace(dead: VerifierThread, error: Error): void {
    const lost = dead.takeInFlight();
    this.#deathsInARow++;
    if (this.#deathsInARow > DEATHS_MAX) {
      this.#broken = error;
      for (const { request } of [...lost, ...this.#queue.splice(0)]) request.fail(error);
      this.#dispatch();
      return;
    }
    for (const item of lost) item.attempts++;
    this.#queue.unshift(...lost.filter(({ attempts }) => attempts < ATTEMPTS_MAX));
    for (const { request, attempts } of lost) if (attempts >= ATTEMPTS_MAX) request.fail(error);
    this.#threads[this.#threads.indexOf(dead)] = this.#spawn();
    this.#dispatchSoon();
  }

  #countPending(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.transactionsInFlight, this.#queue.length);
  }
}

function refuseOverloaded(needed: number, left: number): Result<never, "OVERLOADED"> {
  return refuse("OVERLOADED", "The verifier's queue is full.", {
    needed,
    left,
    retryAfterMs: RETRY_AFTER_MS,
  });
}
