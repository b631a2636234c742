/** Publishes sealed batches in order, straight from memory, and again whenever NATS or an executor lost them. */
import { delay } from "@mira/primitives";
import { withSpan, extractTraceContext } from "@mira/chassis";
import type { Tracer } from "@opentelemetry/api";
import type { BatchStore, Clock, Logger, Outlet } from "../ports.ts";
import { ATTRIBUTE, SPAN } from "../telemetry.ts";
import { createMessages, type SealedWork } from "./unsettled-work.ts";

const RETRY_MS = 200;
/** Batches whose messages are on their way together. */
const BATCHES_AT_ONCE = 4;
/** The cursor is a hint for restarts: what it misses is dropped by its ids. */
const SAVE_EVERY_MS = 1_000;
/** Settlement may be down for long: the same work is offered less and less often. */
const DOUBLINGS_MAX = 5;

export type PublisherOptions = {
  readonly outlet: Outlet;
  readonly store: Pick<BatchStore, "savePublished">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly signal: AbortSignal;
  /** Unsettled work that does not move for this long is published again. */
  readonly stallMs: number;
  readonly republished: (batches: number) => void;
};

/** Bounded by the speculation limit: work leaves when it is settled. */
export class Publisher {
  readonly #options: PublisherOptions;
  /** Unsettled work in order; the first `#publishedCount` of it is published. */
  #work: SealedWork[] = [];
  #publishedCount = 0;
  #wake = Promise.withResolvers<undefined>();
  #savedAt = 0;
  #movedAt: number;
  #round = 0;
  /** Changes when what is being published has to be published again. */
  #generation = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#movedAt = options.clock.now();
  }

  /** How many of the unsettled batches wait to be published. */
  get backlog(): number {
    return this.#work.length - this.#publishedCount;
  }

  add(work: SealedWork): void {
    if (this.#work.length === 0) this.#movedAt = this.#options.clock.now();
    this.#work.push(work);
    this.#wake.resolve(undefined);
  }

  settle(settledBatches: number): void {
    const settled = this.#work.findIndex(({ batchNumber }) => batchNumber >= settledBatches);
    const count = settled === -1 ? this.#work.length : settled;
    if (count === 0) return;
    this.#work = this.#work.slice(count);
    this.#publishedCount = Math.max(0, this.#publishedCount - count);
    this.#movedAt = this.#options.clock.now();
    this.#round = 0;
  }

  /** Everything unsettled once more, with the same ids: what NATS still has it drops. */
  republish(): void {
    if (this.#work.length === 0) return;
    this.#options.republished(this.#publishedCount);
    this.#publishedCount = 0;
    this.#generation++;
    this.#wake.resolve(undefined);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { signal, logger, outlet } = this.#options;
    signal.addEventListener("abort", () => this.#wake.resolve(undefined), { once: true });
    while (!signal.aborted) {
      if (this.backlog === 0) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      try {
        await this.#publishNext();
      } catch (error) {
        logger.warn(
          { error, backlog: this.backlog },
          "publishing failed; streams are declared and it is tried again",
        );
        await delay(RETRY_MS, signal);
        await outlet.declare().catch(() => undefined);
        this.republish();
      }
    }
  }

  /** Runs until the signal aborts: work that leads nowhere is published again, in the end under new ids. */
  async watch(): Promise<void> {
    const { signal, stallMs, clock, logger, outlet } = this.#options;
    while (await delay(stallMs / 2, signal)) {
      const patienceMs = stallMs * 2 ** Math.min(this.#round, DOUBLINGS_MAX);
      const isStalled = this.#publishedCount > 0 && clock.now() - this.#movedAt >= patienceMs;
      if (!isStalled) continue;
      logger.warn(
        { unsettled: this.#work.length, round: this.#round },
        "settlement does not move; publishing again",
      );
      await outlet.declare().catch(() => undefined);
      this.#movedAt = clock.now();
      this.republish();
      this.#round++;
    }
  }

  async #publishNext(): Promise<void> {
    const next = this.#work.slice(this.#publishedCount, this.#publishedCount + BATCHES_AT_ONCE);
    const round = Math.max(0, this.#round - 1);
    const generation = this.#generation;
    await withSpan(
      this.#options.tracer,
      SPAN.publish,
      {
        parent: extractTraceContext({ traceparent: next[0]?.traceparent }),
        attributes: { [ATTRIBUTE.batchNumber]: next[0]?.batchNumber ?? 0 },
      },
      () => this.#options.outlet.publish(next.flatMap((work) => createMessages(work, round))),
    );
    if (generation !== this.#generation) return;
    // Some of it may have been settled meanwhile.
    const last = next.at(-1)?.batchNumber ?? 0;
    const published = this.#work.findIndex(({ batchNumber }) => batchNumber > last);
    this.#publishedCount = published === -1 ? this.#work.length : published;
    await this.#save(last + 1);
  }

  async #save(batches: number): Promise<void> {
    const now = this.#options.clock.now();
    if (now - this.#savedAt < SAVE_EVERY_MS) return;
    this.#savedAt = now;
    await this.#options.store
      .savePublished(batches)
      .catch((error: unknown) => this.#options.logger.warn({ error }, "the published cursor was not saved"));
  }
}
