/** mira.settlement.batch.settled.v1 -> each session transaction's reservation is committed or released, once. */
import { events } from "@mira/api";
import { encodeHex, parseLamports, parseSequenceNumber, type RefusalCode } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import type { Clock, SessionStreams } from "../ports.ts";

export type BatchSettledDependencies = {
  readonly streams: SessionStreams;
  readonly clock: Clock;
  readonly onRefused: (sessionId: string, code: RefusalCode) => void;
};

/** Safe to run again for the same message: a reservation that has ended stays ended. */
export async function reactToBatchSettled(
  payload: Uint8Array,
  { streams, clock, onRefused }: BatchSettledDependencies,
): Promise<void> {
  for (const outcome of events.BatchSettled.decode(payload).sessions) {
    const messageHash = encodeHex(outcome.messageHash);
    // A failed transaction still pays its fee, and the fee counts against the limit.
    const spentLamports = parseLamports(outcome.spentLamports);
    const sequenceNumber = parseSequenceNumber(outcome.sequenceNumber);
    const handled = await streams.handle(outcome.sessionId, (state) =>
      spentLamports > 0n
        ? decide({ type: "commit", messageHash, spentLamports, sequenceNumber, at: clock.now() }, state)
        : decide({ type: "release", messageHash, reason: "settled without effect", at: clock.now() }, state),
    );
    if (!handled.ok) onRefused(outcome.sessionId, handled.code);
  }
}
