/** mira.verifier.probes.> -> roots are remembered, scores added up, and every answer to an opened probe is judged, once. */
import { events, verifier } from "@mira/api";
import { parseUnixMs, type Probe, type RefusalCode } from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import { verifyProbe } from "../domain/probe-verdict.ts";
import type { ProbeRoots, StandingChange, ValidatorStreams } from "../ports.ts";

export type ProbesToldDependencies = {
  readonly networkId: string;
  readonly streams: ValidatorStreams;
  readonly roots: ProbeRoots;
  readonly slashBps: bigint;
  readonly onRefused: (subject: string, code: RefusalCode) => void;
};

/** The first root that was told of a set counts. */
export async function reactToProbesCommitted(payload: Uint8Array, roots: ProbeRoots): Promise<void> {
  const { setId, root } = events.ProbesCommitted.decode(payload);
  await roots.remember(setId, root);
}

/** MUST run once a message: counts are added. */
export async function reactToProbesScored(
  payload: Uint8Array,
  add: (change: StandingChange) => Promise<void>,
): Promise<void> {
  for (const { validatorId, passed, failed } of events.ProbesScored.decode(payload).scores)
    await add({
      validatorId,
      agreed: 0,
      disagreed: 0,
      abstained: 0,
      probesPassed: passed,
      probesFailed: failed,
    });
}

/**
 * Safe to run again for the same message: an answer counts once. All answers to a probe come together, right and wrong: nobody can bring
 * forward a validator's failures alone.
 */
export async function reactToProbeOpened(
  payload: Uint8Array,
  { networkId, streams, roots, slashBps, onRefused }: ProbesToldDependencies,
): Promise<void> {
  const { setId, probe: message, index, treeSize, path, uses, atMs } = events.ProbeOpened.decode(payload);
  const root = await roots.find(setId);
  const probe = message === undefined ? undefined : toProbe(message);
  if (probe === undefined || root === undefined || !verifyProbe({ probe, index, treeSize, path }, root)) {
    onRefused(setId, "EVIDENCE_INVALID");
    return;
  }
  const at = parseUnixMs(atMs);
  for (const { verificationId, claimId, answers } of uses)
    for (const { validatorId, ...signed } of answers) {
      const answer = { ...signed, networkId, verificationId, claimId, probe };
      const handled = await streams.handle(validatorId, (state) =>
        decide({ type: "judgeProbe", answer, slashBps, at }, state),
      );
      if (!handled.ok) onRefused(validatorId, handled.code);
    }
}

function toProbe({ truth, ...same }: events.Probe): Probe {
  return { ...same, truth: truth === verifier.Verdict.SUPPORTED ? "supported" : "refuted" };
}
