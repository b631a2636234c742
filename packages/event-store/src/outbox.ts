/** The outbox: messages that await publication, in order, and how far the relay has come. The history stays, for rebuilding streams. */
import type { Pool } from "pg";
import { READ_BYTES_MAX, READ_ROWS_MAX } from "./limits.ts";
import type { StoredOutboxMessage } from "./model.ts";
import { unpackEvents } from "./packed-events.ts";
import { unpackOutbox } from "./packed-outbox.ts";

/** No consumer can have this name: cursor names begin with a letter. */
const PUBLISHED = "$published";

/** Gap-safe, in order of positions; at most `limit` messages, and 64 MiB but at least one append. Only an empty page is the end. */
export async function readOutbox(
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  { afterPosition, limit }: { readonly afterPosition: bigint; readonly limit: number },
): Promise<StoredOutboxMessage[]> {
  const wanted = Math.min(limit, READ_ROWS_MAX);
  const result = await pool.query<OutboxRow>({
    name: `mira_read_outbox_${schema}`.slice(0, 63),
    text: `SELECT ((position >> 16) << 16) + outbox_place, array_to_json(types)::text, events, outbox FROM (
        SELECT *, sum(octet_length(outbox) + payload_bytes) OVER rows_so_far - octet_length(outbox) - payload_bytes AS bytes_before
        FROM ${schema}.read_outbox($1, $2) WINDOW rows_so_far AS (ROWS UNBOUNDED PRECEDING)) AS summed
      WHERE bytes_before < ${READ_BYTES_MAX}`,
    values: [afterPosition.toString(), wanted],
    rowMode: "array",
  });
  const messages = result.rows.flatMap(toMessages).filter((message) => message.position > afterPosition);
  return messages.slice(0, wanted);
}

type OutboxRow = [firstPosition: string, types: string, events: Buffer, outbox: Buffer];

function toMessages([firstPosition, types, events, outbox]: OutboxRow): StoredOutboxMessage[] {
  const first = BigInt(firstPosition);
  const unpacked = unpackEvents(events, JSON.parse(types) as string[]);
  return unpackOutbox(outbox, unpacked).map((message, step) => ({
    ...message,
    position: first + BigInt(step),
  }));
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
