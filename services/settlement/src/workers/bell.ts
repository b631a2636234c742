/** Wakes a worker: a ring while nobody waits is heard by the next wait. */
export class Bell {
  #rung = false;
  #wake: () => void = () => undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake();
  };

  /** Resolves at the next ring, after `durationMs`, or when the signal aborts. Plain callbacks: it rings for every result. */
  async wait(durationMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => resolve(undefined);
      const timer = setTimeout(wake, durationMs);
      signal.addEventListener("abort", wake, { once: true });
      this.#wake = wake;
      await promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
    }
    this.#rung = false;
  }
}
