/** The sessions that come from one grant: what was granted, passed on, used and ended, and how their events fold. */
import {
  commit,
  release,
  reserve,
  UNUSED,
  type Grant,
  type Link,
  type Outcome,
  type Reservation,
  type Usage,
} from "@mira/authority";
import { encodeBase58, unreachable, type SignedIntent, type UnixMs } from "@mira/primitives";
import { addTo, EMPTY_SET, type GrowingSet } from "./growing-set.ts";

export type SessionEvent =
  | {
      readonly type: "SessionGranted";
      readonly sessionId: string;
      readonly owner: Uint8Array;
      readonly grant: Grant;
      /** The owner's authority epoch that the grant is of. */
      readonly epoch: number;
      readonly text: string;
      readonly intent: SignedIntent;
      readonly at: UnixMs;
    }
  | {
      readonly type: "SessionAmended";
      readonly sessionId: string;
      readonly by: Uint8Array;
      readonly grant: Grant;
      readonly intent: SignedIntent;
      readonly at: UnixMs;
    }
  | {
      readonly type: "SessionRevoked";
      readonly sessionId: string;
      readonly by: Uint8Array;
      readonly intent: SignedIntent;
      readonly at: UnixMs;
    }
  | {
      readonly type: "BudgetReserved";
      readonly sessionId: string;
      readonly messageHash: string;
      readonly use: Reservation;
      readonly at: UnixMs;
    }
  | {
      readonly type: "BudgetCommitted";
      readonly sessionId: string;
      readonly messageHash: string;
      readonly outcome: Outcome;
      readonly sequenceNumber: number;
      readonly at: UnixMs;
    }
  | {
      readonly type: "BudgetReleased";
      readonly sessionId: string;
      readonly messageHash: string;
      readonly lamports: bigint;
      readonly reason: string;
      readonly at: UnixMs;
    };

export type Session = {
  readonly sessionId: string;
  readonly owner: Uint8Array;
  readonly grant: Grant;
  readonly epoch: number;
  readonly text: string;
  readonly grantedAt: UnixMs;
  readonly endedAt: UnixMs | undefined;
  readonly usage: Usage;
};

export type HeldUse = { readonly sessionId: string; readonly use: Reservation };

/** A session, those that were passed on from it, and those that took its place. One stream, so one order of events. */
export type SessionTree = {
  readonly status: "granted";
  readonly sessions: ReadonlyMap<string, Session>;
  /** By message hash in hex: what each admitted, unsettled transaction may still take. */
  readonly held: ReadonlyMap<string, HeldUse>;
  /** Message hashes whose use has settled, and whose reservation was given back. */
  readonly settled: GrowingSet;
  readonly released: GrowingSet;
};

export type SessionState = { readonly status: "none" } | SessionTree;

/** How far an owner's authority has moved on: what names an earlier epoch is dead since. */
export type Authority = { readonly epoch: number; readonly advancedAt: UnixMs };

export const initialState: SessionState = { status: "none" };

const EMPTY_TREE: SessionTree = {
  status: "granted",
  sessions: new Map(),
  held: new Map(),
  settled: EMPTY_SET,
  released: EMPTY_SET,
};

export function evolve(state: SessionState, event: SessionEvent): SessionState {
  if (event.type === "SessionGranted") return grantedState(state, event);
  if (state.status === "none") return state;
  switch (event.type) {
    case "SessionAmended":
      return change(state, [event.sessionId], (session) => ({ ...session, grant: event.grant }));
    case "SessionRevoked":
      return change(state, listWithDescendants(state, event.sessionId), (session) => ({
        ...session,
        endedAt: session.endedAt ?? event.at,
      }));
    case "BudgetReserved": {
      const { sessionId, messageHash, use } = event;
      const reserved = useChain(state, sessionId, ({ usage, grant }) => reserve(usage, grant, use));
      return { ...reserved, held: new Map(state.held).set(messageHash, { sessionId, use }) };
    }
    case "BudgetCommitted": {
      const held = state.held.get(event.messageHash)?.use;
      const committed = useChain(state, event.sessionId, ({ usage, grant }) =>
        commit(usage, grant, held, event.outcome),
      );
      return { ...withoutHeld(committed, event), settled: addTo(state.settled, event.messageHash) };
    }
    case "BudgetReleased": {
      const held = state.held.get(event.messageHash);
      const released =
        held === undefined
          ? state
          : useChain(state, held.sessionId, ({ usage, grant }) => release(usage, grant, held.use));
      return { ...withoutHeld(released, event), released: addTo(state.released, event.messageHash) };
    }
    default:
      return unreachable(event);
  }
}

/** From the owner's grant down to the session; empty when there is no such session. */
export function listChain({ sessions }: SessionTree, sessionId: string): readonly Session[] {
  const chain: Session[] = [];
  for (let session = sessions.get(sessionId); session !== undefined;) {
    chain.unshift(session);
    const { parent } = session.grant;
    session = parent === undefined ? undefined : sessions.get(parent);
  }
  return chain;
}

/** As the evaluator looks at it. */
export function toLinks(chain: readonly Session[], authority: Authority): readonly Link[] {
  return chain.map((session) => ({
    sessionId: session.sessionId,
    owner: encodeBase58(session.owner),
    grant: session.grant,
    usage: session.usage,
    endedAt: findEnd(session, authority),
  }));
}

/** A session ends when it is revoked, or when the authority that it was signed under is over. */
export function findEnd({ endedAt, epoch }: Session, authority: Authority): UnixMs | undefined {
  return endedAt ?? (epoch < authority.epoch ? authority.advancedAt : undefined);
}

function grantedState(
  state: SessionState,
  event: Extract<SessionEvent, { type: "SessionGranted" }>,
): SessionState {
  const { sessionId, owner, grant, epoch, text, at } = event;
  const tree = state.status === "none" ? EMPTY_TREE : state;
  const session = { sessionId, owner, grant, epoch, text, grantedAt: at, endedAt: undefined, usage: UNUSED };
  return { ...tree, sessions: new Map(tree.sessions).set(sessionId, session) };
}

function listWithDescendants(tree: SessionTree, sessionId: string): readonly string[] {
  return [...tree.sessions.keys()].filter((id) =>
    listChain(tree, id).some((session) => session.sessionId === sessionId),
  );
}

function useChain(tree: SessionTree, sessionId: string, use: (session: Session) => Usage): SessionTree {
  const ids = listChain(tree, sessionId).map((session) => session.sessionId);
  return change(tree, ids, (session) => ({ ...session, usage: use(session) }));
}

function change(tree: SessionTree, ids: readonly string[], make: (session: Session) => Session): SessionTree {
  const sessions = new Map(tree.sessions);
  for (const id of ids) {
    const session = sessions.get(id);
    if (session !== undefined) sessions.set(id, make(session));
  }
  return { ...tree, sessions };
}

function withoutHeld(tree: SessionTree, { messageHash }: { readonly messageHash: string }): SessionTree {
  if (!tree.held.has(messageHash)) return tree;
  const held = new Map(tree.held);
  held.delete(messageHash);
  return { ...tree, held };
}
