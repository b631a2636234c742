/** One transaction on one connection of the pool. */
import type { Pool, PoolClient } from "pg";

/**
 * A client that dies between two statements must not keep its locks: Postgres ends its session after this time without a statement.
 * Without it a dead leader's open transaction would hold off the takeover for ever.
 */
const IDLE_IN_TRANSACTION_MS = 15_000;
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`;

/** Commits what `work` did when it resolves; undoes all of it when it throws, and throws that on. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(BEGIN);
    const value = await work(client);
    await client.query("COMMIT");
    return value;
  } catch (error) {
    broken = !(await rolledBack(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}
