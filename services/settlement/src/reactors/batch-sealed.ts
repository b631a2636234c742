/** mira.sequencer.batch.sealed.v1: what is to be settled. */
import { delay } from "@mira/primitives";
import type { Ledger } from "../memory/ledger.ts";
import type { Hearing } from "../memory/pending-batches.ts";
import type { Clock } from "../ports.ts";
import type { Refuser } from "../workers/refuse.ts";

/** While there is no room the stream waits: batches come in order, so nothing that is needed stands behind. */
const ROOM_POLL_MS = 20;

export type BatchSealedParts = {
  readonly ledger: Ledger;
  readonly refuser: Refuser;
  readonly clock: Clock;
  readonly onHeard: () => void;
};

export async function hearSealedBatch(
  { ledger, refuser, clock, onHeard }: BatchSealedParts,
  message: { readonly payload: Uint8Array; readonly sequence: number },
  signal: AbortSignal,
): Promise<void> {
  while (!ledger.pending.hasRoom()) if (!(await delay(ROOM_POLL_MS, signal))) return;
  const hearings = ledger.pending.hearSealed(message.payload, message.sequence, clock.now());
  for (const hearing of hearings) await refuseIfRefused(refuser, hearing);
  onHeard();
}

export async function refuseIfRefused(refuser: Refuser, hearing: Hearing): Promise<void> {
  if (hearing.outcome === "refused") await refuser.refuseHeard(hearing);
}
