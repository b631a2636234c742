/** The tables of one event store, and the migration that makes them. */
import type { Pool, PoolClient } from "pg";
import { APPEND_FUNCTIONS } from "./append-sql.ts";
import { inTransaction } from "./transaction.ts";

/** Idempotent. Effects: schema `schema` with its tables and functions. Concurrent callers wait for one another. */
export async function migrate(pool: Pool, schema: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`mira:migrate:${schema}`]);
    await client.query(fill(TABLES, schema));
    await client.query(fill(IMMUTABLE_EVENTS, schema));
    await settlePositionOffset(client, schema);
    await client.query(fill(APPEND_FUNCTIONS, schema));
  });
}

function fill(sql: string, schema: string): string {
  return sql.replaceAll("%S%", schema);
}

/**
 * Positions are made from transaction ids (see append-sql.ts). A dump restored into a new server meets lower ids than its events were
 * written under; the difference is kept in a function, or new events would stand before old ones. It never falls.
 */
async function settlePositionOffset(client: PoolClient, schema: string): Promise<void> {
  const present = await client.query("SELECT 1 WHERE to_regproc($1) IS NOT NULL", [
    `${schema}.position_offset`,
  ]);
  const former = present.rowCount === 0 ? "0" : `${schema}.position_offset()`;
  const result = await client.query<{ offset: string; former: string }>(
    `WITH last AS (
       SELECT greatest((SELECT max(position) FROM ${schema}.events), (SELECT max(position) FROM ${schema}.outbox),
                       (SELECT max(position) FROM ${schema}.cursors), 0) >> 16 AS id)
     SELECT ${former}::text AS former,
            CASE WHEN last.id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + ${former}
                 THEN last.id + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                 ELSE ${former} END::text AS offset
     FROM last`,
  );
  const offset = BigInt(result.rows[0]?.offset ?? "0");
  if (present.rowCount === 1 && offset === BigInt(result.rows[0]?.former ?? "0")) return;
  await client.query(
    `CREATE OR REPLACE FUNCTION ${schema}.position_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT ${offset}::bigint'`,
  );
}

/**
 * Payloads are stored EXTERNAL: large ones leave the row uncompressed, since packed batches do not compress and trying costs more than
 * the append. Text is compared bytewise (COLLATE "C"), which no upgrade of the operating system's locales can reorder.
 */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS %S%;
CREATE TABLE IF NOT EXISTS %S%.events (
  position bigint NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  id uuid NOT NULL,
  schema_version integer NOT NULL,
  stream text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  traceparent text COLLATE "C",
  payload bytea NOT NULL
);
ALTER TABLE %S%.events ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX IF NOT EXISTS events_stream_version ON %S%.events (stream, version);
CREATE TABLE IF NOT EXISTS %S%.outbox (
  position bigint NOT NULL PRIMARY KEY,
  event_position bigint,
  id text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  headers text COLLATE "C",
  payload bytea,
  CHECK ((payload IS NULL) <> (event_position IS NULL))
);
ALTER TABLE %S%.outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS %S%.cursors (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  position bigint NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS %S%.seen (
  consumer text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, message_id)
);
CREATE TABLE IF NOT EXISTS %S%.leases (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  holder text,
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
`;

/** Statement triggers: they fire for the owner too, and even when no row matches. */
const IMMUTABLE_EVENTS = `
CREATE OR REPLACE FUNCTION %S%.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are never changed: % on %.%', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %S%.events
  FOR EACH STATEMENT EXECUTE FUNCTION %S%.refuse_change();
`;
