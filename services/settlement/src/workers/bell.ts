/** Wakes a worker: a ring while nobody waits is heard by the next wait. */
import { delay } from "@mira/primitives";

export class Bell {
  #rung = false;
  #wake: () => void = () => undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake();
  };

  /** Resolves at the next ring, after `durationMs`, or when the signal aborts. */
  async wait(durationMs: number, signal: AbortSignal): Promise<void> {
    const early = new AbortController();
    this.#wake = () => early.abort();
    if (!this.#rung) await delay(durationMs, AbortSignal.any([signal, early.signal]));
    this.#rung = false;
  }
}
