/** One caller's transactions on their way through the pool: filled in piece by piece, answered once. */
import { invariant } from "@mira/primitives";
import type { SignedTransaction, Verdicts } from "./packed.ts";

const HASH_BYTES = 32;

export type QueuedTransaction = {
  readonly request: VerifyRequest;
  readonly index: number;
  /** Threads that died with it. */
  attempts: number;
};

export class VerifyRequest {
  readonly transactions: readonly SignedTransaction[];
  readonly verdicts: Promise<Verdicts>;
  readonly #valid: Uint8Array;
  readonly #hashes: Uint8Array;
  readonly #resolve: (verdicts: Verdicts) => void;
  readonly #reject: (error: Error) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #missing: number;
  #isSettled = false;

  constructor(transactions: readonly SignedTransaction[], signal?: AbortSignal) {
    for (const { sessionKey } of transactions)
      invariant(sessionKey === undefined || sessionKey.length === 32, "a session key has 32 bytes");
    const { promise, resolve, reject } = Promise.withResolvers<Verdicts>();
    this.transactions = transactions;
    this.verdicts = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#valid = new Uint8Array(transactions.length);
    this.#hashes = new Uint8Array(transactions.length * HASH_BYTES);
    this.#missing = transactions.length;
    this.#signal = signal;
    this.#onAbort = () => this.fail(new Error("verification was given up", { cause: signal?.reason }));
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#missing === 0) this.#succeed();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  set(index: number, valid: number, hash: Uint8Array): void {
    this.#valid[index] = valid;
    this.#hashes.set(hash, index * HASH_BYTES);
    this.#missing--;
    if (this.#missing === 0) this.#succeed();
  }

  fail(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  #succeed(): void {
    if (this.#settle()) this.#resolve({ valid: this.#valid, hashes: this.#hashes });
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
