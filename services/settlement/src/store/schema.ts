/** Settlement's own tables beside those of the event store, and the migration that makes them. */
import type { Pool } from "pg";

import { GENESIS_TABLE } from "./genesis-progress.ts";

export type { Pool } from "pg";
export const SCHEMA = "settlement";

/** Idempotent. Runs after the event store's migration, which makes the schema. Concurrent callers wait for one another. */
export async function migrateTables(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`mira:tables:${SCHEMA}`]);
    await client.query(TABLES);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/**
 * u64 values that may use their highest bit (rent epochs) are stored as the signed number with the same bits. Lamports stay
 * below 2^63, which genesis asserts. Half-full pages let upserts stay on their page.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS settlement.accounts (
  key bytea PRIMARY KEY,
  version bigint NOT NULL,
  present boolean NOT NULL,
  lamports bigint NOT NULL CHECK (lamports >= 0),
  rent_epoch bigint NOT NULL,
  executable boolean NOT NULL,
  owner bytea NOT NULL,
  data bytea NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS accounts_programs ON settlement.accounts (key) WHERE executable;
${GENESIS_TABLE}
CREATE TABLE IF NOT EXISTS settlement.batch_index (
  batch bigint PRIMARY KEY,
  first_sequence bigint NOT NULL,
  transactions integer NOT NULL,
  receipt_ids bytea NOT NULL
);
ALTER TABLE settlement.batch_index ALTER COLUMN receipt_ids SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS batch_index_first_sequence ON settlement.batch_index (first_sequence);
${createLogTables("audit")}
${createLogTables("certificate")}
CREATE TABLE IF NOT EXISTS settlement.base_accounts (
  name text COLLATE "C" PRIMARY KEY,
  posted numeric NOT NULL,
  pending_out numeric NOT NULL,
  pending_in numeric NOT NULL,
  CHECK (pending_out >= 0 AND pending_in >= 0),
  CHECK (name = 'issuance' OR posted >= pending_out)
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS settlement.base_transfers (
  transfer_id text COLLATE "C" PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  debit text COLLATE "C" NOT NULL,
  credit text COLLATE "C" NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0),
  state text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  at_ms bigint NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS base_transfers_debit ON settlement.base_transfers (debit, number DESC);
CREATE INDEX IF NOT EXISTS base_transfers_credit ON settlement.base_transfers (credit, number DESC);
CREATE INDEX IF NOT EXISTS base_transfers_pending ON settlement.base_transfers (expires_ms) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS settlement.base_requests (
  request_id text COLLATE "C" PRIMARY KEY,
  content_hash bytea NOT NULL,
  transfer_id text COLLATE "C" NOT NULL,
  intent_hash bytea UNIQUE
);
CREATE TABLE IF NOT EXISTS settlement.quarantine (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch bigint NOT NULL,
  partition integer NOT NULL,
  executor_id text NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  details jsonb NOT NULL,
  sequences bigint[] NOT NULL,
  at_ms bigint NOT NULL,
  result_hash bytea NOT NULL,
  result bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS quarantine_batch ON settlement.quarantine (batch);
CREATE TABLE IF NOT EXISTS settlement.executors_aside (
  executor_id text COLLATE "C" PRIMARY KEY,
  reason text NOT NULL,
  at_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS settlement.verdicts (
  batch bigint NOT NULL,
  executor_id text COLLATE "C" NOT NULL,
  answer text NOT NULL,
  result_hash bytea NOT NULL,
  reason text NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (batch, executor_id)
);
CREATE TABLE IF NOT EXISTS settlement.holds (
  batch bigint PRIMARY KEY,
  reason text NOT NULL,
  at_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS settlement.outflows (
  batch bigint PRIMARY KEY,
  lamports numeric NOT NULL,
  at_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS settlement.followed (
  stream text COLLATE "C" PRIMARY KEY,
  sequence bigint NOT NULL
);
`;

/** `certificate`: entries are empty, since an envelope may be longer than a tile log's entry; their leaf hashes are of the envelopes. */
export type LogName = "audit" | "certificate";

function createLogTables(log: LogName): string {
  return `
CREATE TABLE IF NOT EXISTS settlement.${log}_entries (
  index bigint PRIMARY KEY,
  leaf_hash bytea NOT NULL,
  subject text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  entry bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS ${log}_entries_subject ON settlement.${log}_entries (subject, index DESC);
CREATE INDEX IF NOT EXISTS ${log}_entries_leaf_hash ON settlement.${log}_entries (leaf_hash);
CREATE TABLE IF NOT EXISTS settlement.${log}_nodes (
  level smallint NOT NULL,
  index bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (level, index)
);
CREATE TABLE IF NOT EXISTS settlement.${log}_head (
  id smallint PRIMARY KEY CHECK (id = 1),
  size bigint NOT NULL
);
INSERT INTO settlement.${log}_head (id, size) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS settlement.${log}_signed (
  size bigint PRIMARY KEY,
  root bytea NOT NULL,
  note text NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);`;
}
