/** Follows settlement batch by batch and answers about each: agree, disagree, unable. */
import { delay } from "@mira/primitives";
import { unable, type Verdict } from "../domain/verdict.ts";
import type { Logger, Progress } from "../ports.ts";
import { loadReplica, SnapshotUnusable, type LedgerReplica } from "./ledger-replica.ts";
import { reexamine, type ReexaminationParts } from "./reexamination.ts";

export type ReexecutionParts = ReexaminationParts & {
  readonly progress: () => Progress;
  readonly answer: (batchNumber: number, verdict: Verdict) => Promise<void>;
  readonly onReplica: (replica: LedgerReplica | undefined) => void;
  readonly logger: Logger;
};

const POLL_MS = 20;
const RETRY_MS = 2_000;

/** Runs until the signal aborts. A replica that failed or disagreed is thrown away and loaded again from what is final. */
export async function runReexecution(parts: ReexecutionParts): Promise<void> {
  const { signal, logger, onReplica } = parts;
  const isEnding = (): boolean => signal.aborted;
  const doubted = new Set<number>();
  while (!isEnding()) {
    try {
      await followFromSnapshot(parts, doubted);
    } catch (error) {
      onReplica(undefined);
      if (isEnding()) return;
      logger.error({ alert: true, reason: String(error) }, "re-execution begins anew");
      await delay(RETRY_MS, signal);
    }
  }
}

async function followFromSnapshot(parts: ReexecutionParts, doubted: Set<number>): Promise<void> {
  try {
    const replica = await loadReplica(parts.ledger, parts.signal);
    parts.onReplica(replica);
    parts.logger.info({ batch: replica.nextBatch }, "the ledger is loaded as of what is final");
    await followSettled(replica, parts, doubted);
  } catch (error) {
    if (error instanceof SnapshotUnusable) await answerUnable(parts, error);
    throw error;
  }
}

async function followSettled(
  replica: LedgerReplica,
  parts: ReexecutionParts,
  doubted: Set<number>,
): Promise<void> {
  const { signal, progress, answer, logger } = parts;
  let told = "";
  while (!signal.aborted) {
    const batchNumber = replica.nextBatch;
    if (progress().settledBatches <= batchNumber) {
      await delay(POLL_MS, signal);
      continue;
    }
    const verdict = await reexamine(replica, parts);
    if (verdict.answer === "disagree" && !doubted.has(batchNumber)) {
      // Perhaps it is our state that is wrong: only what a state loaded anew shows too is told.
      doubted.add(batchNumber);
      throw new Error(`batch ${batchNumber}: ${verdict.reason}; to be seen again on a state loaded anew`);
    }
    if (verdict.answer !== "unable" || verdict.reason !== told) await answer(batchNumber, verdict);
    if (verdict.answer === "disagree") {
      logger.error({ alert: true, batch: batchNumber, reason: verdict.reason }, "re-execution disagrees");
      return waitForRevert(parts, batchNumber);
    }
    told = verdict.answer === "unable" ? verdict.reason : "";
    if (verdict.answer === "unable") await delay(RETRY_MS, signal);
  }
}

/** What comes after a batch that we disagree with cannot be judged from our state; it is looked at again when the batch is final after all, or gone. */
async function waitForRevert({ progress, signal }: ReexecutionParts, batchNumber: number): Promise<void> {
  while (await delay(RETRY_MS, signal)) {
    const { settledBatches, finalizedBatches } = progress();
    if (settledBatches <= batchNumber || finalizedBatches > batchNumber) return;
  }
}

async function answerUnable({ progress, answer }: ReexecutionParts, error: SnapshotUnusable): Promise<void> {
  const { finalizedBatches, settledBatches } = progress();
  if (settledBatches > finalizedBatches)
    await answer(finalizedBatches, unable(`the snapshot cannot be used: ${error.message}`));
}
