/** Reads of events: one stream in order of versions, or the whole store in order of positions. */
import { parseUnixMs } from "@mira/primitives";
import type { Pool } from "pg";
import { READ_BYTES_MAX, READ_ROWS_MAX } from "./limits.ts";
import type { StoredEvent } from "./model.ts";
import type { Upcast } from "./upcasters.ts";

export type ReadSource = { readonly pool: Pool; readonly schema: string; readonly upcast: Upcast };
export type ReadStreamOptions = { readonly fromVersion?: number; readonly limit?: number };
export type ReadAllOptions = {
  readonly afterPosition: bigint;
  readonly limit: number;
  readonly types?: readonly string[];
};

const COLUMNS = "position, version, recorded_at, id, schema_version, stream, type, traceparent, payload";

/** At most `limit` events (default and maximum 10,000) and 64 MiB, but at least one where there is one: read on from the last. */
export async function readStream(
  { pool, schema, upcast }: ReadSource,
  stream: string,
  { fromVersion = 1, limit = READ_ROWS_MAX }: ReadStreamOptions,
): Promise<StoredEvent[]> {
  const result = await pool.query<EventRow>({
    name: `mira_read_stream_${schema}`.slice(0, 63),
    text: bounded(
      `SELECT ${COLUMNS} FROM ${schema}.events WHERE stream = $1 AND version >= $2 ORDER BY version LIMIT $3`,
    ),
    values: [stream, fromVersion, Math.min(limit, READ_ROWS_MAX)],
    rowMode: "array",
  });
  return result.rows.map((row) => upcast(toEvent(row)));
}

/** Gap-safe: nothing ever appears below what was returned. What stands above an append that has not ended is returned later. */
export async function readAll(
  { pool, schema, upcast }: ReadSource,
  { afterPosition, limit, types }: ReadAllOptions,
): Promise<StoredEvent[]> {
  const result = await pool.query<EventRow>({
    name: `mira_read_all_${schema}`.slice(0, 63),
    text: bounded(`SELECT ${COLUMNS} FROM ${schema}.read_events($1, $2, $3)`),
    values: [afterPosition.toString(), Math.min(limit, READ_ROWS_MAX), types],
    rowMode: "array",
  });
  return result.rows.map((row) => upcast(toEvent(row)));
}

/** Whether a page that was asked for with `limit` reaches the end: neither bound cut it short. */
export function isLastPage(page: readonly StoredEvent[], limit: number): boolean {
  if (page.length >= Math.min(limit, READ_ROWS_MAX)) return false;
  return page.reduce((bytes, event) => bytes + event.payload.length, 0) < READ_BYTES_MAX;
}

/** Cuts the rows where their payloads exceed the bound; lengths are known without fetching the payloads. */
function bounded(sql: string): string {
  return `SELECT position, version, extract(epoch FROM recorded_at)::float8 * 1000, id, schema_version, stream, type, traceparent, payload
    FROM (SELECT *, sum(octet_length(payload)) OVER (ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS before FROM (${sql}) AS chosen) AS summed
    WHERE before < ${READ_BYTES_MAX}`;
}

type EventRow = [
  position: string,
  version: string,
  recordedAt: number,
  id: string,
  schemaVersion: number,
  stream: string,
  type: string,
  traceparent: string | null,
  payload: Buffer,
];

function toEvent(row: EventRow): StoredEvent {
  const [position, version, recordedAt, id, schemaVersion, stream, type, traceparent, payload] = row;
  return {
    stream,
    version: Number(version),
    position: BigInt(position),
    recordedAt: parseUnixMs(Math.round(recordedAt)),
    id,
    type,
    schemaVersion,
    payload,
    ...(traceparent === null ? {} : { metadata: { traceparent } }),
  };
}
