/** Says no to a result: quarantine, audit, and the work goes to another executor or ends in receipts that do nothing. */
import { encodeBase58, encodeHex, type Refusal } from "@mira/primitives";
import { AS_SETTLED, accountKey, encodePartition, type AccountInput } from "@mira/runtime/wire";
import type { RefusedResult } from "../domain/judge-batch.ts";
import { decideNextStep, type ResultRefusalCode } from "../domain/refusal-policy.ts";
import { listRepairInputs, splitRepair } from "../domain/repair.ts";
import type { Ledger } from "../memory/ledger.ts";
import {
  refuseDragged,
  type HeardResult,
  type Hearing,
  type PendingBatch,
} from "../memory/pending-batches.ts";
import type { Clock, Journal, Logger, Publication } from "../ports.ts";
import type { SettlementMetrics } from "../telemetry.ts";
import { createPartitionPublication } from "./publications.ts";

export type RefuserParts = {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SettlementMetrics;
  readonly attemptsMax: number;
  /** Of the lease: message ids of one tenure are never those of another. */
  readonly epoch: number;
  /** Rung when transactions are condemned: somebody has to make their receipts. */
  readonly onCondemned: () => void;
};

/** Partitions handed out again are numbered from here, so that they cannot be taken for the sequencer's. */
const REPAIR_PARTITION = 1_000_000;

export class Refuser {
  readonly #parts: RefuserParts;
  #repairs = 0;
  /** By batch: places whose results fell with others. They are handed out again when what they stand on is made anew. */
  readonly #dragged = new Map<number, Set<number>>();

  constructor(parts: RefuserParts) {
    this.#parts = parts;
  }

  /** What hearing it showed. */
  async refuseHeard(hearing: Extract<Hearing, { outcome: "refused" }>): Promise<void> {
    if (hearing.result === undefined) {
      this.#parts.logger.warn({ code: hearing.refusal.code }, hearing.refusal.message);
      return;
    }
    await this.#refuse(hearing.result, hearing.refusal);
  }

  /** What judging the whole batch showed, and with it every result that was computed on what is refused. */
  async refuseJudged(pending: PendingBatch, refused: readonly RefusedResult[]): Promise<void> {
    const results = pending.assembly.listResults();
    for (const { result, refusal } of refused) {
      const found = results[result];
      if (found === undefined) continue;
      pending.assembly.remove(found.slot);
      this.#parts.ledger.pending.tainted.taint(found.payload.packed.writes);
      await this.#refuse(found.payload, refusal);
    }
    await this.#refuseTainted();
  }

