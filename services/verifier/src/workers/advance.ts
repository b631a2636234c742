/** Moves verifications on: opens reveals when nobody may commit any more, issues certificates when nobody may reveal any more. */
import { delay, type UnixMs, type Verdict } from "@mira/primitives";
import { computeVerdicts } from "../domain/verdict.ts";
import { decide } from "../domain/decide.ts";
import { haveAllCommitted, haveAllRevealed, type OpenedVerification } from "../domain/verification.ts";
import { encodeCertificate } from "../codec/certificate-body.ts";
import type { Clock, VerificationList, VerificationStreams } from "../ports.ts";

export type AdvanceDependencies = {
  readonly networkId: string;
  readonly streams: VerificationStreams;
  readonly list: VerificationList;
  readonly clock: Clock;
  /** Wakes those who wait for this verification: streams of validators, callers of GetVerification. */
  readonly announce: (verificationId: string) => void;
  readonly onCertified: (verdict: Verdict) => void;
};

const SWEEP_MS = 250;
const OPEN_MAX = 1_000;

/** One step, at most: callers advance after each commit and reveal, and the sweep after each deadline. */
export async function advance(verificationId: string, dependencies: AdvanceDependencies): Promise<void> {
  const { streams, clock, announce } = dependencies;
  const { state } = await streams.load(verificationId);
  if (state.status === "none" || state.status === "certified") return;
  const now = clock.now();
  const moved =
    state.status === "committing"
      ? await openReveal(state, now, dependencies)
      : await certify(state, now, dependencies);
  if (moved) announce(verificationId);
}

async function openReveal(
  state: OpenedVerification,
  at: UnixMs,
  { streams }: AdvanceDependencies,
): Promise<boolean> {
  if (!haveAllCommitted(state) && at < state.opened.commitBy) return false;
  const handled = await streams.handle(state.opened.verificationId, (now) =>
    decide({ type: "openReveal", at }, now),
  );
  return handled.ok;
}

async function certify(
  state: OpenedVerification,
  at: UnixMs,
  { streams, networkId, onCertified }: AdvanceDependencies,
): Promise<boolean> {
  if (!haveAllRevealed(state) && at < state.opened.revealBy) return false;
  const { verificationId } = state.opened;
  const handled = await streams.handle(verificationId, (now) =>
    // Encoded from the state it is decided on: a reveal that came in between is in the certificate.
    now.status === "revealing"
      ? decide({ type: "certify", ...encodeCertificate(networkId, now, at), at }, now)
      : { ok: true, events: [] },
  );
  if (handled.ok && handled.value.events.length > 0 && handled.value.state.status === "certified")
    for (const { verdict } of computeVerdicts(handled.value.state)) onCertified(verdict);
  return handled.ok;
}

/** Runs until the signal aborts. What fails for one verification is tried again, and holds up no other. */
export async function sweepDeadlines(
  dependencies: AdvanceDependencies,
  { signal, onFailure }: { readonly signal: AbortSignal; readonly onFailure: (error: unknown) => void },
): Promise<void> {
  do {
    const open = await dependencies.list.listOpen(OPEN_MAX).catch((error: unknown) => {
      onFailure(error);
      return [];
    });
    for (const verificationId of open) await advance(verificationId, dependencies).catch(onFailure);
  } while (await delay(SWEEP_MS, signal));
}
