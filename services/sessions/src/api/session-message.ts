/** Between a session's summary and the message that callers see. */
import { sessions } from "@mira/api";
import type { UnixMs } from "@mira/primitives";
import { computeStatus, type SessionStatus, type SessionSummary } from "../domain/summary.ts";

const STATUSES = {
  active: sessions.SessionStatus.ACTIVE,
  revoked: sessions.SessionStatus.REVOKED,
  expired: sessions.SessionStatus.EXPIRED,
  exhausted: sessions.SessionStatus.EXHAUSTED,
} as const satisfies Record<SessionStatus, sessions.SessionStatus>;

export function toSessionMessage(session: SessionSummary, now: UnixMs): sessions.Session {
  return {
    sessionId: session.sessionId,
    owner: session.owner,
    sessionKey: session.sessionKey,
    recipients: [...session.recipients],
    limitLamports: session.limit,
    spentLamports: session.spent,
    reservedLamports: session.reserved,
    startsMs: BigInt(session.startsAt),
    expiresMs: BigInt(session.expiresAt),
    status: STATUSES[computeStatus(session, now)],
    text: session.text,
    grantedMs: BigInt(session.grantedAt),
    endedMs: BigInt(session.revokedAt ?? 0),
    caveats: [...session.caveats],
    parentId: session.parentId,
    epoch: BigInt(session.epoch),
  };
}
