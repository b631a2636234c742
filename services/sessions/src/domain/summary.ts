/** A session in one row: what a reader asks for, whether from its stream or from the read model. */
import type { Lamports, UnixMs } from "@mira/primitives";
import type { GrantedSession } from "./session.ts";

export type SessionSummary = {
  readonly sessionId: string;
  readonly owner: Uint8Array;
  readonly sessionKey: Uint8Array;
  readonly recipients: readonly Uint8Array[];
  readonly limit: Lamports;
  readonly spent: Lamports;
  readonly reserved: Lamports;
  readonly startsAt: UnixMs;
  readonly expiresAt: UnixMs;
  readonly grantedAt: UnixMs;
  readonly revokedAt: UnixMs | undefined;
  readonly text: string;
};

/** Revoked, expired, exhausted: the three ways authority ends. */
export type SessionStatus = "active" | "revoked" | "expired" | "exhausted";

export function summarize(session: GrantedSession): SessionSummary {
  const { sessionId, owner, grant, spent, reserved, text, grantedAt, endedAt: revokedAt } = session;
  const { sessionKey, recipients, startsAt, expiresAt, limitLamports: limit } = grant;
  return {
    sessionId,
    owner,
    sessionKey,
    recipients,
    limit,
    spent,
    reserved,
    startsAt,
    expiresAt,
    grantedAt,
    revokedAt,
    text,
  };
}

export function computeStatus(session: SessionSummary, now: UnixMs): SessionStatus {
  if (session.revokedAt !== undefined) return "revoked";
  if (now >= session.expiresAt) return "expired";
  return session.spent >= session.limit ? "exhausted" : "active";
}
