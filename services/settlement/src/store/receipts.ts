/** Where receipts are found: the batch of a sequence number, and the batches that may hold a transaction id. */
import type { Pool, PoolClient } from "pg";
import { findInReceiptIndex } from "../domain/receipt-index.ts";

export type BatchIndexRow = {
  readonly batch: number;
  readonly firstSequence: number;
  readonly transactions: number;
  readonly receiptIds: Uint8Array;
};

type Row = {
  readonly batch: string;
  readonly first_sequence: string;
  readonly transactions: number;
  readonly receipt_ids: Buffer;
};

/** Rows fetched at a time when an id is searched through history, newest first. */
const SEARCH_ROWS = 256;

/** In the caller's transaction. */
export async function insertBatchIndexes(client: PoolClient, rows: readonly BatchIndexRow[]): Promise<void> {
  await client.query({
    name: "insert-batch-indexes",
    text: `INSERT INTO settlement.batch_index (batch, first_sequence, transactions, receipt_ids)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bytea[])`,
    values: [
      rows.map(({ batch }) => batch),
      rows.map(({ firstSequence }) => firstSequence),
      rows.map(({ transactions }) => transactions),
      rows.map(({ receiptIds }) => receiptIds),
    ],
  });
}

/** Of batches from `fromBatch` on, in order. */
export async function readReceiptIds(
  pool: Pool,
  fromBatch: number,
  limit: number,
): Promise<Map<number, Uint8Array>> {
  const result = await pool.query<Row>(
    "SELECT * FROM settlement.batch_index WHERE batch >= $1 ORDER BY batch LIMIT $2",
    [fromBatch, limit],
  );
  return new Map(result.rows.map((row) => [Number(row.batch), row.receipt_ids]));
}

export async function findBatchOf(pool: Pool, sequence: number): Promise<number | undefined> {
  const result = await pool.query<{ batch: string; first_sequence: string; transactions: number }>(
    `SELECT batch, first_sequence, transactions FROM settlement.batch_index
     WHERE first_sequence <= $1 ORDER BY first_sequence DESC LIMIT 1`,
    [sequence],
  );
  const [row] = result.rows;
  if (row === undefined || sequence >= Number(row.first_sequence) + row.transactions) return undefined;
  return Number(row.batch);
}

export type Candidate = { readonly batch: number; readonly place: number };

/** Candidates for a transaction id in batches below `before`, newest first; the caller compares the whole id. */
export async function* searchReceiptIds(
  pool: Pool,
  { id, before }: { id: Uint8Array; before: number },
): AsyncGenerator<Candidate> {
  for (let below = before; below > 0;) {
    const result = await pool.query<Row>({
      name: "search-receipt-ids",
      text: "SELECT * FROM settlement.batch_index WHERE batch < $1 ORDER BY batch DESC LIMIT $2",
      values: [below, SEARCH_ROWS],
    });
    for (const row of result.rows)
      for (const place of findInReceiptIndex(row.receipt_ids, id)) yield { batch: Number(row.batch), place };
    const last = result.rows.at(-1);
    if (last === undefined) return;
    below = Number(last.batch);
  }
}