  /** Until nothing more is found: a dropped result's writes taint what stands on them. */
  async #refuseTainted(): Promise<void> {
    const { pending } = this.#parts.ledger;
    for (let found = true; found;) {
      found = false;
      for (const { assembly } of pending.list())
        for (const { slot, payload } of assembly.listResults()) {
          if (!pending.tainted.touches(payload.packed.inputs)) continue;
          found = true;
          assembly.remove(slot);
          pending.tainted.taint(payload.packed.writes);
          await this.#refuse(payload, refuseDragged());
        }
    }
  }

  /** Call when results were admitted: hands out what waited for refused versions to be made again. */
  async releaseDragged(): Promise<void> {
    const { pending } = this.#parts.ledger;
    if (this.#dragged.size === 0 || pending.tainted.size > 0) return;
    const released = [...this.#dragged];
    this.#dragged.clear();
    for (const [batchNumber, places] of released) {
      const batch = pending.get(batchNumber);
      if (batch !== undefined) await this.#publishOpen(batch, (place) => places.has(place), 0);
    }
  }

  async #refuse({ packed }: HeardResult, refusal: Refusal<ResultRefusalCode>): Promise<void> {
    const { ledger, journal, clock, logger, metrics, attemptsMax } = this.#parts;
    const { batchNumber, partition, executorId: key } = packed.header;
    const executorId = encodeBase58(key);
    const pending = ledger.pending.get(batchNumber);
    const sequences = Array.from({ length: packed.receipts.count }, (_, index) =>
      packed.receipts.sequence(index),
    );
    // Whoever was dragged along did nothing wrong: such refusals use up no attempt.
    const isDragged = refusal.details["dragged"] === "true";
    const attempts = isDragged ? 0 : (pending?.assembly.countAttempt(sequences) ?? 0);
    const step = decideNextStep({ code: refusal.code, attempts, attemptsMax });
    if (step.setExecutorAside) ledger.executors.setAside(executorId, refusal.code);
    const places = pending === undefined ? [] : listOpenPlaces(pending, sequences);
    if (isDragged) this.#keepDragged(batchNumber, places);
    const publish =
      step.work === "publish-again" && pending !== undefined && !isDragged
        ? this.#createWork(pending, places, { partition, attempts })
        : [];
    if (!ledger.refusedBefore.delete(encodeHex(packed.resultHash))) {
      await journal.commitRefused({
        batchNumber,
        partition,
        executorId,
        refusal,
        sequences,
        publish,
        setAside: step.setExecutorAside,
        resultHash: packed.resultHash,
        resultBytes: packed.bytes,
        at: clock.now(),
      });
      ledger.quarantinedCount++;
      metrics.resultRefused(refusal.code);
      metrics.workRepublished(publish.length);
      logger.warn(
        { batch: batchNumber, partition, executorId, ...refusal.details },
        `${refusal.code}: ${refusal.message}`,
      );
    }
    if (step.work === "give-no-op-receipts" && pending !== undefined)
      this.#condemn(pending, places, refusal.code);
  }

  #keepDragged(batchNumber: number, places: readonly number[]): void {
    const kept = this.#dragged.get(batchNumber) ?? new Set<number>();
    for (const place of places) kept.add(place);
    this.#dragged.set(batchNumber, kept);
  }

  #condemn(pending: PendingBatch, places: readonly number[], code: string): void {
    for (const place of places) pending.condemned.set(place, code);
    this.#parts.logger.error(
      { batch: pending.sealed.header.batchNumber, transactions: places.length },
      "transactions get receipts that do nothing",
    );
    this.#parts.onCondemned();
  }

  /** Hands out what nobody covers, for a batch that waits too long; says how many partitions. */
  async republishOpen(pending: PendingBatch, attempt: number): Promise<number> {
    return this.#publishOpen(pending, () => true, attempt);
  }

  async #publishOpen(
    pending: PendingBatch,
    wanted: (place: number) => boolean,
    attempt: number,
  ): Promise<number> {
    const places = pending.assembly
      .listUncovered()
      .filter((place) => wanted(place) && !pending.condemned.has(place));
    const partition = REPAIR_PARTITION + this.#repairs++;
    const work = this.#createWork(pending, places, { partition, attempts: attempt });
    await this.#parts.journal.commitPublications(work);
    this.#parts.metrics.workRepublished(work.length);
    return work.length;
  }

  #createWork(
    pending: PendingBatch,
    places: readonly number[],
    again: { readonly partition: number; readonly attempts: number },
  ): Publication[] {
    const { batch } = pending.assembly;
    const pieces = splitRepair(batch, places);
    const excluded = this.#parts.ledger.executors.listAside();
    return pieces.map((piece, index) => {
      const partition = pieces.length === 1 ? again.partition : REPAIR_PARTITION + this.#repairs++;
      const bytes = encodeRepair(pending, piece, partition);
      const place = `${encodeHex(batch.batchHash).slice(0, 16)}:${again.partition}:${again.attempts}:${index}`;
      const id = `again:${this.#parts.epoch}:${place}`;
      return createPartitionPublication(id, bytes, excluded);
    });
  }
}

/** Of these sequence numbers, the places in the batch that no other result covers. */
function listOpenPlaces({ assembly }: PendingBatch, sequences: readonly number[]): number[] {
  const claimed = new Set(sequences.map((sequence) => sequence - assembly.batch.firstSequence));
  return assembly.listUncovered().filter((place) => claimed.has(place));
}

function encodeRepair(
  { sealed, assembly }: PendingBatch,
  places: readonly number[],
  partition: number,
): Uint8Array {
  const { batch } = assembly;
  const { header } = sealed;
  const inputs: AccountInput[] = listRepairInputs(batch, places, AS_SETTLED).map(({ key, version }) => ({
    key: accountKey(batch.keys.key(key)),
    version: version as AccountInput["version"],
  }));
  return encodePartition(
    {
      batchNumber: header.batchNumber,
      partition,
      partitions: partition + 1,
      firstSequence: header.firstSequence,
      batchHash: batch.batchHash,
      runtimeId: header.runtimeId,
      slot: header.slot,
      unixTimestamp: header.unixTimestamp,
      traceparent: header.traceparent,
    },
    { transactions: sealed.transactions, indexes: places },
    inputs.sort((left, right) => (left.key < right.key ? -1 : 1)),
  );
}
