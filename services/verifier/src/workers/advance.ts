/** Moves verifications on: draws committees, opens reveals when nobody may commit any more, closes rounds when nobody may reveal any more, has certificates signed, issues them. */
import { drawSubject } from "@mira/committee";
import { delay, type Decision, type KeyPair, type UnixMs, type Verdict } from "@mira/primitives";
import { encodeProposal, sealCertificate } from "../codec/certificate.ts";
import { decide } from "../domain/decide.ts";
import { judgeDraw } from "../domain/draw.ts";
import {
  getRound,
  haveAllCommitted,
  haveAllRevealed,
  haveAllSigned,
  listCommittee,
} from "../domain/rounds.ts";
import { listVerdicts } from "../domain/verdict.ts";
import type { OpenedVerification, VerificationEvent, VerificationState } from "../domain/verification.ts";
import type {
  AuditLog,
  Clock,
  ValidatorDirectory,
  VerificationList,
  VerificationStreams,
  GoldList,
} from "../ports.ts";

export type AdvanceDependencies = {
  readonly networkId: string;
  readonly streams: VerificationStreams;
  readonly list: VerificationList;
  readonly validators: ValidatorDirectory;
  readonly auditLog: AuditLog;
  /** Answers of validators to claims of known truth. */
  readonly gold: GoldList;
  readonly clock: Clock;
  readonly createNonce: () => Uint8Array;
  /** The network's, for certificates alone. */
  readonly signer: KeyPair;
  /** How long validators have to sign what is certified. */
  readonly signMs: number;
  readonly certificateValidityMs: number;
  /** Wakes those who wait for this verification: streams of validators, callers of GetVerification. */
  readonly announce: (verificationId: string) => void;
  readonly onCertified: (verdict: Verdict) => void;
};

const SWEEP_MS = 250;
const OPEN_MAX = 1_000;
/** At most: close a round, fix a draw, draw it, and the like. What is left is the next sweep's. */
const STEPS_MAX = 8;

/**
 * As far as it goes now: callers advance after each commit and reveal, and the sweep after each deadline. `logWaitMs`: how long to wait for
 * the audit log to hold what a draw needs.
 */
export async function advance(
  verificationId: string,
  dependencies: AdvanceDependencies,
  logWaitMs = 0,
): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step++) {
    const { state } = await dependencies.streams.load(verificationId);
    if (state.status === "none") return;
    const decideStep = await findStep(state, dependencies, logWaitMs);
    if (decideStep === undefined) return;
    const handled = await dependencies.streams.handle(verificationId, decideStep);
    if (!handled.ok) return;
    // Somebody else moved it at the same time: from where it is now.
    if (handled.value.events.length === 0) continue;
    dependencies.announce(verificationId);
    reportCertified(handled.value.state, dependencies);
  }
}

type DecideStep = (state: VerificationState) => Decision<VerificationEvent>;

/** What is to be decided next; undefined when it has to wait for somebody. */
async function findStep(
  state: OpenedVerification,
  dependencies: AdvanceDependencies,
  logWaitMs: number,
): Promise<DecideStep | undefined> {
  const at = dependencies.clock.now();
  switch (state.status) {
    case "drawing":
      return findDrawStep(state, dependencies, logWaitMs);
    case "widening":
      return fixDraw(state, dependencies);
    case "committing":
      return haveAllCommitted(state) || at >= getRound(state).commitBy
        ? (now) => decide({ type: "openReveal", at }, now)
        : undefined;
    case "revealing":
      return haveAllRevealed(state) || at >= getRound(state).revealBy
        ? closeRound(state, dependencies)
        : undefined;
    case "certifying":
      return (now) => propose(now, dependencies, at);
    case "signing":
      return haveAllSigned(state) || at >= (state.proposal?.signBy ?? 0)
        ? (now) => certify(now, dependencies, at)
        : undefined;
    case "certified":
      return undefined;
  }
}

function propose(
  state: VerificationState,
  { networkId, signMs, certificateValidityMs }: AdvanceDependencies,
  at: UnixMs,
): Decision<VerificationEvent> {
  if (state.status !== "certifying") return { ok: true, events: [] };
  const expiresAt = (at + certificateValidityMs) as UnixMs;
  const statement = encodeProposal(state, { networkId, issuedAt: at, expiresAt });
  return decide({ type: "propose", statement, signBy: (at + signMs) as UnixMs, at }, state);
}

function certify(
  state: VerificationState,
  { signer }: AdvanceDependencies,
  at: UnixMs,
): Decision<VerificationEvent> {
  if (state.status !== "signing") return { ok: true, events: [] };
  return decide({ type: "certify", ...sealCertificate(state, signer), at }, state);
}

async function findDrawStep(
  state: OpenedVerification,
  dependencies: AdvanceDependencies,
  logWaitMs: number,
): Promise<DecideStep | undefined> {
  const { terms } = getRound(state);
  if (terms === undefined) return undefined;
  const { verificationId, round, attempt } = terms;
  const fixed = await dependencies.auditLog.findFixed(drawSubject(verificationId, round, attempt), logWaitMs);
  if (fixed === undefined) return undefined;
  if (judgeDraw(state, fixed).outcome === "again") return fixDraw(state, dependencies);
  const at = dependencies.clock.now();
  return (now) => decide({ type: "draw", fixed, at }, now);
}

/** What is known of the members is read once, and stands in the verdicts that the event holds. */
async function closeRound(
  state: OpenedVerification,
  { gold: known, clock }: AdvanceDependencies,
): Promise<DecideStep> {
  const members = listCommittee(state).map(({ validatorId }) => validatorId);
  const gold = await known.read(members, state.opened.terms.domain);
  return (now) => decide({ type: "closeRound", gold, at: clock.now() }, now);
}

async function fixDraw(
  state: OpenedVerification,
  { networkId, validators, clock, createNonce }: AdvanceDependencies,
): Promise<DecideStep | undefined> {
  const bonded = await validators.listBonded();
  if (!bonded.ok) return undefined;
  const draw = { networkId, candidates: bonded.value, nonce: createNonce(), at: clock.now() };
  const after = { rounds: state.rounds.length, attempt: state.rounds.at(-1)?.terms?.attempt ?? 0 };
  return (now) => decide({ type: "fixDraw", after, draw }, now);
}

function reportCertified(state: VerificationState, { onCertified }: AdvanceDependencies): void {
  if (state.status === "certified") for (const { verdict } of listVerdicts(state)) onCertified(verdict);
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
