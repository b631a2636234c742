/** Reads of events: one stream in order of versions, or the whole store in order of positions. */
import { parseUnixMs } from "@mira/primitives";
import type { Pool } from "pg";
import { READ_BYTES_MAX, READ_ROWS_MAX } from "./limits.ts";
import type { StoredEvent } from "./model.ts";
import { unpackEvents } from "./packed-events.ts";
import type { Upcast } from "./upcasters.ts";

export type ReadSource = { readonly pool: Pool; readonly schema: string; readonly upcast: Upcast };
export type ReadStreamOptions = { readonly fromVersion?: number; readonly limit?: number };
export type ReadAllOptions = {
  readonly afterPosition: bigint;
  readonly limit: number;
  readonly types?: readonly string[];
};

/**
 * At most `limit` events (default and maximum 10,000) and 64 MiB of payloads, but at least one append where there is one: read on from
 * the last, until `isLastPage`.
 */
export async function readStream(
  { pool, schema, upcast }: ReadSource,
  stream: string,
  { fromVersion = 1, limit = READ_ROWS_MAX }: ReadStreamOptions,
): Promise<StoredEvent[]> {
  const wanted = Math.min(limit, READ_ROWS_MAX);
  const result = await pool.query<EventsRow>({
    name: `mira_read_stream_${schema}`.slice(0, 63),
    text: bound(
      `SELECT * FROM ${schema}.events WHERE stream = $1 AND first_version >= coalesce(
         (SELECT max(first_version) FROM ${schema}.events WHERE stream = $1 AND first_version <= $2), $2)
       ORDER BY first_version LIMIT $3`,
      "least(event_count, first_version + event_count - $2::bigint)",
    ),
    values: [stream, fromVersion, wanted],
    rowMode: "array",
  });
  const events = result.rows.flatMap(toEvents).filter((event) => event.version >= fromVersion);
  return events.slice(0, wanted).map(upcast);
}

/**
 * Gap-safe: nothing ever appears below what was returned. What stands above an append that has not ended is returned later. Bounds as for
 * readStream; only an empty page is the end.
 */
export async function readAll(
  source: ReadSource,
  { afterPosition, limit, types }: ReadAllOptions,
): Promise<StoredEvent[]> {
  const wanted = Math.min(limit, READ_ROWS_MAX);
  for (let after = afterPosition; ;) {
    const stored = (await readRows(source, after, wanted, types)).flatMap(toEvents);
    const last = stored.at(-1);
    if (last === undefined) return [];
    const events = stored.filter(
      (event) => event.position > afterPosition && (types === undefined || types.includes(event.type)),
    );
    if (events.length > 0) return events.slice(0, wanted).map(source.upcast);
    after = last.position;
  }
}

async function readRows(
  { pool, schema }: ReadSource,
  after: bigint,
  limit: number,
  types: readonly string[] | undefined,
): Promise<EventsRow[]> {
  const result = await pool.query<EventsRow>({
    name: `mira_read_all_${schema}`.slice(0, 63),
    text: bound(
      `SELECT * FROM ${schema}.read_events($1, $2, $3)`,
      "least(event_count, position + event_count - 1 - $1::bigint)",
    ),
    values: [after.toString(), limit, types],
    rowMode: "array",
  });
  return result.rows;
}

/** Whether a page of readStream that was asked for with `limit` reaches the end: neither bound cut it short. */
export function isLastPage(page: readonly StoredEvent[], limit: number): boolean {
  if (page.length >= Math.min(limit, READ_ROWS_MAX)) return false;
  return page.reduce((bytes, event) => bytes + event.payload.length, 0) < READ_BYTES_MAX;
}

/** Cuts the rows of `sql` where the events (`count` of a row) reach $LIMIT or their payloads the bound, without fetching those beyond. */
function bound(sql: string, count: string): string {
  const limit = sql.includes("LIMIT $3") ? "$3" : "$2";
  return `SELECT position, first_version, extract(epoch FROM recorded_at)::float8 * 1000, stream, array_to_json(types)::text, events
    FROM (SELECT *, sum(payload_bytes) OVER rows_so_far - payload_bytes AS bytes_before, sum(${count}) OVER rows_so_far - ${count} AS events_before
          FROM (${sql}) AS chosen WINDOW rows_so_far AS (ROWS UNBOUNDED PRECEDING)) AS summed
    WHERE bytes_before < ${READ_BYTES_MAX} AND events_before < ${limit}`;
}

type EventsRow = [
  position: string,
  firstVersion: string,
  recordedAt: number,
  stream: string,
  types: string,
  events: Buffer,
];

function toEvents([position, firstVersion, recordedAt, stream, types, events]: EventsRow): StoredEvent[] {
  const firstPosition = BigInt(position);
  const first = Number(firstVersion);
  const at = parseUnixMs(Math.round(recordedAt));
  return unpackEvents(events, JSON.parse(types) as string[]).map((event, step) => ({
    ...event,
    stream,
    version: first + step,
    position: firstPosition + BigInt(step),
    recordedAt: at,
  }));
}
