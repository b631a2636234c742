/** mira.sessions.>: who was allowed what, how it was narrowed, and how it ended, as entries of the audit log. */
import {
  AuthorityAdvanced,
  SessionAmended,
  SessionGranted,
  SessionRevoked,
} from "@mira/api/gen/mira/events/v1/events.ts";
import { encodeBase58, encodeHex, sha256, type AuditEntryContent } from "@mira/primitives";

type SessionEntry = {
  readonly kind: string;
  readonly subject: string;
  readonly atMs: bigint;
  readonly fields: AuditEntryContent["fields"];
};

/** By the type in the message's header. */
export const SESSION_READERS: Readonly<Record<string, (payload: Uint8Array) => SessionEntry>> = {
  SessionGranted: (payload) => {
    const granted = SessionGranted.decode(payload);
    const { sessionId, owner, limitLamports, expiresMs, atMs, parentId, epoch, intent } = granted;
    const fields: AuditEntryContent["fields"] = [
      ["owner", encodeBase58(owner)],
      ["limit lamports", String(limitLamports)],
      ["expires ms", String(expiresMs)],
      ["epoch", String(epoch)],
      ...(parentId === "" ? [] : [["parent", parentId] as const]),
      ["intent sha256", digestOf(intent)],
    ];
    return { kind: "session.granted", subject: sessionId, atMs, fields };
  },
  SessionAmended: (payload) => {
    const { sessionId, by, atMs, intent } = SessionAmended.decode(payload);
    const fields = [
      ["by", encodeBase58(by)],
      ["intent sha256", digestOf(intent)],
    ] as const;
    return { kind: "session.amended", subject: sessionId, atMs, fields };
  },
  SessionRevoked: (payload) => {
    const { sessionId, by, atMs } = SessionRevoked.decode(payload);
    return { kind: "session.revoked", subject: sessionId, atMs, fields: [["by", encodeBase58(by)]] };
  },
  AuthorityAdvanced: (payload) => {
    const { owner, epoch, atMs } = AuthorityAdvanced.decode(payload);
    return {
      kind: "authority.advanced",
      subject: `authority/${encodeBase58(owner)}`,
      atMs,
      fields: [["epoch", String(epoch)]],
    };
  },
};

/** What was signed can be shown by whoever has it, and nobody else need know it. */
function digestOf(intent: SessionGranted["intent"]): string {
  return encodeHex(sha256(intent?.intent ?? new Uint8Array()));
}
