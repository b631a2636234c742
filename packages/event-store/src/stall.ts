/** Finds what holds readers up: they stop below the oldest append to the schema whose transaction has not ended. */
import type { Pool } from "pg";

export type Stall = { readonly pid: number; readonly application: string; readonly ageMs: number };

/** The transaction that readers wait for, once it is older than `olderThanMs`. For alerts and for runbooks. */
export async function findStall(
  { pool, schema }: { readonly pool: Pool; readonly schema: string },
  olderThanMs: number,
): Promise<Stall | undefined> {
  const result = await pool.query<{ pid: number; application: string; age: number }>(
    `SELECT a.pid, coalesce(a.application_name, '') AS application,
            (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS age
     FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid = (${schema}.append_class()::bigint & 4294967295)::oid
       AND a.datname = current_database() AND a.xact_start < clock_timestamp() - make_interval(secs => $1)
     ORDER BY a.xact_start LIMIT 1`,
    [olderThanMs / 1000],
  );
  const [row] = result.rows;
  return row && { pid: row.pid, application: row.application, ageMs: Math.round(row.age) };
}
