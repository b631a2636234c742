/** Refused results, kept as evidence, and the executors set aside for them. */
import type { RefusalDetails, UnixMs } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";

export type Quarantined = {
  readonly batch: number;
  readonly partition: number;
  readonly executorId: string;
  readonly code: string;
  readonly message: string;
  readonly details: RefusalDetails;
  readonly sequences: readonly number[];
  readonly at: UnixMs;
};

export type SetAside = { readonly executorId: string; readonly reason: string; readonly at: UnixMs };

type Row = {
  readonly batch: string;
  readonly partition: number;
  readonly executor_id: string;
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, string>;
  readonly sequences: readonly string[];
  readonly at_ms: string;
};

const COLUMNS = "batch, partition, executor_id, code, message, details, sequences, at_ms";

export async function putQuarantined(
  client: PoolClient,
  row: Quarantined,
  result: { readonly hash: Uint8Array; readonly bytes: Uint8Array },
): Promise<void> {
  await client.query(
    `INSERT INTO settlement.quarantine (${COLUMNS}, result_hash, result) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.batch,
      row.partition,
      row.executorId,
      row.code,
      row.message,
      JSON.stringify(row.details),
      row.sequences,
      row.at,
      result.hash,
      result.bytes,
    ],
  );
}

/** Newest first. */
export async function listQuarantined(pool: Pool, limit: number): Promise<Quarantined[]> {
  const result = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM settlement.quarantine ORDER BY number DESC LIMIT $1`,
    [limit],
  );
  return result.rows.map(toQuarantined);
}

/** Hashes of results refused for batches from `fromBatch` on: a restart hears them again and must not refuse them twice. */
export async function listRefusedHashes(pool: Pool, fromBatch: number): Promise<Uint8Array[]> {
  const result = await pool.query<{ result_hash: Buffer }>(
    "SELECT DISTINCT result_hash FROM settlement.quarantine WHERE batch >= $1",
    [fromBatch],
  );
  return result.rows.map((row) => row.result_hash);
}

export async function countQuarantined(pool: Pool): Promise<number> {
  const result = await pool.query<{ count: string }>("SELECT count(*) AS count FROM settlement.quarantine");
  return Number(result.rows[0]?.count ?? 0);
}

export async function putAside(client: PoolClient, aside: SetAside): Promise<void> {
  await client.query(
    "INSERT INTO settlement.executors_aside (executor_id, reason, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [aside.executorId, aside.reason, aside.at],
  );
}

export async function listAside(pool: Pool): Promise<SetAside[]> {
  const result = await pool.query<{ executor_id: string; reason: string; at_ms: string }>(
    "SELECT * FROM settlement.executors_aside ORDER BY at_ms",
  );
  return result.rows.map((row) => ({
    executorId: row.executor_id,
    reason: row.reason,
    at: Number(row.at_ms) as UnixMs,
  }));
}

function toQuarantined(row: Row): Quarantined {
  return {
    batch: Number(row.batch),
    partition: row.partition,
    executorId: row.executor_id,
    code: row.code,
    message: row.message,
    details: row.details,
    sequences: row.sequences.map(Number),
    at: Number(row.at_ms) as UnixMs,
  };
}
