/** A session in one row: what a reader asks for, whether from its stream or from the read model. */
import { computeExposure, describeCaveat, UNUSED, type Grant } from "@mira/authority";
import { decodeKey, parseLamports, type Lamports, type UnixMs } from "@mira/primitives";
import { findEnd, type Authority, type Session } from "./session.ts";

export type SessionSummary = {
  readonly sessionId: string;
  readonly parentId: string;
  readonly owner: Uint8Array;
  readonly sessionKey: Uint8Array;
  readonly recipients: readonly Uint8Array[];
  /** In all, fees included, as its own grant allows at most. */
  readonly limit: Lamports;
  readonly spent: Lamports;
  readonly reserved: Lamports;
  readonly startsAt: UnixMs;
  readonly expiresAt: UnixMs;
  readonly grantedAt: UnixMs;
  readonly revokedAt: UnixMs | undefined;
  readonly epoch: number;
  readonly caveats: readonly string[];
  readonly text: string;
};

/** Revoked, expired, exhausted: the three ways authority ends. */
export type SessionStatus = "active" | "revoked" | "expired" | "exhausted";

export function summarize(session: Session, authority: Authority): SessionSummary {
  const { sessionId, owner, grant, usage, text, grantedAt, epoch } = session;
  const { committed, reserved } = usage;
  return {
    sessionId,
    parentId: grant.parent ?? "",
    owner,
    sessionKey: toKey(grant.sessionKey),
    recipients: listRecipients(grant),
    limit: computeLimit(grant),
    spent: ((committed.spends.get("lamports") ?? 0n) + committed.feeLamports) as Lamports,
    reserved: ((reserved.spends.get("lamports") ?? 0n) + reserved.feeLamports) as Lamports,
    startsAt: grant.startsAt,
    expiresAt: grant.expiresAt,
    grantedAt,
    revokedAt: findEnd(session, authority),
    epoch,
    caveats: grant.caveats.map((caveat) => describeCaveat(caveat).join(": ")),
    text,
  };
}

export function computeStatus(session: SessionSummary, now: UnixMs): SessionStatus {
  if (session.revokedAt !== undefined) return "revoked";
  if (now >= session.expiresAt) return "expired";
  return session.spent >= session.limit ? "exhausted" : "active";
}

const U64_MAX = 2n ** 64n - 1n;

/** Lamports that a grant lets go, fees included, when nothing is used of it yet. */
export function computeLimit(grant: Grant): Lamports {
  const link = { sessionId: "", owner: "", grant, usage: UNUSED, endedAt: undefined };
  const open = computeExposure([link], grant.startsAt).find(({ asset }) => asset === "lamports")?.open ?? 0n;
  return parseLamports(open > U64_MAX ? U64_MAX : open);
}

export function listRecipients(grant: Grant): readonly Uint8Array[] {
  return grant.caveats.flatMap((caveat) =>
    caveat.kind === "recipients" ? caveat.recipients.map(toKey) : [],
  );
}

export function toKey(text: string): Uint8Array {
  return decodeKey(text) ?? new Uint8Array(32);
}
