/** Opening a verification, and the draws of its committees: first, again, wider, or no more. */
import { countSeatsAtMost } from "@mira/committee";
import { accept, refuse, type Decision, type UnixMs } from "@mira/primitives";
import { computeDemand, isAnyoneLeft, judgeDraw, prepareDraw, type DrawInput } from "./draw.ts";
import { getRound, listCommittee } from "./rounds.ts";
import { scoreWork } from "./decide-close.ts";
import type {
  FixedProof,
  OpenedVerification,
  VerificationEvent,
  VerificationOpened,
  VerificationState,
} from "./verification.ts";

export type OpenCommand = {
  readonly type: "open";
  readonly opened: VerificationOpened;
  readonly draw: DrawInput;
};
/** The next round's draw, or the same one again when what was fixed could not be drawn from. */
export type FixDrawCommand = {
  readonly type: "fixDraw";
  /** What the caller saw: whoever saw less comes too late. */
  readonly after: { readonly rounds: number; readonly attempt: number };
  readonly draw: DrawInput;
};
export type DrawCommand = { readonly type: "draw"; readonly fixed: FixedProof; readonly at: UnixMs };

export function decideOpen(
  { opened, draw }: OpenCommand,
  state: VerificationState,
): Decision<VerificationEvent> {
  if (state.status !== "none")
    return refuse("REQUEST_ID_REUSED", "this verification was opened before", {
      verificationId: opened.verificationId,
    });
  if (opened.response.trim() === "") return refuse("RESPONSE_EMPTY", "the response has no text");
  // Nothing to check: nobody is drawn, and the certificate says so.
  if (opened.claims.length === 0) return accept<VerificationEvent>(opened);
  const claimIds = opened.claims.map(({ claimId }) => claimId);
  const demand = computeDemand(opened, 0, claimIds);
  const there = countSeatsAtMost(draw.candidates, demand);
  if (there < demand.seats)
    return refuse("COMMITTEE_TOO_SMALL", "too few bonded validators are there to draw a committee", {
      needed: demand.seats,
      there,
      operatorSeatsMax: demand.operatorSeatsMax,
      familySeatsMax: demand.familySeatsMax,
    });
  return accept(opened, ...prepareDraw(opened, { round: 0, attempt: 0, claimIds, seated: [] }, draw));
}

export function decideFixDraw(
  { after, draw }: FixDrawCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { opened } = state;
  if (state.rounds.length !== after.rounds) return accept();
  if (state.status === "widening") {
    const round = state.rounds.length;
    if (!isAnyoneLeft(state, draw.candidates, state.undecided))
      return abandon(state, round, "nobody is left to widen the committee with", draw.at);
    const wider = { round, attempt: 0, claimIds: state.undecided, seated: listCommittee(state) };
    return accept(...prepareDraw(opened, wider, draw));
  }
  if (state.status !== "drawing") return accept();
  const { terms, claimIds } = getRound(state);
  if (terms?.attempt !== after.attempt) return accept();
  const again = { round: terms.round, attempt: terms.attempt + 1, claimIds, seated: listCommittee(state) };
  return accept(...prepareDraw(opened, again, draw));
}

export function decideDraw(
  { fixed, at }: DrawCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  if (state.status !== "drawing") return accept();
  const round = getRound(state).terms?.round ?? 0;
  const judged = judgeDraw(state, fixed);
  if (judged.outcome === "again")
    return refuse("CONCURRENT_CHANGE", `the draw is to be fixed again: ${judged.reason}`);
  if (judged.outcome === "abandon") return abandon(state, round, judged.reason, at);
  const { verificationId, terms } = state.opened;
  const commitBy = (at + terms.commitMs) as UnixMs;
  const revealBy = (commitBy + terms.revealMs) as UnixMs;
  const { committee } = judged;
  return accept({ type: "CommitteeDrawn", verificationId, round, committee, fixed, commitBy, revealBy, at });
}

function abandon(
  state: OpenedVerification,
  round: number,
  reason: string,
  at: UnixMs,
): Decision<VerificationEvent> {
  const { verificationId } = state.opened;
  return accept({ type: "DrawAbandoned", verificationId, round, reason, at }, scoreWork(state, at));
}
