/** Turns appends into one call of a function of append-sql.ts, and its row into an outcome. */
import type { QueryConfig } from "pg";
import {
  encodeByteaArray,
  encodeInt4Array,
  encodeInt8Array,
  encodeTextArray,
  encodeUuidArray,
} from "./binary-arrays.ts";
import type { Append, Fence, NewEvent, OutboxMessage } from "./model.ts";

export type AppendRow = {
  readonly outcome: "appended" | "conflict" | "not-leader";
  /** The stream that has another version than expected. */
  readonly stream: string | null;
  /** Its version; for `not-leader` the epoch in force. */
  readonly head: string;
  /** Versions before the append, in the order of the call. */
  readonly heads: string;
  readonly last_position: string;
};

export type AppendCall = { readonly query: QueryConfig; readonly order: readonly number[] };
type Target = { readonly schema: string; readonly fence: Fence | undefined };

export function encodeAppends(appends: readonly Append[], target: Target): AppendCall {
  const [only] = appends;
  const event = only?.events[0];
  if (only !== undefined && event !== undefined && isSmall(appends, only))
    return { query: encodeEvent(only, event, target), order: [0] };
  return encodeEvents(appends, target);
}

function isSmall(appends: readonly Append[], only: Append): boolean {
  return appends.length === 1 && only.events.length === 1 && (only.outbox?.length ?? 0) <= 1;
}

function encodeEvent(append: Append, event: NewEvent, { schema, fence }: Target): QueryConfig {
  const message = append.outbox?.[0];
  return {
    name: `mira_append_event_${schema}`.slice(0, 63),
    text: `SELECT outcome, stream, head, head AS heads, last_position
           FROM ${schema}.append_event($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    values: [
      fence?.name,
      fence?.epoch,
      append.stream,
      append.expectedVersion === "any" ? -1 : append.expectedVersion,
      event.id,
      event.type,
      event.schemaVersion,
      event.metadata?.traceparent,
      asBuffer(event.payload),
      message?.id,
      message?.subject,
      encodeHeaders(message),
      message === undefined || message.payload === event.payload ? undefined : asBuffer(message.payload),
    ],
  };
}

/**
 * Rows go in the order of stream names: two batches that share streams then meet in the same order and cannot deadlock. Positions keep
 * the caller's order.
 */
function encodeEvents(appends: readonly Append[], { schema, fence }: Target): AppendCall {
  const order = appends
    .map((_, index) => index)
    .sort((a, b) => compare(appends[a]?.stream, appends[b]?.stream));
  const rows = toRows(appends, order);
  const sorted = order.flatMap((index) => appends[index] ?? []);
  const text = `SELECT outcome, stream, head, array_to_string(heads, ',') AS heads, last_position
                FROM ${schema}.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`;
  const values = [
    fence?.name,
    fence?.epoch,
    encodeTextArray(sorted.map((append) => append.stream)),
    encodeInt8Array(sorted.map(({ expectedVersion }) => (expectedVersion === "any" ? -1 : expectedVersion))),
    encodeInt4Array(rows.map((row) => row.place)),
    encodeInt4Array(rows.map((row) => row.append)),
    encodeInt4Array(rows.map((row) => row.step)),
    encodeTextArray(rows.map((row) => row.stream)),
    encodeUuidArray(rows.map((row) => row.event.id)),
    encodeTextArray(rows.map((row) => row.event.type)),
    encodeInt4Array(rows.map((row) => row.event.schemaVersion)),
    encodeTextArray(rows.map((row) => row.event.metadata?.traceparent)),
    encodeByteaArray(rows.map((row) => row.event.payload)),
    ...encodeOutbox(appends),
  ];
  return {
    query: { name: `mira_append_events_${schema}`.slice(0, 63), text, values },
    order,
  };
}

function compare(left = "", right = ""): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

type Row = { place: number; append: number; step: number; stream: string; event: NewEvent };

function toRows(appends: readonly Append[], order: readonly number[]): Row[] {
  const firstPlaces: number[] = [];
  let place = 0;
  for (const append of appends) {
    firstPlaces.push(place);
    place += append.events.length;
  }
  return order.flatMap((index, sortedIndex) => {
    const { stream, events } = appends[index] ?? { stream: "", events: [] };
    const first = firstPlaces[index] ?? 0;
    return events.map((event, step) => ({
      place: first + step,
      append: sortedIndex + 1,
      step: step + 1,
      stream,
      event,
    }));
  });
}

/** A message that carries the very bytes of an event of its append points to the event instead of storing them twice. */
function encodeOutbox(appends: readonly Append[]): (Buffer | undefined)[] {
  const messages: OutboxMessage[] = [];
  const places: (number | undefined)[] = [];
  let first = 0;
  for (const { events, outbox = [] } of appends) {
    const placeByPayload = new Map(
      outbox.length === 0 ? [] : events.map((event, step) => [event.payload, first + step]),
    );
    for (const message of outbox) {
      messages.push(message);
      places.push(placeByPayload.get(message.payload));
    }
    first += events.length;
  }
  if (messages.length === 0) return [undefined, undefined, undefined, undefined, undefined];
  return [
    encodeInt4Array(places),
    encodeTextArray(messages.map((message) => message.id)),
    encodeTextArray(messages.map((message) => message.subject)),
    encodeTextArray(messages.map(encodeHeaders)),
    encodeByteaArray(
      messages.map((message, index) => (places[index] === undefined ? message.payload : undefined)),
    ),
  ];
}

function encodeHeaders(message: OutboxMessage | undefined): string | undefined {
  return message?.headers === undefined ? undefined : JSON.stringify(message.headers);
}

/** The driver sends Buffers as they are, and anything else as text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
