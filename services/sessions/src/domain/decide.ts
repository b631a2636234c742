/** Who may grant, pass on, narrow and end a session: a straight column of refusals, then the events. Pure: time comes in the command. */
import { checkNarrower, type Grant } from "@mira/authority";
import {
  accept,
  bytesEqual,
  decodeKey,
  encodeBase58,
  refuse,
  type Decision,
  type Refusal,
  type SignedIntent,
  type UnixMs,
} from "@mira/primitives";
import {
  findEnd,
  listChain,
  type Authority,
  type Session,
  type SessionEvent,
  type SessionState,
  type SessionTree,
} from "./session.ts";

/** Authority passed on more often than this is authority that nobody oversees. */
export const DEPTH_MAX = 4;
/** Passed on and replaced ones together: they share one stream, and with it one order. */
export const SESSIONS_PER_TREE_MAX = 64;

type Signed = {
  readonly signer: Uint8Array;
  readonly intent: SignedIntent;
  readonly authority: Authority;
  readonly at: UnixMs;
};

export type GrantCommand = Signed & {
  readonly sessionId: string;
  /** The account that the intent names. */
  readonly account: Uint8Array;
  /** The epoch that the intent names. */
  readonly epoch: number;
  readonly grant: Grant;
  readonly text: string;
  readonly lifetimeMsMax: number;
};
export type AmendCommand = Signed & {
  readonly sessionId: string;
  readonly epoch: number;
  readonly grant: Grant;
};
export type RevokeCommand = Signed & { readonly sessionId: string };

type Outcome = Decision<SessionEvent>;

export function decideGrant(command: GrantCommand, state: SessionState): Outcome {
  const { sessionId, account, grant, text, intent, epoch, at } = command;
  if (state.status !== "none" && state.sessions.has(sessionId))
    return refuse("SESSION_EXISTS", "this session was granted before", { sessionId });
  if (!bytesEqual(command.signer, account)) return refuseSigner([account], command.signer);
  const origin = grant.parent ?? grant.replaces;
  const from = origin === undefined ? undefined : findSession(state, origin);
  if (origin !== undefined && from === undefined)
    return refuse("SESSION_NOT_FOUND", "the session that this one comes from is not there", {
      sessionId: origin,
    });
  const refusal =
    refuseEpoch(epoch, command.authority) ??
    refuseWindow(command) ??
    (from === undefined ? undefined : refuseOrigin(command, from, state));
  if (refusal !== undefined) return refusal;
  const owner = from?.owner ?? account;
  if (grant.sessionKey === encodeBase58(owner))
    return refuse("REQUEST_INVALID", "the session key must not be the owner's own key", {
      field: "session key",
    });
  const granted = { type: "SessionGranted", sessionId, owner, grant, epoch, text, intent, at } as const;
  if (grant.replaces === undefined) return accept<SessionEvent>(granted);
  const { signer: by } = command;
  return accept<SessionEvent>(granted, { type: "SessionRevoked", sessionId: grant.replaces, by, intent, at });
}

export function decideAmend(command: AmendCommand, state: SessionState): Outcome {
  const { sessionId, signer, grant, intent, at } = command;
  const session = findSession(state, sessionId);
  if (session === undefined) return refuseMissing(sessionId);
  const holders = [session.owner, ...keys(session.grant.sessionKey)];
  if (!holders.some((key) => bytesEqual(key, signer))) return refuseSigner(holders, signer);
  const refusal = refuseEpoch(command.epoch, command.authority) ?? refuseEnded(session, command);
  if (refusal !== undefined) return refusal;
  if (!isSameSession(session.grant, grant))
    return refuse("SESSION_SCOPE_WIDENED", "an amendment narrows the scope or the end, and nothing else", {
      rule: "session key, parent, replaces, may revoke, starts",
      needed: "as granted",
      got: "changed",
    });
  return (
    checkNarrower(session.grant, grant) ??
    accept({ type: "SessionAmended", sessionId, by: signer, grant, intent, at })
  );
}

/** The owner, the holder, and whoever was named to do only this; of this session or of one that it comes from. */
export function decideRevoke(command: RevokeCommand, state: SessionState): Outcome {
  const { sessionId, signer: by, intent, at } = command;
  if (state.status === "none") return refuseMissing(sessionId);
  const chain = listChain(state, sessionId);
  const session = chain.at(-1);
  if (session === undefined) return refuseMissing(sessionId);
  if (session.endedAt !== undefined)
    return refuse("SESSION_REVOKED", "the session was revoked before", { sessionId });
  const allowed = [
    session.owner,
    ...chain.flatMap(({ grant }) => [...keys(grant.sessionKey), ...keys(grant.revoker)]),
  ];
  if (!allowed.some((key) => bytesEqual(key, by))) return refuseSigner(allowed, by);
  return accept({ type: "SessionRevoked", sessionId, by, intent, at });
}

