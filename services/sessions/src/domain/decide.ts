/** What may happen to a session: a straight column of refusals, then the event. Pure: time comes in the command. */
import {
  accept,
  bytesEqual,
  encodeBase58,
  refuse,
  unreachable,
  type Decision,
  type Lamports,
  type Refusal,
  type SessionGrant,
  type SignedIntent,
  type UnixMs,
} from "@mira/primitives";
import { computeLeft, type GrantedSession, type SessionEvent, type SessionState } from "./session.ts";

export type TransferEffect = {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly lamports: Lamports;
};

export type SessionCommand =
  | {
      readonly type: "grant";
      readonly sessionId: string;
      readonly owner: Uint8Array;
      readonly signer: Uint8Array;
      readonly grant: SessionGrant;
      readonly text: string;
      readonly intent: SignedIntent;
      readonly lifetimeMsMax: number;
      readonly at: UnixMs;
    }
  | {
      readonly type: "revoke";
      readonly signer: Uint8Array;
      readonly intent: SignedIntent;
      readonly at: UnixMs;
    }
  | {
      readonly type: "reserve";
      readonly messageHash: string;
      readonly transfers: readonly TransferEffect[];
      readonly feeLamports: Lamports;
      readonly signers: readonly Uint8Array[];
      /** Program ids in base58. */
      readonly programs: readonly string[];
      readonly at: UnixMs;
    }
  | {
      readonly type: "commit";
      readonly messageHash: string;
      readonly spentLamports: Lamports;
      readonly sequenceNumber: number;
      readonly at: UnixMs;
    }
  | { readonly type: "release"; readonly messageHash: string; readonly reason: string; readonly at: UnixMs };

/** The only programs a session's transaction may invoke: transfers, and the words about compute that price them. */
export const SESSION_PROGRAMS: ReadonlySet<string> = new Set([
  "11111111111111111111111111111111",
  "ComputeBudget111111111111111111111111111111",
]);

type Outcome = Decision<SessionEvent>;

export function decide(command: SessionCommand, state: SessionState): Outcome {
  switch (command.type) {
    case "grant":
      return decideGrant(command, state);
    case "revoke":
      return decideRevoke(command, state);
    case "reserve":
      return decideReserve(command, state);
    case "commit":
      return decideCommit(command, state);
    case "release":
      return decideRelease(command, state);
    default:
      return unreachable(command);
  }
}

function decideGrant(command: Extract<SessionCommand, { type: "grant" }>, state: SessionState): Outcome {
  const { sessionId, owner, grant, text, intent, at } = command;
  if (state.status !== "none")
    return refuse("SESSION_EXISTS", "this session was granted before", { sessionId });
  if (!bytesEqual(command.signer, owner))
    return refuse("INTENT_SIGNATURE_INVALID", "a grant is signed by its owner", {
      needed: encodeBase58(owner),
      got: encodeBase58(command.signer),
    });
  if (bytesEqual(grant.sessionKey, owner))
    return refuse("REQUEST_INVALID", "the session key must not be the owner's own key", {
      field: "session key",
    });
  if (grant.startsAt >= grant.expiresAt || at >= grant.expiresAt)
    return refuse("SESSION_WINDOW_INVALID", "the session's window is empty or over", {
      startsAt: grant.startsAt,
      expiresAt: grant.expiresAt,
      now: at,
    });
  const lifetimeMs = grant.expiresAt - Math.min(at, grant.startsAt);
  if (lifetimeMs > command.lifetimeMsMax)
    return refuse("SESSION_WINDOW_INVALID", "the session would live longer than the network allows", {
      neededMsMax: command.lifetimeMsMax,
      gotMs: lifetimeMs,
    });
  return accept({ type: "SessionGranted", sessionId, owner, grant, text, intent, at });
}

function decideRevoke(command: Extract<SessionCommand, { type: "revoke" }>, state: SessionState): Outcome {
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session");
  if (state.status === "revoked")
    return refuse("SESSION_REVOKED", "the session was revoked before", { sessionId: state.sessionId });
  if (!bytesEqual(command.signer, state.owner) && !bytesEqual(command.signer, state.grant.sessionKey))
    return refuse("INTENT_SIGNATURE_INVALID", "a session is revoked by its owner or its session key", {
      needed: `${encodeBase58(state.owner)} or ${encodeBase58(state.grant.sessionKey)}`,
      got: encodeBase58(command.signer),
    });
  return accept({
    type: "SessionRevoked",
    sessionId: state.sessionId,
    by: command.signer,
    intent: command.intent,
    at: command.at,
  });
}

