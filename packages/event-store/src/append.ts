/** Appends: refuses or commits, tries again when another writer came between. */
import { invariant, refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { encodeAppends, type AppendCall, type AppendRow } from "./append-call.ts";
import { checkLimits, EVENTS_PER_TRANSACTION_MAX, STREAM_NAME_CHARS_MAX, type Limits } from "./limits.ts";
import type { Append, AppendedBatch, AppendOptions, AppendRefusalCode, Fence } from "./model.ts";
import { inTransaction } from "./transaction.ts";

/** Another writer in between is settled by the next attempt: it either fits, or meets a version that is refused. */
const ATTEMPTS_MAX = 8;

export type AppendTarget = { readonly pool: Pool; readonly schema: string; readonly limits: Limits };
export type BatchResult = Result<AppendedBatch, AppendRefusalCode>;

/**
 * All appends, or none. Durable when it resolves with a value: events, outbox rows and what `also` wrote are one commit. When it throws
 * for a lost connection, the commit may or may not have happened: read the stream and compare ids.
 */
export async function appendAll(
  target: AppendTarget,
  appends: readonly Append[],
  options: AppendOptions,
): Promise<BatchResult> {
  assertAppends(appends);
  const tooLarge = checkLimits(appends, target.limits);
  if (tooLarge !== undefined) return tooLarge;
  const call = encodeAppends(appends, { schema: target.schema, fence: options.fence });
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const row = await attemptAppend(target, call, options.also);
    if (row !== undefined) return toResult(row, call, appends, options.fence);
  }
  return refuse("CONCURRENT_CHANGE", `Other writers came between ${ATTEMPTS_MAX} times.`, {
    attempts: ATTEMPTS_MAX,
  });
}

/**
 * Appends within the caller's transaction. The caller MUST roll back on a refusal, and commits otherwise. Readers wait for the
 * transaction from here to its end: keep it short.
 */
export async function appendWithin(
  client: PoolClient,
  target: AppendTarget,
  appends: readonly Append[],
  fence: Fence | undefined,
): Promise<BatchResult> {
  assertAppends(appends);
  const tooLarge = checkLimits(appends, target.limits);
  if (tooLarge !== undefined) return tooLarge;
  const call = encodeAppends(appends, { schema: target.schema, fence });
  try {
    const result = await client.query<AppendRow>(call.query);
    return toResult(takeRow(result.rows), call, appends, fence);
  } catch (error) {
    if (!isCollision(error, target.schema)) throw error;
    return refuse("CONCURRENT_CHANGE", "Another writer appended to the same stream first.");
  }
}

/** Undefined when another writer collided. */
async function attemptAppend(
  { pool, schema }: AppendTarget,
  { query }: AppendCall,
  also: AppendOptions["also"],
): Promise<AppendRow | undefined> {
  try {
    if (also === undefined) return takeRow((await pool.query<AppendRow>(query)).rows);
    return await inTransaction(pool, async (client) => {
      const row = takeRow((await client.query<AppendRow>(query)).rows);
      if (row.outcome === "appended") await also(client);
      return row;
    });
  } catch (error) {
    if (isCollision(error, schema)) return undefined;
    throw error;
  }
}

function takeRow(rows: readonly AppendRow[]): AppendRow {
  const [row] = rows;
  invariant(row !== undefined && rows.length === 1, "an append function returns one row");
  return row;
}

const UNIQUE_VIOLATION = "23505";

function isCollision(error: unknown, schema: string): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.constraint === "events_stream_version" &&
    error.schema === schema
  );
}

function toResult(
  row: AppendRow,
  call: AppendCall,
  appends: readonly Append[],
  fence: Fence | undefined,
): BatchResult {
  switch (row.outcome) {
    case "appended":
      return succeed({ versions: toVersions(row, call, appends), lastPosition: BigInt(row.last_position) });
    case "not-leader":
      return refuseFence(fence, row.head);
    case "conflict":
      return refuseVersion(row, appends);
  }
}

function toVersions(row: AppendRow, { order }: AppendCall, appends: readonly Append[]): number[] {
  const versions = new Array<number>(appends.length).fill(0);
  row.heads.split(",").forEach((head, sortedIndex) => {
    const index = order[sortedIndex] ?? 0;
    versions[index] = Number(head) + (appends[index]?.events.length ?? 0);
  });
  return versions;
}

function refuseFence(fence: Fence | undefined, epochInForce: string): Refusal<"NOT_LEADER"> {
  const { name, epoch } = fence ?? { name: "", epoch: 0 };
  return refuse("NOT_LEADER", `The lease ${name} is at epoch ${epochInForce}, this writer's is ${epoch}.`, {
    lease: name,
    epoch,
    epochInForce,
  });
}

function refuseVersion(row: AppendRow, appends: readonly Append[]): Refusal<"CONCURRENT_CHANGE"> {
  const stream = row.stream ?? "";
  const expected = appends.find((append) => append.stream === stream)?.expectedVersion ?? "any";
  return refuse("CONCURRENT_CHANGE", `The stream ${stream} is at version ${row.head}, not ${expected}.`, {
    stream,
    expectedVersion: expected,
    version: row.head,
  });
}

function assertAppends(appends: readonly Append[]): void {
  invariant(appends.length > 0, "an append needs at least one stream");
  invariant(
    appends.length <= EVENTS_PER_TRANSACTION_MAX &&
      new Set(appends.map((append) => append.stream)).size === appends.length,
    "a batch names each stream once",
  );
  for (const { stream, expectedVersion, events } of appends) {
    invariant(
      stream.length > 0 && stream.length <= STREAM_NAME_CHARS_MAX,
      `a stream name needs 1 to ${STREAM_NAME_CHARS_MAX} characters`,
    );
    invariant(events.length > 0, `an append needs at least one event: ${stream}`);
    invariant(
      expectedVersion === "any" || (Number.isSafeInteger(expectedVersion) && expectedVersion >= 0),
      `an expected version needs a whole number from 0: ${stream}`,
    );
  }
}
