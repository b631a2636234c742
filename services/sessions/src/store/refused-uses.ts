/** Uses that were refused, the newest of each grant: a thief who is refused all day fills no disk. */
import { parseUnixMs } from "@mira/primitives";
import type { Pool } from "pg";
import type { RefusedUses } from "../ports.ts";

const KEPT_PER_GRANT = 128;

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS sessions.refused_uses (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_hash text NOT NULL UNIQUE,
    root_id text NOT NULL,
    version bigint NOT NULL,
    epoch bigint NOT NULL,
    advanced_ms bigint NOT NULL,
    request bytea NOT NULL,
    at_ms bigint NOT NULL,
    trace_id text NOT NULL
  );
  CREATE INDEX IF NOT EXISTS refused_uses_by_grant ON sessions.refused_uses (root_id, number)`;

type Row = {
  readonly message_hash: string;
  readonly root_id: string;
  readonly version: string;
  readonly epoch: string;
  readonly advanced_ms: string;
  readonly request: Buffer;
  readonly at_ms: string;
  readonly trace_id: string;
};

export function openRefusedUses(pool: Pool): RefusedUses & { migrate: () => Promise<void> } {
  return {
    migrate: async () => {
      await pool.query(MIGRATION);
    },
    record: async ({ messageHash, rootId, version, authority, request, at, traceId }) => {
      const { epoch, advancedAt } = authority;
      await pool.query(
        `WITH old AS (
           DELETE FROM sessions.refused_uses WHERE number IN (
             SELECT number FROM sessions.refused_uses WHERE root_id = $2 ORDER BY number DESC OFFSET $9))
         INSERT INTO sessions.refused_uses
           (message_hash, root_id, version, epoch, advanced_ms, request, at_ms, trace_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message_hash) DO NOTHING`,
        [
          messageHash,
          rootId,
          version,
          epoch,
          advancedAt,
          Buffer.from(request),
          at,
          traceId,
          KEPT_PER_GRANT - 1,
        ],
      );
    },
    find: async (messageHash) => {
      const { rows } = await pool.query<Row>("SELECT * FROM sessions.refused_uses WHERE message_hash = $1", [
        messageHash,
      ]);
      return rows[0] === undefined ? undefined : toUse(rows[0]);
    },
  };
}

function toUse(row: Row): Awaited<ReturnType<RefusedUses["find"]>> {
  return {
    messageHash: row.message_hash,
    rootId: row.root_id,
    version: Number(row.version),
    authority: { epoch: Number(row.epoch), advancedAt: parseUnixMs(Number(row.advanced_ms)) },
    request: row.request,
    at: parseUnixMs(Number(row.at_ms)),
    traceId: row.trace_id,
  };
}
