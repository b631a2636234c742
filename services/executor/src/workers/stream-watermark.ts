/** Knows up to when a followed stream has been read: "the cache is current" is proved, not assumed. */
import type { UnixMs } from "@mira/primitives";
import type { Watermark } from "../ports.ts";

export type WatermarkParts = {
  /** Sequence of the stream's last message, asked of the server now. */
  readonly readLastSequence: () => Promise<number>;
};

export class StreamWatermark implements Watermark {
  readonly #parts: WatermarkParts;
  #position = 0;
  #readUntil = 0;
  /** How often the stream was lost: sequences of one life mean nothing in the next. */
  #life = 0;
  #asking: Promise<number> | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(parts: WatermarkParts) {
    this.#parts = parts;
  }

  /** The follower begins with this message; what came before is as good as read. */
  startAt(sequence: number): void {
    this.#position = sequence - 1;
  }

  /** The follower has handled this message. */
  advance(sequence: number, publishedAt: UnixMs): void {
    this.#position = sequence;
    this.#readUntil = Math.max(this.#readUntil, publishedAt);
    for (const wake of this.#waiting) wake();
  }

  /** The stream was lost and begins again. */
  reset(): void {
    this.#position = 0;
    this.#life++;
    for (const wake of this.#waiting) wake();
  }

  /** A message published later than that has been read, or the server says that there is none beyond what has been read. */
  async reach(publishedAt: UnixMs, signal: AbortSignal): Promise<void> {
    if (this.#readUntil > publishedAt) return;
    // Asked after the message in question was published: what the answer covers includes all that came before it.
    let life = this.#life;
    let last = await this.#askLast();
    while (this.#position < last && this.#readUntil <= publishedAt) {
      signal.throwIfAborted();
      await this.#waitForAdvance(signal);
      if (life === this.#life) continue;
      life = this.#life;
      last = await this.#askLast();
    }
  }

  /** One question at a time; those who come while it is under way ask a new one together. */
  async #askLast(): Promise<number> {
    const underWay = this.#asking;
    if (underWay !== undefined) await underWay.catch(() => undefined);
    this.#asking ??= this.#parts.readLastSequence().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #waitForAdvance(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
  }
}
