/** Wires the role `reexecute`: settled batches -> serial execution, signatures included -> signed answers. */
import { events } from "@mira/api";
import type { Health } from "@mira/chassis";
import { STREAM, SUBJECT, type Messaging, type Topology } from "@mira/messaging";
import { encodeBase58, encodeReexecutionAnswer, type BatchNumber, type KeyPair } from "@mira/primitives";
import { createVerifierPool } from "@mira/runtime/signatures";
import type { RunningRole, SettlementLink } from "./execute-role.ts";
import type { Verdict } from "./domain/verdict.ts";
import type { Clock, Logger, Progress, SealedBatches, SettledLedger } from "./ports.ts";
import type { ExecutorTelemetry } from "./telemetry.ts";
import { runReexecution } from "./workers/reexecution.ts";
import { RecentBatches } from "./workers/recent-batches.ts";

export const REEXECUTE_TOPOLOGY: Topology = { streams: [STREAM.batches, STREAM.verdicts], consumers: [] };

export type ReexecuteRoleParts = {
  readonly networkId: string;
  readonly messaging: Messaging;
  readonly settlement: Pick<SettlementLink, "followProgress">;
  readonly ledger: SettledLedger;
  readonly sealed: SealedBatches;
  readonly identity: KeyPair;
  readonly telemetry: ExecutorTelemetry;
  readonly health: Health;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when draining begins. */
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
};

const VERIFIER = { threads: 1, queueLimit: 65_536 };
const ANSWERS = {
  agree: events.Answer.AGREE,
  disagree: events.Answer.DISAGREE,
  unable: events.Answer.UNABLE,
};

/** `messaging` has declared REEXECUTE_TOPOLOGY. */
export function startReexecuteRole(parts: ReexecuteRoleParts): RunningRole {
  const { settlement, signal, health, fail, messaging } = parts;
  let progress: Progress = { settledBatches: 0, settledSequence: 0, finalizedBatches: 0 };
  let reexecuted = 0;
  health.setReady("ledger", false, "not loaded yet");
  const verifier = createVerifierPool(VERIFIER);
  const recent = new RecentBatches(parts.sealed);
  const running = [
    settlement.followProgress((next) => {
      progress = next;
      recent.forgetBelow(next.finalizedBatches);
    }, signal),
    messaging.follow({ stream: STREAM.batches.name, from: "new", signal }, ({ payload }) =>
      recent.put(payload),
    ),
    runReexecution({
      ...parts,
      sealed: recent,
      verifier,
      progress: () => progress,
      onReplica: (replica) => health.setReady("ledger", replica !== undefined),
      answer: async (batchNumber, verdict) => {
        await publishAnswer(parts, batchNumber, verdict);
        if (verdict.answer !== "unable") reexecuted++;
      },
    }),
  ];
  for (const part of running) part.catch(fail);
  return {
    figures: () => ({
      partitionsExecuted: 0,
      transactionsExecuted: 0,
      batchesReexecuted: reexecuted,
      partitionsWaiting: 0,
      accountsCached: 0,
    }),
    drain: async () => {
      await Promise.allSettled(running);
      await verifier.close();
    },
  };
}

async function publishAnswer(
  parts: ReexecuteRoleParts,
  batchNumber: number,
  verdict: Verdict,
): Promise<void> {
  const { identity, networkId, clock, messaging, telemetry } = parts;
  const executorId = encodeBase58(identity.publicKey);
  const { answer, resultHash, reason } = verdict;
  const at = clock.now();
  const told = {
    networkId,
    batchNumber: batchNumber as BatchNumber,
    executorId,
    answer,
    resultHash,
    reason,
    at,
  };
  const message = events.ReexecutionAnswered.create({
    batchNumber: BigInt(batchNumber),
    executorId,
    answer: ANSWERS[answer],
    resultHash,
    reason,
    atMs: BigInt(at),
    signature: identity.sign(encodeReexecutionAnswer(told)),
  });
  telemetry.countReexecuted(answer);
  await messaging.publish({
    subject: SUBJECT.batchReexecuted,
    payload: events.ReexecutionAnswered.encode(message).finish(),
    id: `answer:${executorId}:${batchNumber}:${at}`,
  });
}
