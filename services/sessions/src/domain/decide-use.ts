/** What becomes of a use: reserved when admitted, committed or released when it has ended; each once. Pure. */
import { evaluate, type ActionRequest, type Denied, type Verdict } from "@mira/authority";
import { accept, refuse, type Decision, type Lamports, type Refusal, type UnixMs } from "@mira/primitives";
import { hasIn } from "./growing-set.ts";
import { listChain, toLinks, type Authority, type SessionEvent, type SessionState } from "./session.ts";

export type ReserveCommand = {
  readonly sessionId: string;
  readonly messageHash: string;
  /** Whose signature it is, the session's own key says. */
  readonly request: Omit<ActionRequest, "redeemer">;
  readonly authority: Authority;
};
export type CommitCommand = {
  readonly sessionId: string;
  readonly messageHash: string;
  /** Left the owner, the fee included. */
  readonly spentLamports: Lamports;
  readonly succeeded: boolean;
  readonly sequenceNumber: number;
  readonly at: UnixMs;
};
export type ReleaseCommand = { readonly messageHash: string; readonly reason: string; readonly at: UnixMs };

type Outcome = Decision<SessionEvent>;

export function decideReserve(command: ReserveCommand, state: SessionState): Outcome {
  const { sessionId, messageHash, request } = command;
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session", { sessionId });
  // The same message asked for again is the same reservation, so that a retry after a lost answer is harmless.
  if (state.held.get(messageHash)?.sessionId === sessionId && !isOver(command, state)) return accept();
  if (state.held.has(messageHash) || hasIn(state.settled, messageHash) || hasIn(state.released, messageHash))
    return refuse("TRANSACTION_DUPLICATE", "this transaction's reservation has ended", { sessionId });
  const verdict = judge(command, state);
  if (!verdict.allowed) return toRefusal(verdict, request.at);
  return accept({
    type: "BudgetReserved",
    sessionId,
    messageHash,
    use: verdict.reservation,
    at: request.at,
  });
}

/** The verdict on a use, whether or not it is to be reserved. */
export function judge({ sessionId, request, authority }: ReserveCommand, state: SessionState): Verdict {
  const chain = state.status === "none" ? [] : listChain(state, sessionId);
  return evaluate(toLinks(chain, authority), { ...request, redeemer: chain.at(-1)?.grant.sessionKey ?? "" });
}

export function decideCommit(command: CommitCommand, state: SessionState): Outcome {
  const { sessionId, messageHash, sequenceNumber, spentLamports, succeeded, at } = command;
  if (state.status === "none" || !state.sessions.has(sessionId))
    return refuse("SESSION_NOT_FOUND", "no such session", { sessionId });
  if (hasIn(state.settled, messageHash)) return accept();
  const use = state.held.get(messageHash)?.use;
  const fee = use === undefined ? 0n : use.feeLamports < spentLamports ? use.feeLamports : spentLamports;
  const spends = new Map(succeeded ? use?.spends : []);
  spends.set("lamports", spentLamports - fee);
  const outcome = { spends, feeLamports: fee, succeeded };
  return accept({ type: "BudgetCommitted", sessionId, messageHash, outcome, sequenceNumber, at });
}

export function decideRelease({ messageHash, reason, at }: ReleaseCommand, state: SessionState): Outcome {
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session");
  const held = state.held.get(messageHash);
  if (held === undefined) return accept();
  const { sessionId, use } = held;
  const lamports = (use.spends.get("lamports") ?? 0n) + use.feeLamports;
  return accept({ type: "BudgetReleased", sessionId, messageHash, lamports, reason, at });
}

function isOver({ sessionId, authority, request }: ReserveCommand, state: SessionState): boolean {
  if (state.status === "none") return true;
  return toLinks(listChain(state, sessionId), authority).some(
    ({ endedAt, grant }) => endedAt !== undefined || request.at >= grant.expiresAt,
  );
}

const MESSAGES: Readonly<Record<string, string>> = {
  SESSION_REVOKED: "the session was revoked",
  SESSION_NOT_STARTED: "the session has not started",
  SESSION_EXPIRED: "the session has ended",
  SESSION_RECIPIENT_DENIED: "the recipient is not on the session's list",
  SESSION_LIMIT_EXCEEDED: "the transaction takes more than is left of the session",
  SESSION_ACTION_DENIED: "the transaction does what the session does not allow",
};

/** What is left is a number to compare with; what was there instead is something else. */
function toRefusal(denied: Denied, at: UnixMs): Refusal {
  const { code, rule, caveat, needed, had, alternative, sessionId } = denied;
  const isLimit = /EXCEEDED|EFFECT/.test(code);
  return refuse(code, MESSAGES[code] ?? "a caveat of the session does not hold", {
    rule,
    needed,
    [isLimit ? "left" : "got"]: had,
    ...(caveat === "" ? {} : { caveat }),
    ...(alternative === "" ? {} : { alternative }),
    session: sessionId,
    now: at,
  });
}
