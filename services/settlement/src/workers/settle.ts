/** Settles complete batches in order, several in one commit under load; hands what is refused to the refuser. */
import { bytesEqual, delay } from "@mira/primitives";
import { decodeSettledBatch } from "@mira/runtime/wire";
import { listIdOffsets } from "../codec/batch-facts.ts";
import { packSettled, type SettledResult } from "../codec/pack-settled.ts";
import { describeOutcome } from "../domain/check-sessions.ts";
import { judgeBatch, type Judgement, type RefusedResult } from "../domain/judge-batch.ts";
import { packReceiptIndex } from "../domain/receipt-index.ts";
import { computeVelocityWait, recordOutflow, type VelocityLimit } from "../domain/velocity.ts";
import { applySettled, type Ledger } from "../memory/ledger.ts";
import type { PendingBatch } from "../memory/pending-batches.ts";
import type { SealedBatches } from "../memory/sealed-batches.ts";
import type { AccountSource, Clock, Journal, Logger, SettledCommit } from "../ports.ts";
import type { SettlementMetrics } from "../telemetry.ts";
import type { Bell } from "./bell.ts";
import { readPreState, stage, type Staged } from "./pre-state.ts";
import type { Refuser } from "./refuse.ts";

/** A commit costs the same for one batch as for several small ones; past this many bytes there is nothing to gain. */
const GROUP_BYTES_MAX = 2 * 1024 * 1024;
const GROUP_BATCHES_MAX = 16;
const IDLE_MS = 1000;

export type SettleOptions = {
  readonly maxUnfinalized: number;
  readonly velocityLimit: VelocityLimit | undefined;
  readonly isFrozen: (key: Uint8Array) => boolean;
};

export type SettlerParts = {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly accounts: AccountSource;
  readonly refuser: Refuser;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SettlementMetrics;
  readonly bell: Bell;
  readonly sealed: Pick<SealedBatches, "keep">;
  /** Rung when batches are settled: projection, finality and checkpoints follow. */
  readonly onSettled: () => void;
  readonly options: SettleOptions;
};

type Prepared = {
  readonly staged: Staged;
  readonly commit: SettledCommit;
  readonly batchHash: Uint8Array;
};

export class Settler {
  readonly #parts: SettlerParts;
  /** Hash of the batch settled last; every sealed batch names the one before it. */
  #parentHash: Uint8Array;

