/** mira.executor.batch.reexecuted.v1: what independent executors answer about settled batches. */
import { Answer, ReexecutionAnswered } from "@mira/api/gen/mira/events/v1/events.ts";
import {
  verifyReexecutionAnswer,
  type BatchNumber,
  type ReexecutionAnswer,
  type UnixMs,
} from "@mira/primitives";
import { decide, evolve } from "../domain/finality.ts";
import type { Ledger } from "../memory/ledger.ts";
import type { HeldCommit, Logger } from "../ports.ts";
import type { SettlementMetrics } from "../telemetry.ts";

export type VerdictRow = {
  readonly batch: number;
  readonly executorId: string;
  readonly answer: ReexecutionAnswer["answer"];
  readonly resultHash: Uint8Array;
  readonly reason: string;
  readonly at: UnixMs;
};

export type BatchReexecutedParts = {
  readonly ledger: Ledger;
  readonly networkId: string;
  readonly logger: Logger;
  readonly metrics: SettlementMetrics;
  /** The answer, and the hold that follows from it, in one transaction. */
  readonly commit: (verdict: VerdictRow, held: HeldCommit | undefined) => Promise<void>;
  readonly onAnswer: () => void;
};

/** An answer can overtake what it is about by a moment. */
const SETTLED_WAIT_MS = 2000;

export async function hearVerdict(parts: BatchReexecutedParts, payload: Uint8Array): Promise<void> {
  const { ledger, logger, metrics, onAnswer } = parts;
  const answer = readAnswer(payload, parts.networkId);
  const executor =
    answer === undefined ? undefined : ledger.executors.findReexecutor(answer.content.executorId);
  if (
    answer === undefined ||
    !verifyReexecutionAnswer(answer.content, executor?.publicKey ?? NO_KEY, answer.signature)
  ) {
    logger.warn({}, "a re-execution answer of nobody known was passed over");
    return;
  }
  const { content } = answer;
  await waitUntilSettled(ledger, content.batchNumber);
  const state = ledger.finality.get(content.batchNumber);
  if (state === undefined) return;
  const decision = decide({ type: "record-answer", isReexecutor: executor !== undefined, ...content }, state);
  const [event] = decision.ok ? decision.events : [];
  const held = event?.type === "Held" ? toHeld(content, event.reason) : undefined;
  if (held !== undefined) hold(ledger, held);
  await parts.commit({ ...content, batch: content.batchNumber }, held);
  if (!decision.ok) {
    logger.warn(
      { batch: content.batchNumber, executorId: content.executorId, reason: content.reason },
      decision.message,
    );
    return;
  }
  // Since the answer was read others may have been heard: events are folded into what stands now.
  const now = ledger.finality.get(content.batchNumber);
  if (now !== undefined) ledger.finality.set(content.batchNumber, decision.events.reduce(evolve, now));
  if (held !== undefined) {
    metrics.batchHeld();
    logger.error(
      { batch: held.batchNumber, executorId: held.executorId },
      `finality is halted: ${held.reason}`,
    );
  }
  onAnswer();
}

const NO_KEY = new Uint8Array(32);

function readAnswer(
  payload: Uint8Array,
  networkId: string,
): { content: ReexecutionAnswer; signature: Uint8Array } | undefined {
  const message = decode(payload);
  const answer = message === undefined ? undefined : toVerdict(message.answer);
  if (message === undefined || answer === undefined) return undefined;
  const content: ReexecutionAnswer = {
    networkId,
    batchNumber: Number(message.batchNumber) as BatchNumber,
    executorId: message.executorId,
    answer,
    resultHash: message.resultHash,
    reason: message.reason,
    at: Number(message.atMs) as UnixMs,
  };
  return { content, signature: message.signature };
}

function decode(payload: Uint8Array): ReexecutionAnswered | undefined {
  try {
    return ReexecutionAnswered.decode(payload);
  } catch {
    return undefined;
  }
}

function toVerdict(answer: Answer): ReexecutionAnswer["answer"] | undefined {
  if (answer === Answer.AGREE) return "agree";
  if (answer === Answer.DISAGREE) return "disagree";
  return answer === Answer.UNABLE ? "unable" : undefined;
}

async function waitUntilSettled({ progress }: Ledger, batchNumber: number): Promise<void> {
  if (batchNumber < progress.counts.settledBatches) return;
  const wait = progress.waitForBatches(batchNumber + 1, AbortSignal.timeout(SETTLED_WAIT_MS));
  if (wait.ok) await wait.value;
}

/** Before it is committed: from the moment it is heard nothing from that batch on may become final. */
function hold(ledger: Ledger, { batchNumber, reason }: HeldCommit): void {
  ledger.holds.set(batchNumber, reason);
  ledger.halt ??= { what: "finality", reason: `batch ${batchNumber} is held: ${reason}` };
}

function toHeld(content: ReexecutionAnswer, reason: string): HeldCommit {
  return { batchNumber: content.batchNumber, executorId: content.executorId, reason, at: content.at };
}
