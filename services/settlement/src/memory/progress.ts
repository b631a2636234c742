/** How far each stage has come, and those who wait for it. Only ever goes forward. */
import { invariant, type Result } from "@mira/primitives";
import { Waiters } from "../domain/waiters.ts";

export type Stage = "processed" | "confirmed" | "finalized";

export type ProgressCounts = {
  /** Sequence numbers 0..n-1 have a result. */
  readonly executedSequence: number;
  readonly settledBatches: number;
  readonly settledSequence: number;
  readonly finalizedBatches: number;
  readonly finalizedSequence: number;
};

export class Progress {
  #counts: ProgressCounts = {
    executedSequence: 0,
    settledBatches: 0,
    settledSequence: 0,
    finalizedBatches: 0,
    finalizedSequence: 0,
  };
  readonly #sequences: Readonly<Record<Stage, Waiters>>;
  readonly #batches: Waiters;
  readonly #listeners = new Set<() => void>();

  constructor({ waitersMax }: { readonly waitersMax: number }) {
    this.#sequences = {
      processed: new Waiters(waitersMax),
      confirmed: new Waiters(waitersMax),
      finalized: new Waiters(waitersMax),
    };
    this.#batches = new Waiters(waitersMax);
  }

  get counts(): ProgressCounts {
    return this.#counts;
  }

  get waiting(): number {
    const { processed, confirmed, finalized } = this.#sequences;
    return processed.waiting + confirmed.waiting + finalized.waiting + this.#batches.waiting;
  }

  /** Resolves with true when the sequence number has reached the stage. */
  waitForSequence(
    stage: Stage,
    sequence: number,
    signal: AbortSignal,
  ): Result<Promise<boolean>, "OVERLOADED"> {
    return this.#sequences[stage].wait(sequence + 1, signal);
  }

  /** Resolves with true when this many batches are settled. */
  waitForBatches(count: number, signal: AbortSignal): Result<Promise<boolean>, "OVERLOADED"> {
    return this.#batches.wait(count, signal);
  }

  advance(to: Partial<ProgressCounts>): void {
    const next = { ...this.#counts, ...to };
    next.executedSequence = Math.max(next.executedSequence, next.settledSequence);
    invariant(
      next.settledBatches >= this.#counts.settledBatches &&
        next.finalizedBatches >= this.#counts.finalizedBatches,
      "progress goes forward",
    );
    invariant(next.finalizedBatches <= next.settledBatches, "nothing is finalized before it is settled");
    this.#counts = next;
    this.#sequences.processed.advance(next.executedSequence);
    this.#sequences.confirmed.advance(next.settledSequence);
    this.#sequences.finalized.advance(next.finalizedSequence);
    this.#batches.advance(next.settledBatches);
    for (const listener of this.#listeners) listener();
  }

  /** Returns what removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
