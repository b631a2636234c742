/** Collects the results of one batch until every transaction is covered by exactly one of them. */
import type { Result } from "@mira/primitives";
import { NOBODY, admitResult, type Admission } from "./admit-result.ts";
import type { BatchFacts, ResultFacts } from "./facts.ts";

export type Assembled<Payload> = { readonly facts: ResultFacts; readonly payload: Payload };

export class Assembly<Payload> {
  readonly batch: BatchFacts;
  readonly #results = new Map<number, Assembled<Payload>>();
  readonly #coveredBy: Int32Array;
  readonly #attempts: Uint8Array;
  #next = 0;
  #covered = 0;

  constructor(batch: BatchFacts) {
    this.batch = batch;
    this.#coveredBy = new Int32Array(batch.count).fill(NOBODY);
    this.#attempts = new Uint8Array(batch.count);
  }

  get isComplete(): boolean {
    return this.#covered === this.batch.count;
  }

  get coveredCount(): number {
    return this.#covered;
  }

  /** In the order of their first transaction, so that the same results are judged and packed in the same order. */
  listResults(): ReadonlyArray<Assembled<Payload> & { readonly slot: number }> {
    return [...this.#results]
      .map(([slot, result]) => ({ slot, ...result }))
      .sort((left, right) => (left.facts.sequences[0] ?? 0) - (right.facts.sequences[0] ?? 0));
  }

  add(facts: ResultFacts, payload: Payload): Result<Admission, "RESULT_WRONG_BATCH" | "RESULT_INCOMPLETE"> {
    const admission = admitResult(this.batch, facts, this.#coveredBy);
    if (!admission.ok || admission.value === "duplicate") return admission;
    const slot = this.#next++;
    this.#results.set(slot, { facts, payload });
    for (const sequence of facts.sequences) this.#coveredBy[sequence - this.batch.firstSequence] = slot;
    this.#covered += facts.sequences.length;
    return admission;
  }

  /** Takes a refused result out; its transactions are open again. */
  remove(slot: number): void {
    const result = this.#results.get(slot);
    if (result === undefined) return;
    this.#results.delete(slot);
    for (const sequence of result.facts.sequences)
      this.#coveredBy[sequence - this.batch.firstSequence] = NOBODY;
    this.#covered -= result.facts.sequences.length;
  }

  /** Counts a refusal of these transactions; says how many there have been of the one refused most often. */
  countAttempt(sequences: Iterable<number>): number {
    let most = 0;
    for (const sequence of sequences) {
      const at = sequence - this.batch.firstSequence;
      if (at < 0 || at >= this.batch.count) continue;
      const attempts = Math.min(255, (this.#attempts[at] ?? 0) + 1);
      this.#attempts[at] = attempts;
      most = Math.max(most, attempts);
    }
    return most;
  }

  find(sequence: number): (Assembled<Payload> & { readonly receipt: number }) | undefined {
    const slot = this.#coveredBy[sequence - this.batch.firstSequence] ?? NOBODY;
    const result = this.#results.get(slot);
    return result === undefined
      ? undefined
      : { ...result, receipt: result.facts.sequences.indexOf(sequence) };
  }

  /** Transactions, by place in the batch, that no result covers. */
  listUncovered(): number[] {
    const places: number[] = [];
    for (let place = 0; place < this.batch.count; place++)
      if (this.#coveredBy[place] === NOBODY) places.push(place);
    return places;
  }

  /** Transactions covered without a gap from the first on. */
  countCoveredPrefix(): number {
    let count = 0;
    while (count < this.batch.count && this.#coveredBy[count] !== NOBODY) count++;
    return count;
  }
}
