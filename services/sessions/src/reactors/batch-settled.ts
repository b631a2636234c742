/** mira.settlement.batch.settled.v1 -> each session transaction's reservation is committed or released, once; forgotten ones end. */
import { events } from "@mira/api";
import { encodeHex, parseLamports, parseSequenceNumber, type RefusalCode } from "@mira/primitives";
import { decideCommit, decideRelease } from "../domain/decide-use.ts";
import type { Clock, SessionTrees } from "../ports.ts";

export type BatchSettledDependencies = {
  readonly trees: Pick<SessionTrees, "handle" | "listOpen">;
  readonly clock: Clock;
  readonly onRefused: (sessionId: string, code: RefusalCode) => void;
};

/**
 * A message is sequenced within the life of its blockhash, a minute, or never; batches settle in order. So what was reserved this
 * long before a settled batch was sealed, and has no outcome, was never sequenced. The rest of the time is for deliveries out of order.
 */
export const FORGOTTEN_AFTER_MS = 10 * 60_000;
const SWEEP_MAX = 64;

/** Safe to run again for the same message: a reservation that has ended stays ended. */
export async function reactToBatchSettled(
  payload: Uint8Array,
  dependencies: BatchSettledDependencies,
): Promise<void> {
  const { trees, clock, onRefused } = dependencies;
  const { sessions, sealedMs } = events.BatchSettled.decode(payload);
  for (const outcome of sessions) {
    const { sessionId, succeeded } = outcome;
    const messageHash = encodeHex(outcome.messageHash);
    // A failed transaction still pays its fee, and the fee counts against the limit.
    const spentLamports = parseLamports(outcome.spentLamports);
    const sequenceNumber = parseSequenceNumber(outcome.sequenceNumber);
    const at = clock.now();
    const handled = await trees.handle(sessionId, undefined, ({ state }) =>
      spentLamports > 0n
        ? decideCommit({ sessionId, messageHash, spentLamports, succeeded, sequenceNumber, at }, state)
        : decideRelease({ messageHash, reason: "settled without effect", at }, state),
    );
    if (!handled.ok) onRefused(sessionId, handled.code);
  }
  if (sealedMs > 0n) await releaseForgotten(Number(sealedMs) - FORGOTTEN_AFTER_MS, dependencies);
}

/** Bounded; what is left over ends with a later batch. */
async function releaseForgotten(
  before: number,
  { trees, clock, onRefused }: BatchSettledDependencies,
): Promise<void> {
  for (const { messageHash, rootId } of await trees.listOpen({ before, limit: SWEEP_MAX })) {
    const command = { messageHash, reason: "never sequenced", at: clock.now() };
    const handled = await trees.handle(rootId, undefined, ({ state }) => decideRelease(command, state));
    if (!handled.ok) onRefused(rootId, handled.code);
  }
}
