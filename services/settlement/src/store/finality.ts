/** Answers of re-executors and holds, as they were heard; and the quarantine of refused results. */
import type { UnixMs } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import type { Answer } from "../domain/finality.ts";

export type Verdict = {
  readonly batch: number;
  readonly executorId: string;
  readonly answer: Answer;
  readonly resultHash: Uint8Array;
  readonly reason: string;
  readonly at: UnixMs;
};

export type Hold = { readonly batch: number; readonly reason: string; readonly at: UnixMs };

/** An executor's later answer about the same batch replaces its earlier one only while that was "unable". */
export async function putVerdict(client: PoolClient, verdict: Verdict): Promise<void> {
  await client.query(
    `INSERT INTO settlement.verdicts AS v (batch, executor_id, answer, result_hash, reason, at_ms) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (batch, executor_id) DO UPDATE SET answer = excluded.answer, result_hash = excluded.result_hash,
       reason = excluded.reason, at_ms = excluded.at_ms WHERE v.answer = 'unable'`,
    [verdict.batch, verdict.executorId, verdict.answer, verdict.resultHash, verdict.reason, verdict.at],
  );
}

export async function listVerdicts(pool: Pool, fromBatch: number): Promise<Verdict[]> {
  const result = await pool.query<{
    batch: string;
    executor_id: string;
    answer: Answer;
    result_hash: Buffer;
    reason: string;
    at_ms: string;
  }>("SELECT * FROM settlement.verdicts WHERE batch >= $1 ORDER BY batch", [fromBatch]);
  return result.rows.map((row) => ({
    batch: Number(row.batch),
    executorId: row.executor_id,
    answer: row.answer,
    resultHash: row.result_hash,
    reason: row.reason,
    at: Number(row.at_ms) as UnixMs,
  }));
}

/** False when one lies there already. */
export async function putHold(client: PoolClient, hold: Hold): Promise<boolean> {
  const result = await client.query(
    "INSERT INTO settlement.holds (batch, reason, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [hold.batch, hold.reason, hold.at],
  );
  return result.rowCount === 1;
}

export async function listHolds(pool: Pool): Promise<Hold[]> {
  const result = await pool.query<{ batch: string; reason: string; at_ms: string }>(
    "SELECT * FROM settlement.holds ORDER BY batch",
  );
  return result.rows.map((row) => ({
    batch: Number(row.batch),
    reason: row.reason,
    at: Number(row.at_ms) as UnixMs,
  }));
}