function decideReserve(command: Extract<SessionCommand, { type: "reserve" }>, state: SessionState): Outcome {
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session");
  // The same message asked for again is the same reservation, so that a retry after a lost answer is harmless.
  if (state.reservations.has(command.messageHash)) return accept();
  if (state.ended.has(command.messageHash))
    return refuse("TRANSACTION_DUPLICATE", "this transaction's reservation has ended", {
      sessionId: state.sessionId,
    });
  const refusal = refuseOutsideWindow(command.at, state) ?? refuseOutsideScope(command, state);
  if (refusal !== undefined) return refusal;
  const needed =
    command.transfers.reduce((sum, transfer) => sum + transfer.lamports, 0n) + command.feeLamports;
  const left = computeLeft(state);
  if (needed > left)
    return refuse("SESSION_LIMIT_EXCEEDED", "the amount and fee exceed what is left of the session's limit", {
      rule: "limit lamports",
      needed,
      left,
      limit: state.grant.limitLamports,
      spent: state.spent,
      reserved: state.reserved,
    });
  return accept({
    type: "BudgetReserved",
    sessionId: state.sessionId,
    messageHash: command.messageHash,
    lamports: needed as Lamports,
    at: command.at,
  });
}

/** Start inclusive, end exclusive: at the very instant of its end the authority is gone. */
export function refuseOutsideWindow(at: UnixMs, session: GrantedSession): Refusal | undefined {
  const { sessionId, grant } = session;
  if (session.status === "revoked")
    return refuse("SESSION_REVOKED", "the session was revoked", {
      sessionId,
      revokedAt: session.endedAt ?? 0,
    });
  if (at < grant.startsAt)
    return refuse("SESSION_NOT_STARTED", "the session has not started", {
      rule: "starts",
      needed: grant.startsAt,
      now: at,
    });
  if (at >= grant.expiresAt)
    return refuse("SESSION_EXPIRED", "the session has ended", {
      rule: "expires",
      needed: `before ${grant.expiresAt}`,
      now: at,
    });
  return undefined;
}

function refuseOutsideScope(
  command: Extract<SessionCommand, { type: "reserve" }>,
  session: GrantedSession,
): Refusal | undefined {
  const denied = command.programs.find((program) => !SESSION_PROGRAMS.has(program));
  if (denied !== undefined) return refuseAction("a System transfer", `an instruction of ${denied}`);
  if (command.transfers.length === 0) return refuseAction("at least one System transfer", "none");
  if (command.signers.length !== 1 || !command.signers.every((signer) => bytesEqual(signer, session.owner)))
    return refuseAction("the owner as the only signer", command.signers.map(encodeBase58).join(", "));
  for (const transfer of command.transfers) {
    if (!bytesEqual(transfer.from, session.owner))
      return refuseAction(`transfers from ${encodeBase58(session.owner)}`, encodeBase58(transfer.from));
    if (!session.grant.recipients.some((recipient) => bytesEqual(recipient, transfer.to)))
      return refuse("SESSION_RECIPIENT_DENIED", "the recipient is not on the session's list", {
        rule: "recipient",
        needed: session.grant.recipients.map(encodeBase58).join(", "),
        got: encodeBase58(transfer.to),
      });
  }
  return undefined;
}

function refuseAction(needed: string, got: string): Refusal {
  return refuse("SESSION_ACTION_DENIED", "the session allows SOL transfers by its owner, and nothing else", {
    rule: "allow",
    needed,
    got,
  });
}

function decideCommit(command: Extract<SessionCommand, { type: "commit" }>, state: SessionState): Outcome {
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session");
  if (state.ended.has(command.messageHash)) return accept();
  const { messageHash, sequenceNumber, spentLamports, at } = command;
  return accept({
    type: "BudgetCommitted",
    sessionId: state.sessionId,
    messageHash,
    lamports: spentLamports,
    sequenceNumber,
    at,
  });
}

function decideRelease(command: Extract<SessionCommand, { type: "release" }>, state: SessionState): Outcome {
  if (state.status === "none") return refuse("SESSION_NOT_FOUND", "no such session");
  const lamports = state.reservations.get(command.messageHash);
  if (lamports === undefined) return accept();
  const { messageHash, reason, at } = command;
  return accept({ type: "BudgetReleased", sessionId: state.sessionId, messageHash, lamports, reason, at });
}
