/**
 * Plain appends (one stream, an expected version, no fence) that are asked for while others are under way go to Postgres together, as one
 * INSERT and one flush: the busier, the fewer round trips for each. Nothing waits for company: an append that finds a free lane leaves
 * at once. Each is accepted or refused by itself; sharing a commit binds them no further.
 */
import { succeed } from "@mira/primitives";
import type { Pool } from "pg";
import { compare, joinTypes } from "./append-call.ts";
import { isCollision, type BatchResult } from "./append-result.ts";
import { APPEND_MERGED, APPEND_PLAIN } from "./append-sql.ts";
import { encodeInt4Array, encodeInt8Array, encodeTextArray, sizeByteaArray } from "./binary-arrays.ts";
import { EVENTS_PER_TRANSACTION_MAX } from "./limits.ts";
import type { Append } from "./model.ts";
import { fillSchema } from "./names.ts";
import { packAppend, type PackedAppend } from "./packed-append.ts";
import { runStatement, type Statement } from "./statement.ts";

/** While one INSERT waits for its flush the next can run; more lanes would only make the INSERTs smaller. */
const LANES = 2;
const APPENDS_MAX = 64;
/** More in one lane would leave the other with nothing to do: writers that wait for one INSERT come back together. */
const BYTES_MAX = 128 * 1024;
/** From here on an append is worth its own flush and needs no lane: small ones should not wait for its bytes, nor it for them. */
const ALONE_BYTES = 64 * 1024;
/** Beyond this, appends go their own way and wait for a connection. */
const WAITING_MAX = 10_000;

type Target = { readonly pool: Pool; readonly schema: string };

/** Undefined: not appended, for a reason that the caller finds by appending it alone. */
export type AppendPlain = (append: Append) => Promise<BatchResult | undefined>;

type Waiting = {
  readonly append: Append;
  readonly expected: number;
  readonly packed: PackedAppend;
  readonly bytes: number;
  readonly settle: (result: BatchResult | undefined) => void;
  readonly fail: (error: unknown) => void;
};

export function createMergedAppends(target: Target): AppendPlain {
  const queue: Waiting[] = [];
  let lanes = 0;
  async function run(): Promise<void> {
    lanes += 1;
    // Appends of the same turn of the event loop come together first.
    await Promise.resolve();
    while (queue.length > 0) await insert(target, takeTogether(queue));
    lanes -= 1;
  }
  return (append) => {
    if (append.expectedVersion === "any" || queue.length >= WAITING_MAX) return Promise.resolve(undefined);
    const { promise, resolve, reject } = Promise.withResolvers<BatchResult | undefined>();
    const waiting = toWaiting(append, append.expectedVersion, resolve, reject);
    if (waiting.bytes >= ALONE_BYTES) {
      void insert(target, [waiting]);
      return promise;
    }
    queue.push(waiting);
    if (lanes < LANES) void run();
    return promise;
  };
}

function toWaiting(
  append: Append,
  expected: number,
  settle: Waiting["settle"],
  fail: Waiting["fail"],
): Waiting {
  const packed = packAppend(append);
  const bytes = packed.events.size + (packed.outbox?.size ?? 0);
  return { append, expected, packed, bytes, settle, fail };
}

/** The first, and what fits beside it, in order; a stream only once, since its next append builds on this one. */
function takeTogether(queue: Waiting[]): Waiting[] {
  const streams = new Set<string>();
  let bytes = 0;
  let events = 0;
  let count = 0;
  for (const { append, bytes: own } of queue) {
    bytes += own;
    events += append.events.length;
    const fits = count < APPENDS_MAX && bytes <= BYTES_MAX && events <= EVENTS_PER_TRANSACTION_MAX;
    if (count > 0 && (!fits || streams.has(append.stream))) break;
    streams.add(append.stream);
    count += 1;
  }
  return queue.splice(0, count);
}

async function insert({ pool, schema }: Target, together: readonly Waiting[]): Promise<void> {
  try {
    const positions = await insertRows(pool, schema, together);
    for (const { append, expected, settle } of together) {
      const lastPosition = positions.get(append.stream);
      const versions = [expected + append.events.length];
      settle(lastPosition === undefined ? undefined : succeed({ versions, lastPosition }));
    }
  } catch (error) {
    const collided = isCollision(error, schema);
    for (const { settle, fail } of together) {
      if (collided) settle(undefined);
      else fail(error);
    }
  }
}

/** Last positions by stream, of those that had the version expected. */
async function insertRows(
  pool: Pool,
  schema: string,
  together: readonly Waiting[],
): Promise<ReadonlyMap<string, bigint>> {
  const [only, ...others] = together;
  const statement =
    only !== undefined && others.length === 0 ? encodeOne(only, schema) : encodeRows(together, schema);
  const rows = await runStatement<[stream: string, position: string]>(pool, statement);
  return new Map(rows.map(([stream, position]) => [stream, BigInt(position)]));
}

function encodeOne({ append, expected, packed }: Waiting, schema: string): Statement {
  return {
    name: `mira_append_plain_${schema}`,
    text: fillSchema(APPEND_PLAIN, schema),
    parameters: [
      append.stream,
      expected,
      append.events.length,
      encodeTextArray(packed.types),
      packed.payloadBytes,
      packed.events,
      packed.outboxCount,
      packed.outbox,
    ],
  };
}

/** In the order of stream names, so that two of them that share streams cannot deadlock. */
function encodeRows(together: readonly Waiting[], schema: string): Statement {
  const rows = together.toSorted((a, b) => compare(a.append.stream, b.append.stream));
  const outboxCounts = rows.map(({ packed }) => packed.outboxCount);
  const eventCounts = rows.map(({ append }) => append.events.length);
  return {
    name: `mira_append_merged_${schema}`,
    text: fillSchema(APPEND_MERGED, schema),
    parameters: [
      encodeTextArray(rows.map(({ append }) => append.stream)),
      encodeInt8Array(rows.map(({ expected }) => expected)),
      encodeInt4Array(eventCounts),
      encodeInt4Array(sumBefore(eventCounts)),
      encodeTextArray(rows.map(({ packed }) => joinTypes(packed.types))),
      encodeInt4Array(rows.map(({ packed }) => packed.payloadBytes)),
      sizeByteaArray(rows.map(({ packed }) => packed.events)),
      encodeInt4Array(outboxCounts),
      encodeInt4Array(sumBefore(outboxCounts)),
      sizeByteaArray(rows.map(({ packed }) => packed.outbox)),
    ],
  };
}

function sumBefore(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count) - count);
}
