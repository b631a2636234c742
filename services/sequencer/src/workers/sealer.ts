/** Seals queued transactions into batches: one commit at a time, and nobody is told before it. */
import { randomUUID } from "node:crypto";
import {
  delay,
  refuse,
  RefusalError,
  type BatchNumber,
  type SequenceNumber,
  type Slot,
  type UnixMs,
} from "@mira/primitives";
import { injectTraceContext, withSpan } from "@mira/chassis";
import { computeBatchHash, encodeSealedBatch, FEE_RULE, type SealedBatchHeader } from "@mira/runtime/wire";
import { SIGNATURE_RULE } from "@mira/runtime/signatures";
import { trace, type Context, type Link, type Tracer } from "@opentelemetry/api";
import type { BlockhashWindow } from "../domain/blockhash-window.ts";
import type { OrderWindow } from "../domain/order-window.ts";
import type { PendingBatch } from "../domain/pending-batch.ts";
import { decideSealing, type SealingPolicy } from "../domain/sealing-policy.ts";
import type { Admitted, BatchStore, Clock, Logger, SealedAppend, Ticket } from "../ports.ts";
import { ATTRIBUTE, SPAN, type SequencerMetrics } from "../telemetry.ts";
import type { SealedWork } from "./unsettled-work.ts";

const RETRY_MS = 100;
/** As collectors bear them. */
const LINKS_MAX = 32;

export type SealerOptions = {
  readonly window: OrderWindow<Admitted>;
  readonly blockhashes: BlockhashWindow;
  readonly policy: SealingPolicy;
  readonly store: Pick<BatchStore, "append">;
  readonly runtimeId: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly metrics: SequencerMetrics;
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal;
  readonly sealed: (work: SealedWork) => void;
  /** The order cannot be continued by this leader. */
  readonly failed: (error: unknown) => void;
};

export class Sealer {
  readonly #options: SealerOptions;
  #arriving = 0;
  #isCommitting = false;
  #isDraining = false;
  /** The order cannot be continued: the window is ahead of the store. */
  #isBroken = false;
  #timer: NodeJS.Timeout | undefined;
  #parentHash: Uint8Array;
  #lastSealedAt = 0;
  #idle = Promise.withResolvers<undefined>();

  constructor(options: SealerOptions, parentHash: Uint8Array) {
    this.#options = options;
    this.#parentHash = parentHash;
  }

  /** Transactions began (+) or ended (-) their way through admission. */
  readonly arriving = (change: number): void => {
    this.#arriving += change;
    if (change < 0) this.wake();
  };