  constructor(parts: SettlerParts, parentHash: Uint8Array) {
    this.#parts = parts;
    this.#parentHash = parentHash;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!(await this.step(signal))) await this.#parts.bell.wait(IDLE_MS, signal);
    }
  }

  /** Settles or refuses what is ready. False when there is nothing to do but wait. */
  async step(signal: AbortSignal): Promise<boolean> {
    const group: Prepared[] = [];
    let bytes = 0;
    let refused: { pending: PendingBatch; refused: readonly RefusedResult[] } | undefined;
    while (group.length < GROUP_BATCHES_MAX && bytes < GROUP_BYTES_MAX) {
      const pending = this.#findNext(group.length);
      if (pending === undefined || !this.#follows(pending, group)) break;
      const prepared = await this.#prepare(
        pending,
        group.map(({ staged }) => staged),
      );
      if (!("staged" in prepared)) {
        refused = { pending, refused: prepared.refused };
        break;
      }
      group.push(prepared);
      bytes += prepared.commit.packed.bytes.length;
    }
    if (group.length > 0) await this.#commit(group, signal);
    if (refused !== undefined) await this.#parts.refuser.refuseJudged(refused.pending, refused.refused);
    return group.length > 0 || refused !== undefined;
  }

  #findNext(ahead: number): PendingBatch | undefined {
    const { ledger, options } = this.#parts;
    const { settledBatches, finalizedBatches } = ledger.progress.counts;
    if (ledger.halt?.what === "settling") return undefined;
    if (settledBatches + ahead - finalizedBatches >= options.maxUnfinalized) return undefined;
    const pending = ledger.pending.get(settledBatches + ahead);
    return pending?.assembly.isComplete === true ? pending : undefined;
  }

  /** A sealed batch that does not continue the chain is not this network's: nothing may be settled on it. */
  #follows(pending: PendingBatch, group: readonly Prepared[]): boolean {
    const { ledger, logger } = this.#parts;
    const last = group.at(-1);
    const parent = last?.batchHash ?? this.#parentHash;
    const next = last === undefined ? ledger.progress.counts.settledSequence : nextSequence(last);
    const { header } = pending.sealed;
    if (header.firstSequence === next && bytesEqual(header.parentHash, parent)) return true;
    if (last !== undefined) return false;
    ledger.halt = {
      what: "settling",
      reason: `sealed batch ${header.batchNumber} does not follow the settled one`,
    };
    logger.error({ batch: header.batchNumber, needed: next, got: header.firstSequence }, ledger.halt.reason);
    return false;
  }

  async #prepare(pending: PendingBatch, staged: readonly Staged[]): Promise<Prepared | Judgement> {
    const { ledger, accounts, options, clock } = this.#parts;
    const { batch } = pending.assembly;
    const pre = await readPreState(batch, { staged, ledger, accounts });
    const results = pending.assembly.listResults();
    const facts = results.map((result) => result.facts);
    const { isFrozen, velocityLimit } = options;
    const judgement = judgeBatch({
      batch,
      pre,
      results: facts,
      isFrozen,
      outflowMax: velocityLimit?.maxLamports,
    });
    if (judgement.refused.length > 0) return judgement;
    const settledResults: SettledResult[] = results.map((result) => ({
      facts: result.facts,
      packed: result.payload.packed,
    }));
    const settled = packSettled(batch, settledResults, {
      at: clock.now(),
      feesLamports: judgement.feesLamports,
    });
    const packed = decodeSettledBatch(settled.bytes);
    const bytes = pending.sealed.transactions.bytes;
    return {
      staged: stage(batch, facts, settled.final),
      batchHash: batch.batchHash,
      commit: {
        packed,
        sealedAt: batch.sealedAt,
        runtimeId: batch.runtimeId,
        outflowLamports: judgement.outflowLamports,
        receiptIds: packReceiptIndex({ bytes, offsets: listIdOffsets(pending.sealed) }),
        quarantined: [...pending.condemned.keys()].map((place) => batch.firstSequence + place),
        sessions: batch.sessions.map((session) =>
          describeOutcome(batch, session, packed.receipts.status(session.transaction)),
        ),
      },
    };
  }

  async #commit(group: readonly Prepared[], signal: AbortSignal): Promise<void> {
    const { ledger, journal, metrics, options, onSettled } = this.#parts;
    const commits = group.map(({ commit }) => commit);
    if (!(await this.#waitForVelocity(commits, signal))) return;
    const startedAt = performance.now();
    const fees = commits.reduce((sum, { packed }) => sum + packed.header.fees, 0n);
    const { settledBatches } = ledger.progress.counts;
    const followed = ledger.pending.findRestartPositions(settledBatches + group.length);
    await journal.commitSettled(commits, {
      runtimeLamports: ledger.runtimeLamports - fees,
      followed,
      keepOutflow: options.velocityLimit !== undefined,
    });
    for (const { commit, batchHash } of group) {
      applySettled(ledger, commit.packed, commit.receiptIds);
      this.#parentHash = batchHash;
    }
    const last = group.at(-1)?.commit.packed;
    const settled = settledBatches + group.length;
    for (const { commit } of group) this.#keepSealed(commit.packed.header.batchNumber);
    ledger.pending.moveTo(settled);
    if (last !== undefined)
      ledger.progress.advance({
        settledBatches: settled,
        settledSequence: last.header.firstSequence + last.receipts.count,
      });
    const transactions = commits.reduce((sum, { packed }) => sum + packed.receipts.count, 0);
    metrics.batchSettled(transactions, (performance.now() - startedAt) / 1000);
    onSettled();
  }

  #keepSealed(batchNumber: number): void {
    const sealed = this.#parts.ledger.pending.get(batchNumber)?.sealed;
    if (sealed !== undefined) this.#parts.sealed.keep(sealed);
  }

  /** Waits until the window has room. False when the wait was cut short: nothing is settled then. */
  async #waitForVelocity(commits: readonly SettledCommit[], signal: AbortSignal): Promise<boolean> {
    const { ledger, clock, options } = this.#parts;
    const limit = options.velocityLimit;
    if (limit === undefined) return true;
    const lamports = commits.reduce((sum, { outflowLamports }) => sum + outflowLamports, 0n);
    for (;;) {
      const waitMs = computeVelocityWait(ledger.velocity, { now: clock.now(), lamports, limit });
      if (waitMs === 0) break;
      if (!(await delay(Math.min(waitMs, IDLE_MS), signal))) return false;
    }
    ledger.velocity = recordOutflow(ledger.velocity, { at: clock.now(), lamports }, limit);
    return true;
  }
}

function nextSequence({ commit }: Prepared): number {
  return commit.packed.header.firstSequence + commit.packed.receipts.count;
}