function refuseOrigin(command: GrantCommand, from: Session, state: SessionState): Refusal | undefined {
  const { grant, account } = command;
  const tree = state as SessionTree;
  if (tree.sessions.size >= SESSIONS_PER_TREE_MAX)
    return refuse("SESSION_TREE_FULL", "too many sessions come from one grant", {
      needed: `fewer than ${SESSIONS_PER_TREE_MAX}`,
      had: tree.sessions.size,
    });
  if (grant.replaces !== undefined) {
    if (!bytesEqual(from.owner, account)) return refuseSigner([from.owner], account);
    return from.grant.parent === undefined
      ? refuseEnded(from, command)
      : refuse("REQUEST_INVALID", "only the owner's own grants are replaced", { field: "replaces" });
  }
  if (encodeBase58(account) !== from.grant.sessionKey)
    return refuseSigner(keys(from.grant.sessionKey), account);
  const chain = listChain(tree, from.sessionId);
  if (chain.length >= DEPTH_MAX)
    return refuse("SESSION_TREE_FULL", "the session was passed on too often", {
      needed: `at most ${DEPTH_MAX} grants deep`,
      had: chain.length + 1,
    });
  for (const link of chain) {
    const refusal = refuseEnded(link, command) ?? checkNarrower(link.grant, grant);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refuseWindow({ grant, lifetimeMsMax, at }: GrantCommand): Refusal | undefined {
  if (grant.startsAt >= grant.expiresAt || at >= grant.expiresAt)
    return refuse("SESSION_WINDOW_INVALID", "the session's window is empty or over", {
      startsAt: grant.startsAt,
      expiresAt: grant.expiresAt,
      now: at,
    });
  const lifetimeMs = grant.expiresAt - Math.min(at, grant.startsAt);
  if (lifetimeMs <= lifetimeMsMax) return undefined;
  return refuse("SESSION_WINDOW_INVALID", "the session would live longer than the network allows", {
    neededMsMax: lifetimeMsMax,
    gotMs: lifetimeMs,
  });
}

/** A signature dies with the authority epoch that it names. */
export function refuseEpoch(epoch: number, authority: Authority): Refusal | undefined {
  if (epoch === authority.epoch) return undefined;
  return refuse("INTENT_EPOCH_DEAD", "the intent names another authority epoch than the owner's", {
    needed: authority.epoch,
    got: epoch,
  });
}

function refuseEnded(
  session: Session,
  { authority, at }: { readonly authority: Authority; readonly at: UnixMs },
): Refusal | undefined {
  const { sessionId, grant } = session;
  const endedAt = findEnd(session, authority);
  if (endedAt !== undefined)
    return refuse("SESSION_REVOKED", "the session was revoked", { sessionId, revokedAt: endedAt });
  return at < grant.expiresAt
    ? undefined
    : refuse("SESSION_EXPIRED", "the session has ended", { needed: `before ${grant.expiresAt}`, now: at });
}

/** Counting goes on over an amendment, so what it counts by stays. */
function isSameSession(granted: Grant, amended: Grant): boolean {
  return (["sessionKey", "parent", "replaces", "revoker", "startsAt"] as const).every(
    (field) => granted[field] === amended[field],
  );
}

function findSession(state: SessionState, sessionId: string): Session | undefined {
  return state.status === "none" ? undefined : state.sessions.get(sessionId);
}

function refuseMissing(sessionId: string): Refusal {
  return refuse("SESSION_NOT_FOUND", "no such session", { sessionId });
}

function refuseSigner(allowed: readonly Uint8Array[], signer: Uint8Array): Refusal {
  return refuse("INTENT_SIGNATURE_INVALID", "this is not the signature of anyone who may do this", {
    needed: [...new Set(allowed.map(encodeBase58))].join(" or "),
    got: encodeBase58(signer),
  });
}

function keys(key: string | undefined): readonly Uint8Array[] {
  const decoded = key === undefined ? undefined : decodeKey(key);
  return decoded === undefined ? [] : [decoded];
}
