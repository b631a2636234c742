/** The outbox: messages that await publication, in order, and how far the relay has come. The history stays, for rebuilding streams. */
import { invariant } from "@mira/primitives";
import type { Pool } from "pg";
import { READ_BYTES_MAX, READ_ROWS_MAX } from "./limits.ts";
import type { StoredOutboxMessage } from "./model.ts";

/** No consumer can have this name: cursor names begin with a letter. */
const PUBLISHED = "$published";

/** Gap-safe, in order of positions; at most `limit` messages and 64 MiB. */
export async function readOutbox(
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  { afterPosition, limit }: { readonly afterPosition: bigint; readonly limit: number },
): Promise<StoredOutboxMessage[]> {
  const result = await pool.query<OutboxRow>({
    name: `mira_read_outbox_${schema}`.slice(0, 63),
    text: `SELECT position, id, subject, headers, payload FROM (
        SELECT *, sum(octet_length(payload)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS before
        FROM ${schema}.read_outbox($1, $2)) AS summed
      WHERE before < ${READ_BYTES_MAX}`,
    values: [afterPosition.toString(), Math.min(limit, READ_ROWS_MAX)],
    rowMode: "array",
  });
  return result.rows.map(toMessage);
}

type OutboxRow = [position: string, id: string, subject: string, headers: string | null, payload: Buffer];

function toMessage([position, id, subject, headers, payload]: OutboxRow): StoredOutboxMessage {
  return {
    position: BigInt(position),
    id,
    subject,
    payload,
    ...(headers === null ? {} : { headers: parseHeaders(headers) }),
  };
}

function parseHeaders(text: string): Record<string, string> {
  const headers: unknown = JSON.parse(text);
  invariant(typeof headers === "object" && headers !== null, "outbox headers are an object");
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
}

/** Every message up to this position is published; 0 before the first. */
export async function getPublished({
  pool,
  schema,
}: {
  readonly pool: Pool;
  readonly schema: string;
}): Promise<bigint> {
  const result = await pool.query<{ position: string }>(
    `SELECT position FROM ${schema}.cursors WHERE name = $1`,
    [PUBLISHED],
  );
  return BigInt(result.rows[0]?.position ?? "0");
}

/** Moves forward only: a slow relay that marks late takes nothing back. */
export async function markPublished(
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  position: bigint,
): Promise<void> {
  await pool.query(
    `INSERT INTO ${schema}.cursors AS c (name, position) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position, moved_at = clock_timestamp() WHERE c.position < excluded.position`,
    [PUBLISHED, position.toString()],
  );
}

/** Takes the mark back, so that the relay publishes again everything after `position`. For rebuilding lost streams. */
export async function rewindPublished(
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  position: bigint,
): Promise<void> {
  await pool.query(`UPDATE ${schema}.cursors SET position = least(position, $2) WHERE name = $1`, [
    PUBLISHED,
    position.toString(),
  ]);
}
