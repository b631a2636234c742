/** Finds what holds readers up: they stop below the oldest transaction that has written and not ended, anywhere on the server. */
import type { Pool } from "pg";

export type Stall = {
  readonly pid: number;
  readonly application: string;
  readonly database: string;
  readonly ageMs: number;
};

/** The transaction that readers wait for, once it is older than `olderThanMs`. For alerts and for runbooks. */
export async function findStall(pool: Pool, olderThanMs: number): Promise<Stall | undefined> {
  const result = await pool.query<{ pid: number; application: string; database: string; age: number }>(
    `SELECT pid, coalesce(application_name, '') AS application, coalesce(datname, '') AS database,
            (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS age
     FROM pg_stat_activity
     WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - make_interval(secs => $1)
     ORDER BY age(backend_xid) DESC LIMIT 1`,
    [olderThanMs / 1000],
  );
  const [row] = result.rows;
  return (
    row && { pid: row.pid, application: row.application, database: row.database, ageMs: Math.round(row.age) }
  );
}
