/** One session: what was granted, what is spent and reserved, and how its events fold. */
import {
  unreachable,
  type Lamports,
  type SessionGrant,
  type SignedIntent,
  type UnixMs,
} from "@mira/primitives";

export type SessionEvent =
  | {
      readonly type: "SessionGranted";
      readonly sessionId: string;
      readonly owner: Uint8Array;
      readonly grant: SessionGrant;
      readonly text: string;
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
      readonly lamports: Lamports;
      readonly at: UnixMs;
    }
  | {
      readonly type: "BudgetCommitted";
      readonly sessionId: string;
      readonly messageHash: string;
      readonly lamports: Lamports;
      readonly sequenceNumber: number;
      readonly at: UnixMs;
    }
  | {
      readonly type: "BudgetReleased";
      readonly sessionId: string;
      readonly messageHash: string;
      readonly lamports: Lamports;
      readonly reason: string;
      readonly at: UnixMs;
    };

export type GrantedSession = {
  readonly status: "granted" | "revoked";
  readonly sessionId: string;
  readonly owner: Uint8Array;
  readonly grant: SessionGrant;
  readonly text: string;
  readonly grantedAt: UnixMs;
  readonly endedAt: UnixMs | undefined;
  readonly spent: Lamports;
  readonly reserved: Lamports;
  /** By message hash in hex: what each admitted, unsettled transaction may still spend. */
  readonly reservations: ReadonlyMap<string, Lamports>;
  /** Message hashes whose reservation has ended, so that it ends once. */
  readonly ended: ReadonlySet<string>;
};

export type SessionState = { readonly status: "none" } | GrantedSession;

export const initialState: SessionState = { status: "none" };

export function evolve(state: SessionState, event: SessionEvent): SessionState {
  if (event.type === "SessionGranted") return grantedState(event);
  if (state.status === "none") return state;
  switch (event.type) {
    case "SessionRevoked":
      return { ...state, status: "revoked", endedAt: event.at };
    case "BudgetReserved":
      return {
        ...state,
        reserved: (state.reserved + event.lamports) as Lamports,
        reservations: new Map(state.reservations).set(event.messageHash, event.lamports),
      };
    case "BudgetCommitted":
      return {
        ...endReservation(state, event.messageHash),
        spent: (state.spent + event.lamports) as Lamports,
      };
    case "BudgetReleased":
      return endReservation(state, event.messageHash);
    default:
      return unreachable(event);
  }
}

/** What is left of the limit for a new reservation. */
export function computeLeft(session: GrantedSession): Lamports {
  return (session.grant.limitLamports - session.spent - session.reserved) as Lamports;
}

function grantedState(event: Extract<SessionEvent, { type: "SessionGranted" }>): GrantedSession {
  const { sessionId, owner, grant, text, at } = event;
  return {
    status: "granted",
    sessionId,
    owner,
    grant,
    text,
    grantedAt: at,
    endedAt: undefined,
    spent: 0n as Lamports,
    reserved: 0n as Lamports,
    reservations: new Map(),
    ended: new Set(),
  };
}

function endReservation(state: GrantedSession, messageHash: string): GrantedSession {
  const reservations = new Map(state.reservations);
  const amount = reservations.get(messageHash) ?? 0n;
  reservations.delete(messageHash);
  return {
    ...state,
    reserved: (state.reserved - amount) as Lamports,
    reservations,
    ended: new Set(state.ended).add(messageHash),
  };
}
