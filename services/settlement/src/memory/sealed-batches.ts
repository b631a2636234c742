/** Sealed batches of settled ones, for their transaction ids: the last few from memory, older ones from the sequencer. */
import { decodeSealedBatch, WireError, type SealedBatch } from "@mira/runtime/wire";
import type { SealedBatchSource } from "../ports.ts";

export class SealedBatches {
  readonly #source: SealedBatchSource;
  readonly #max: number;
  readonly #kept = new Map<number, SealedBatch>();

  constructor(source: SealedBatchSource, max: number) {
    this.#source = source;
    this.#max = max;
  }

  keep(sealed: SealedBatch): void {
    this.#kept.delete(sealed.header.batchNumber);
    this.#kept.set(sealed.header.batchNumber, sealed);
    if (this.#kept.size <= this.#max) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  async find(batchNumber: number, signal: AbortSignal): Promise<SealedBatch | undefined> {
    const kept = this.#kept.get(batchNumber);
    if (kept !== undefined) return kept;
    const bytes = await this.#source.fetch(batchNumber, signal);
    if (bytes === undefined) return undefined;
    const sealed = decode(bytes);
    if (sealed !== undefined) this.keep(sealed);
    return sealed;
  }
}

function decode(bytes: Uint8Array): SealedBatch | undefined {
  try {
    return decodeSealedBatch(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
