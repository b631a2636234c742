/** Appends: refuses or commits, tries again when another writer came between. */
import { invariant, refuse, succeed, unreachable, type Refusal, type Result } from "@mira/primitives";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { encodeAppends, encodePlain, parseAnswer, type Answer, type AppendCall } from "./append-call.ts";
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
  const plain = await attemptPlain(target, appends, options);
  if (plain !== undefined) return plain;
  const call = encodeAppends(appends, { schema: target.schema, fence: options.fence });
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const answer = await attemptAppend(target, call, options.also);
    if (answer !== undefined) return toResult(answer, call, appends, options.fence);
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
    return toResult(await callOn(client, call), call, appends, fence);
  } catch (error) {
    if (!isCollision(error, target.schema)) throw error;
    return refuse("CONCURRENT_CHANGE", "Another writer appended to the same stream first.");
  }
}

/** Undefined when a plain INSERT cannot do it, or did not: the functions then say why. */
async function attemptPlain(
  { pool, schema }: AppendTarget,
  appends: readonly Append[],
  { fence, also }: AppendOptions,
): Promise<BatchResult | undefined> {
  const [only, ...others] = appends;
  if (only === undefined || others.length > 0 || fence !== undefined || also !== undefined) return undefined;
  if (only.expectedVersion === "any") return undefined;
  try {
    const { rows } = await pool.query<[string]>(encodePlain(only, schema));
    const [position] = rows[0] ?? [];
    if (position === undefined) return undefined;
    return succeed({ versions: [only.expectedVersion + only.events.length], lastPosition: BigInt(position) });
  } catch (error) {
    if (isCollision(error, schema)) return undefined;
    throw error;
  }
}

/** Undefined when another writer collided. */
async function attemptAppend(
  { pool, schema }: AppendTarget,
  call: AppendCall,
  also: AppendOptions["also"],
): Promise<Answer | undefined> {
  try {
    if (also === undefined) return await callOn(pool, call);
    return await inTransaction(pool, async (client) => {
      const answer = await callOn(client, call);
      if (answer.outcome === "appended") await also(client);
      return answer;
    });
  } catch (error) {
    if (isCollision(error, schema)) return undefined;
    throw error;
  }
}

async function callOn(client: Pool | PoolClient, { query }: AppendCall): Promise<Answer> {
  const { rows } = await client.query<{ answer: string }>(query);
  const [row] = rows;
  invariant(row !== undefined, "an append function returns one row");
  return parseAnswer(row.answer);
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
  answer: Answer,
  { order }: AppendCall,
  appends: readonly Append[],
  fence: Fence | undefined,
): BatchResult {
  switch (answer.outcome) {
    case "appended":
      return succeed({
        versions: toVersions(answer.heads, order, appends),
        lastPosition: answer.lastPosition,
      });
    case "not-leader":
      return refuseFence(fence, answer.epochInForce);
    case "conflict":
      return refuseVersion(answer.stream, answer.version, appends);
    default:
      return unreachable(answer);
  }
}

function toVersions(
  heads: readonly number[],
  order: readonly number[],
  appends: readonly Append[],
): number[] {
  const versions = appends.map((append) => append.events.length);
  heads.forEach((head, sortedIndex) => {
    const index = order[sortedIndex] ?? 0;
    versions[index] = head + (versions[index] ?? 0);
  });
  return versions;
}

function refuseFence(fence: Fence | undefined, epochInForce: number): Refusal<"NOT_LEADER"> {
  const { name, epoch } = fence ?? { name: "", epoch: 0 };
  return refuse("NOT_LEADER", `The lease ${name} is at epoch ${epochInForce}, this writer's is ${epoch}.`, {
    lease: name,
    epoch,
    epochInForce,
  });
}

function refuseVersion(
  stream: string,
  version: number,
  appends: readonly Append[],
): Refusal<"CONCURRENT_CHANGE"> {
  const expected = appends.find((append) => append.stream === stream)?.expectedVersion ?? "any";
  return refuse("CONCURRENT_CHANGE", `The stream ${stream} is at version ${version}, not ${expected}.`, {
    stream,
    expectedVersion: expected,
    version,
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
