/** mira.verifier.attestations.scored.v1 -> how each validator's attestations stood to the verdicts is added to what is known of it. */
import { events } from "@mira/api";
import type { StandingChange } from "../ports.ts";

/** MUST run once a message: counts are added. */
export async function reactToAttestationsScored(
  payload: Uint8Array,
  add: (change: StandingChange) => Promise<void>,
): Promise<void> {
  for (const score of events.AttestationsScored.decode(payload).scores)
    await add({ ...score, probesPassed: 0, probesFailed: 0 });
}
