/** Settled batches still in memory: all that are not projected and finalized, and a few before them for those who ask. */
import type { UnixMs } from "@mira/primitives";
import type { SettledBatch } from "@mira/runtime/wire";

export type RecentBatch = { readonly packed: SettledBatch; readonly receiptIds: Uint8Array };

export class RecentBatches {
  readonly #extra: number;
  readonly #batches = new Map<number, RecentBatch>();
  readonly #finalizedAt = new Map<number, UnixMs>();
  #first = 0;
  #next = 0;

  /** `extra`: how many batches are kept after they could be dropped. */
  constructor({ extra }: { readonly extra: number }) {
    this.#extra = extra;
  }

  /** Nothing before `next` will be added. */
  begin(next: number): void {
    this.#first = next;
    this.#next = next;
  }

  get next(): number {
    return this.#next;
  }

  /** Batches from here on are in memory. */
  get first(): number {
    return this.#first;
  }

  add(batch: RecentBatch): void {
    const number = batch.packed.header.batchNumber;
    this.#batches.set(number, batch);
    this.#next = number + 1;
  }

  get(number: number): RecentBatch | undefined {
    return this.#batches.get(number);
  }

  markFinalized(number: number, at: UnixMs): void {
    this.#finalizedAt.set(number, at);
  }

  finalizedAt(number: number): UnixMs | undefined {
    return this.#finalizedAt.get(number);
  }

  /** Nothing below `needed` is needed any more, but for the last few. */
  trim(needed: number): void {
    for (; this.#first < needed - this.#extra; this.#first++) {
      this.#batches.delete(this.#first);
      this.#finalizedAt.delete(this.#first);
    }
  }

  findBatchOf(sequence: number): RecentBatch | undefined {
    let [from, to] = [this.#first, this.#next];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const header = this.#batches.get(middle)?.packed.header;
      if (header === undefined) return undefined;
      const count = this.#batches.get(middle)?.packed.receipts.count ?? 0;
      if (sequence < header.firstSequence) to = middle;
      else if (sequence >= header.firstSequence + count) from = middle + 1;
      else return this.#batches.get(middle);
    }
    return undefined;
  }

  /** Newest first. */
  *listNewestFirst(): Generator<RecentBatch> {
    for (let number = this.#next - 1; number >= this.#first; number--) {
      const batch = this.#batches.get(number);
      if (batch !== undefined) yield batch;
    }
  }
}
