/** How far a genesis has come: chunks that are written, of which file, and whether it is closed. One row; absent before the first chunk. */
import type { Pool, PoolClient } from "pg";

export type GenesisProgress = {
  /** Of the source the chunks come from. */
  readonly digest: Uint8Array;
  readonly chunks: number;
  readonly isClosed: boolean;
};

export const GENESIS_TABLE = `
CREATE TABLE IF NOT EXISTS settlement.genesis_progress (
  id smallint PRIMARY KEY CHECK (id = 1),
  digest bytea NOT NULL,
  chunks integer NOT NULL,
  is_closed boolean NOT NULL
);`;

export async function readGenesisProgress(pool: Pool): Promise<GenesisProgress | undefined> {
  const result = await pool.query<{ digest: Buffer; chunks: number; is_closed: boolean }>(
    "SELECT digest, chunks, is_closed FROM settlement.genesis_progress WHERE id = 1",
  );
  const [row] = result.rows;
  return row && { digest: row.digest, chunks: row.chunks, isClosed: row.is_closed };
}

/** A closed genesis stays closed. */
export async function saveGenesisProgress(
  source: Pool | PoolClient,
  { digest, chunks, isClosed }: GenesisProgress,
): Promise<void> {
  await source.query(
    `INSERT INTO settlement.genesis_progress AS g (id, digest, chunks, is_closed) VALUES (1, $1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, chunks = excluded.chunks, is_closed = g.is_closed OR excluded.is_closed`,
    [digest, chunks, isClosed],
  );
}
