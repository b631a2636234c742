/** Publishes signed results, several per flush, and only then acknowledges the partitions they answer. */
import type { Logger, OutgoingResult, ResultStream, WorkMessage } from "../ports.ts";

export type PublisherParts = {
  readonly results: ResultStream;
  readonly logger: Logger;
};

type Entry = { readonly message: WorkMessage; readonly result: OutgoingResult };

/** Results of one flush: enough to fill the connection, few enough that the first is not kept waiting for the last. */
const FLUSH_MAX = 32;

export class ResultPublisher {
  readonly #parts: PublisherParts;
  readonly #queue: Entry[] = [];
  #flushing: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** The partition is acknowledged when its result is durable in the stream, and given back when it cannot be published. */
  enqueue(message: WorkMessage, result: OutgoingResult): void {
    this.#queue.push({ message, result });
    this.#flushing ??= this.#flushAll();
  }

  /** Resolves when everything enqueued is answered. */
  async drain(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    // What finishes within one turn of the event loop goes out together.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#flush(this.#queue.splice(0, FLUSH_MAX));
    this.#flushing = undefined;
  }

  async #flush(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#parts.results.publish(entries.map(({ result }) => result));
      for (const { message } of entries) message.ack();
    } catch (error) {
      this.#parts.logger.warn(
        { results: entries.length, reason: String(error) },
        "results could not be published; their partitions are given back",
      );
      for (const { message } of entries) message.nak();
    }
  }
}
