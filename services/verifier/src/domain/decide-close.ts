/** The end of a round: verdicts, what members did not do, and whether a wider committee is asked. */
import { accept, refuse, type Decision, type UnixMs } from "@mira/primitives";
import { scoreProbes } from "./probe-answers.ts";
import { getRound, haveAllRevealed } from "./rounds.ts";
import { reachVerdicts, scoreAttestations } from "./verdict.ts";
import type { GoldAnswer } from "./weigh-by-probes.ts";
import {
  evolve,
  type CarelessFault,
  type OpenedVerification,
  type VerificationEvent,
} from "./verification.ts";

export type CloseRoundCommand = {
  readonly type: "closeRound";
  /** How the members did on probes; absent: nothing is known. */
  readonly gold?: readonly GoldAnswer[];
  readonly at: UnixMs;
};
export function decideCloseRound(
  { gold = [], at }: CloseRoundCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  if (state.status !== "revealing") return accept();
  const { claimIds, revealBy } = getRound(state);
  if (!haveAllRevealed(state) && at < revealBy)
    return refuse("REVEAL_NOT_OPEN", "some may still reveal", { revealBy, now: at });
  const { verificationId, terms } = state.opened;
  const round = state.rounds.length - 1;
  const verdicts = reachVerdicts(state, claimIds, gold);
  const undecided =
    round < terms.wideningsMax
      ? verdicts.filter(({ verdict }) => verdict === "unresolved").map(({ claimId }) => claimId)
      : [];
  const closed: VerificationEvent = { type: "RoundClosed", verificationId, round, verdicts, undecided, at };
  const events: VerificationEvent[] = [closed];
  const faults = findFaults(state);
  if (faults.length > 0)
    events.push({ type: "FaultsFound", verificationId, round, policy: terms.policy, faults, at });
  const after = evolve(state, closed);
  if (undecided.length === 0 && after.status !== "none") events.push(scoreWork(after, at));
  return accept(...events);
}

/** Of a probe what is known to be true counts, not what others said. */
export function scoreWork(verification: OpenedVerification, at: UnixMs): VerificationEvent {
  const { verificationId, probes = [], terms } = verification.opened;
  return probes.length > 0
    ? { type: "ProbesScored", verificationId, domain: terms.domain, scores: scoreProbes(verification), at }
    : { type: "AttestationsScored", verificationId, scores: scoreAttestations(verification), at };
}

/** A member that was drawn and stayed silent, or committed and did not show what: careless, whatever the reason. */
function findFaults(state: OpenedVerification): readonly CarelessFault[] {
  const { carelessSlashBps: slashBps } = state.opened.terms;
  return getRound(state).committee.flatMap(({ validatorId }): CarelessFault[] => {
    if (!state.commits.has(validatorId)) return [{ validatorId, kind: "commit-missing", slashBps }];
    return state.reveals.has(validatorId) ? [] : [{ validatorId, kind: "reveal-missing", slashBps }];
  });
}
