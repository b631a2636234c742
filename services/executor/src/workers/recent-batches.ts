/** Sealed batches from the stream, kept until they are final; older ones are asked of the sequencer. */
import { decodeSealedBatch, WireError } from "@mira/runtime/wire";
import type { SealedBatches } from "../ports.ts";

/** More than can be unsettled; beyond it the oldest goes, and the sequencer still has it. */
const KEPT_MAX = 1_024;

export class RecentBatches implements SealedBatches {
  readonly #source: SealedBatches;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(source: SealedBatches) {
    this.#source = source;
  }

  put(bytes: Uint8Array): void {
    try {
      this.#kept.set(decodeSealedBatch(bytes).header.batchNumber, bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }

  forgetBelow(batchNumber: number): void {
    for (const kept of this.#kept.keys()) if (kept < batchNumber) this.#kept.delete(kept);
  }

  async readSealed(batchNumber: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#kept.get(batchNumber) ?? this.#source.readSealed(batchNumber, signal);
  }
}
