/** Appends: refuses or commits, tries again when another writer came between. */
import { invariant, refuse } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import { encodeAppends, parseAnswer, type Answer, type AppendCall } from "./append-call.ts";
import { isCollision, toResult, type BatchResult } from "./append-result.ts";
import { checkLimits, EVENTS_PER_TRANSACTION_MAX, STREAM_NAME_CHARS_MAX, type Limits } from "./limits.ts";
import type { AppendPlain } from "./merged-appends.ts";
import type { Append, AppendOptions, Fence } from "./model.ts";
import { runStatement } from "./statement.ts";
import { inTransaction } from "./transaction.ts";

/** Another writer in between is settled by the next attempt: it either fits, or meets a version that is refused. */
const ATTEMPTS_MAX = 8;

export type AppendTarget = {
  readonly pool: Pool;
  readonly schema: string;
  readonly limits: Limits;
  readonly appendPlain: AppendPlain;
};

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
  { appendPlain }: AppendTarget,
  appends: readonly Append[],
  { fence, also }: AppendOptions,
): Promise<BatchResult | undefined> {
  const [only, ...others] = appends;
  if (only === undefined || others.length > 0 || fence !== undefined || also !== undefined) return undefined;
  return appendPlain(only);
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

async function callOn(client: Pool | PoolClient, { statement }: AppendCall): Promise<Answer> {
  const [row] = await runStatement<[string]>(client, statement);
  invariant(row !== undefined, "an append function returns one row");
  return parseAnswer(row[0]);
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
