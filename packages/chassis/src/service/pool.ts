/** A bounded Postgres pool whose idle connections may break without ending the process. */
import { Pool } from "pg";
import type { Logger } from "./logger.ts";

const CONNECT_TIMEOUT_MS = 5000;
const IDLE_TIMEOUT_MS = 30_000;
/** Longer than any statement a service makes on purpose; a lost lock must not hold a connection for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;

export type PoolOptions = {
  readonly max: number;
  /** As pg_stat_activity shows it. */
  readonly name?: string;
  readonly logger?: Logger;
  readonly statementTimeoutMs?: number;
};

export function createPool(url: string, options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    max: options.max,
    application_name: options.name ?? "mira",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  // The pool discards the connection and makes another; the next query shows whether Postgres is there.
  pool.on("error", (error) => options.logger?.warn({ error }, "an idle Postgres connection broke"));
  return pool;
}