  /** Seals if it is time to, or sets the clock for when it will be. */
  wake(): void {
    const { window, policy, clock, signal } = this.#options;
    if (signal.aborted || this.#isBroken) return;
    const decision = decideSealing(
      policy,
      {
        transactions: window.queued,
        bytes: window.queuedBytes,
        oldestAt: window.oldestAt,
        lastSealedAt: this.#lastSealedAt,
        isCommitting: this.#isCommitting,
        arriving: this.#arriving,
        isDraining: this.#isDraining,
      },
      clock.now(),
    );
    if (decision.kind === "seal") this.#seal();
    else if (decision.kind === "linger") this.#wakeAt(decision.untilMs - clock.now());
    else if (!this.#isCommitting && window.queued === 0) this.#idle.resolve(undefined);
  }

  /** Seals what is queued and waits for the commit. The caller has closed admission. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#idle = Promise.withResolvers();
    this.wake();
    await this.#idle.promise;
  }

  #wakeAt(inMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.wake();
      },
      Math.max(0, inMs),
    );
  }

  #seal(): void {
    const taken = this.#options.window.takeBatch();
    if (taken === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isCommitting = true;
    this.#commit(taken.batch, taken.items)
      .catch((error: unknown) => {
        this.#isBroken = true;
        for (const { ticket } of taken.items) ticket.failed(error);
        this.#options.failed(error);
      })
      .finally(() => {
        this.#isCommitting = false;
        this.wake();
      });
  }

  async #commit(batch: PendingBatch, items: readonly Admitted[]): Promise<void> {
    const { tracer, window, metrics } = this.#options;
    const startedAt = performance.now();
    const { parent, links } = collectContexts(items);
    await withSpan(
      tracer,
      SPAN.seal,
      { ...(parent === undefined ? {} : { parent }), links },
      async (span) => {
        const firstSequence = window.nextSequence;
        const traceparent = injectTraceContext()["traceparent"] ?? "";
        const header = this.#createHeader(traceparent);
        const bytes = encodeSealedBatch(
          header,
          items.map(({ record }) => record),
        );
        const cutBatch = window.place(batch);
        const work: SealedWork = { batchNumber: header.batchNumber, bytes, cutBatch, traceparent };
        span.setAttributes({
          [ATTRIBUTE.batchNumber]: header.batchNumber,
          [ATTRIBUTE.transactions]: items.length,
          [ATTRIBUTE.partitions]: cutBatch.cut.partitions,
        });
        const deploys = items.flatMap((item) => item.deploys);
        await this.#append({ ...work, cut: cutBatch.cut, id: randomUUID(), deploys });
        this.#parentHash = computeBatchHash(bytes);
        answer(items, firstSequence, header.sealedAt);
        this.#options.sealed(work);
        metrics.sealed({
          transactions: items.length,
          partitions: cutBatch.cut.partitions,
          seconds: (performance.now() - startedAt) / 1_000,
        });
      },
    );
  }

  /** Time in the ledger never goes back, whatever the clock does. */
  #createHeader(traceparent: string): SealedBatchHeader {
    const { window, blockhashes, runtimeId, clock } = this.#options;
    this.#lastSealedAt = Math.max(this.#lastSealedAt, clock.now());
    return {
      batchNumber: window.nextBatch as BatchNumber,
      firstSequence: window.nextSequence as SequenceNumber,
      slot: blockhashes.newestSlot as Slot,
      unixTimestamp: Math.floor(this.#lastSealedAt / 1_000),
      sealedAt: this.#lastSealedAt as UnixMs,
      runtimeId,
      signatureRule: SIGNATURE_RULE,
      feeRule: FEE_RULE,
      parentHash: this.#parentHash,
      traceparent,
    };
  }

  /** Tries until it is known: the same append again is the same batch. Only losing the lease ends it. */
  async #append(append: SealedAppend): Promise<void> {
    const { store, logger, signal } = this.#options;
    for (;;) {
      try {
        const result = await store.append(append);
        if (result.ok) return;
        throw new RefusalError(result);
      } catch (error) {
        if (error instanceof RefusalError) throw error;
        logger.warn({ error, batchNumber: append.batchNumber }, "a commit did not answer; it is tried again");
        if (!(await delay(RETRY_MS, signal)))
          throw new RefusalError(refuse("NOT_LEADER", "The lease was lost during a commit."), {
            cause: error,
          });
      }
    }
  }
}

function answer(items: readonly Admitted[], firstSequence: number, sealedAt: number): void {
  for (const [at, { ticket, index }] of items.entries()) {
    ticket.sequences[index] = firstSequence + at;
    ticket.remaining--;
    if (ticket.remaining === 0) ticket.sequenced(sealedAt);
  }
}

/** The batch belongs to the trace of its first submission and links the others. */
function collectContexts(items: readonly Admitted[]): { parent: Context | undefined; links: Link[] } {
  const tickets = new Set<Ticket>();
  for (const { ticket } of items) tickets.add(ticket);
  const [first, ...others] = tickets;
  const links: Link[] = [];
  for (const { context } of others.slice(0, LINKS_MAX)) {
    const spanContext = trace.getSpanContext(context);
    if (spanContext !== undefined) links.push({ context: spanContext });
  }
  return { parent: first?.context, links };
}
