/** Cursors and seen messages: a consumer's progress commits in the transaction of its effect. */
import { invariant } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "./transaction.ts";

export type CursorSource = { readonly pool: Pool; readonly schema: string };
export type CursorEffect = (client: PoolClient, cursor: bigint) => Promise<bigint>;

/**
 * Runs `effect` in a transaction and commits what it wrote together with the cursor it returns. One runner per name at a time: a second
 * waits, and then sees the cursor the first one left. The lock is advisory, so a runner that has not written yet holds up no reader.
 */
export async function withCursor(
  { pool, schema }: CursorSource,
  name: string,
  effect: CursorEffect,
): Promise<bigint> {
  assertCursorName(name);
  return inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `mira:cursor:${schema}:${name}`,
    ]);
    const cursor = await selectCursor(client, schema, name);
    const next = await effect(client, cursor);
    invariant(next >= cursor, () => `the cursor ${name} cannot move back from ${cursor} to ${next}`);
    if (next > cursor) await writeCursor(client, schema, name, next);
    return next;
  });
}

/** The position up to which the consumer has read; 0 before its first. */
export async function getCursor({ pool, schema }: CursorSource, name: string): Promise<bigint> {
  assertCursorName(name);
  return selectCursor(pool, schema, name);
}

async function selectCursor(client: Pool | PoolClient, schema: string, name: string): Promise<bigint> {
  const result = await client.query<{ position: string }>(
    `SELECT position FROM ${schema}.cursors WHERE name = $1`,
    [name],
  );
  return BigInt(result.rows[0]?.position ?? "0");
}

async function writeCursor(
  client: PoolClient,
  schema: string,
  name: string,
  position: bigint,
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.cursors (name, position) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position, moved_at = clock_timestamp()`,
    [name, position.toString()],
  );
}

function assertCursorName(name: string): void {
  invariant(
    /^[a-zA-Z][\w.:/-]{0,199}$/.test(name),
    `a cursor name begins with a letter and has at most 200 characters: ${name}`,
  );
}

/** True the first time; false when `consumer` has seen the message. Of two at once the second waits for the first to commit or undo. */
export async function once(
  client: PoolClient,
  schema: string,
  consumer: string,
  messageId: string,
): Promise<boolean> {
  const result = await client.query({
    name: `mira_once_${schema}`.slice(0, 63),
    text: `INSERT INTO ${schema}.seen (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    values: [consumer, messageId],
  });
  return result.rowCount === 1;
}

/** Forgets at most `limit` messages seen before `olderThanMs` ago: longer than any redelivery can take. Says how many. */
export async function forgetSeen(
  { pool, schema }: CursorSource,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<number> {
  const result = await pool.query(
    `DELETE FROM ${schema}.seen WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM ${schema}.seen WHERE seen_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2))`,
    [olderThanMs / 1000, limit],
  );
  return result.rowCount ?? 0;
}
