/** The tables of one event store, and the migration that makes them. */
import type { Pool } from "pg";
import { APPEND_FUNCTIONS } from "./append-sql.ts";
import { fillSchema } from "./names.ts";
import { POSITIONS } from "./positions-sql.ts";
import { inTransaction } from "./transaction.ts";

/** Idempotent. Effects: schema `schema` with its tables and functions. Concurrent callers wait for one another. */
export async function migrate(pool: Pool, schema: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`mira:migrate:${schema}`]);
    await client.query(fillSchema(TABLES, schema));
    await client.query(fillSchema(IMMUTABLE_EVENTS, schema));
    await client.query(fillSchema(POSITIONS + APPEND_FUNCTIONS, schema));
  });
}

/**
 * A row of `events` is one append to one stream: its events, and the outbox messages that go with them, packed (see packed-events.ts). `position`
 * is that of its first event; its outbox messages count from `outbox_place` within the transaction. Packed columns are stored EXTERNAL: large ones leave the row uncompressed, since packed batches do not compress and trying costs more than
 * the append. Text is compared bytewise (COLLATE "C"), which no upgrade of the operating system's locales can reorder.
 */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS %S%;
CREATE SEQUENCE IF NOT EXISTS %S%.appends MAXVALUE 140737488355327;
CREATE TABLE IF NOT EXISTS %S%.events (
  position bigint NOT NULL PRIMARY KEY,
  first_version bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event_count integer NOT NULL,
  outbox_count integer NOT NULL,
  outbox_place integer NOT NULL,
  payload_bytes integer NOT NULL,
  stream text COLLATE "C" NOT NULL,
  types text[] COLLATE "C" NOT NULL,
  events bytea NOT NULL,
  outbox bytea
);
ALTER TABLE %S%.events ALTER COLUMN events SET STORAGE EXTERNAL, ALTER COLUMN outbox SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX IF NOT EXISTS events_stream_version ON %S%.events (stream, first_version);
CREATE INDEX IF NOT EXISTS events_outbox ON %S%.events (position) WHERE outbox IS NOT NULL;
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
