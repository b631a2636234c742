/** A leader's lease. Postgres keeps the time and the epoch, and every fenced append checks the epoch there; no process's clock matters. */
import { invariant } from "@mira/primitives";
import type { Pool } from "pg";
import type { Fence } from "./model.ts";
import { assertSchemaName } from "./names.ts";
import { inTransaction } from "./transaction.ts";

export type LeaseRequest = {
  readonly pool: Pool;
  readonly schema: string;
  readonly name: string;
  /** Who asks, for people who look; it gives no right. */
  readonly holder: string;
  readonly ttlMs: number;
};

export type Lease = Fence & {
  readonly fence: Fence;
  /** Extends by ttlMs from now, by the database's clock. False, and `lost` aborts, when another holds the lease by now. */
  readonly renew: () => Promise<boolean>;
  /** Lets others take over at once. The epoch rises, so appends under this lease are refused from here on. */
  readonly release: () => Promise<void>;
  /** Aborts when the lease is known to be lost or was not renewed in time: stop working. It saves work; the fence is what protects. */
  readonly lost: AbortSignal;
};

/**
 * The lease, or undefined while another holds it. A takeover waits for the fenced appends that have begun, and shuts out those that have
 * not: see append-sql.ts. Each tenure has a higher epoch than all before it.
 */
export async function acquireLease(request: LeaseRequest): Promise<Lease | undefined> {
  assertSchemaName(request.schema);
  invariant(request.ttlMs > 0, "a lease needs a time to live above 0 ms");
  const askedAt = performance.now();
  const epoch = (await isFree(request)) ? await takeOver(request) : undefined;
  return epoch === undefined ? undefined : createLease(request, epoch, askedAt);
}

/** Looks before it locks: a standby that asks again and again must not hold up the leader's appends. */
async function isFree({ pool, schema, name }: LeaseRequest): Promise<boolean> {
  const result = await pool.query<{ taken: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ${schema}.leases WHERE name = $1 AND expires_at > clock_timestamp()) AS taken`,
    [name],
  );
  return result.rows[0]?.taken === false;
}

async function takeOver({ pool, schema, name, holder, ttlMs }: LeaseRequest): Promise<number | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${schema}.lease_key($1))`, [name]);
    const result = await client.query<{ epoch: string }>(
      `INSERT INTO ${schema}.leases AS l (name, holder, epoch, expires_at)
       VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
         WHERE l.expires_at <= clock_timestamp()
       RETURNING epoch`,
      [name, holder, ttlMs / 1000],
    );
    const [row] = result.rows;
    return row === undefined ? undefined : Number(row.epoch);
  });
}

function createLease({ pool, schema, name, ttlMs }: LeaseRequest, epoch: number, askedAt: number): Lease {
  const lost = new AbortController();
  let timer = expireAt(lost, askedAt + ttlMs);
  async function renew(): Promise<boolean> {
    if (lost.signal.aborted) return false;
    const renewedAt = performance.now();
    const result = await pool.query(
      `UPDATE ${schema}.leases SET expires_at = clock_timestamp() + make_interval(secs => $3) WHERE name = $1 AND epoch = $2`,
      [name, epoch, ttlMs / 1000],
    );
    const kept = result.rowCount === 1;
    clearTimeout(timer);
    if (kept) timer = expireAt(lost, renewedAt + ttlMs);
    else lost.abort(new Error(`the lease ${name} of epoch ${epoch} is lost`));
    return kept;
  }
  async function release(): Promise<void> {
    clearTimeout(timer);
    lost.abort(new Error(`the lease ${name} of epoch ${epoch} was released`));
    await pool.query(
      `UPDATE ${schema}.leases SET holder = NULL, epoch = epoch + 1, expires_at = clock_timestamp() WHERE name = $1 AND epoch = $2`,
      [name, epoch],
    );
  }
  return { name, epoch, fence: { name, epoch }, renew, release, lost: lost.signal };
}

/** Counts from before the request left, on the monotonic clock: this process gives up no later than the database does. */
function expireAt(lost: AbortController, at: number): NodeJS.Timeout {
  const timer = setTimeout(
    () => lost.abort(new Error("the lease was not renewed in time")),
    Math.max(0, at - performance.now()),
  );
  return timer.unref();
}
