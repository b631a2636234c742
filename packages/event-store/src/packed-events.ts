/**
 * How the events of one append to one stream are packed into one row: a thousand events cost one insert and two index entries.
 * Big-endian. A format byte, then for each event: type (u16, place in the row's list of types), schema version (u32), id (16),
 * traceparent (u8 length), payload (u32 length). Bytes stored are read for ever: another layout takes another format byte.
 */
import { invariant } from "@mira/primitives";
import type { NewEvent } from "./model.ts";
import { parseUuids, UUID_BYTES } from "./uuids.ts";

const FORMAT = 1;
const TYPE_AND_VERSION_BYTES = 6;
const EVENT_HEAD_BYTES = TYPE_AND_VERSION_BYTES + UUID_BYTES + 5;

/** How much room the events take; they are written where they are needed, once. */
export type EventsPlan = {
  readonly events: readonly NewEvent[];
  readonly ids: Uint8Array;
  readonly types: ReadonlyMap<string, number>;
  readonly size: number;
  readonly payloadBytes: number;
};

export function planEvents(events: readonly NewEvent[]): EventsPlan {
  const types = new Map<string, number>();
  let payloadBytes = 0;
  let size = 1;
  for (const { type, payload, metadata } of events) {
    if (!types.has(type)) types.set(type, types.size);
    payloadBytes += payload.length;
    size += EVENT_HEAD_BYTES + (metadata?.traceparent?.length ?? 0);
  }
  const ids = parseUuids(events.map(({ id }) => id));
  return { events, ids, types, size: size + payloadBytes, payloadBytes };
}

/** Returns where it ends. */
export function writeEvents(bytes: Buffer, start: number, plan: EventsPlan): number {
  let at = bytes.writeUInt8(FORMAT, start);
  for (let index = 0; index < plan.events.length; index++) at = writeEvent(bytes, at, plan, index);
  return at;
}

function writeEvent(bytes: Buffer, start: number, { events, ids, types }: EventsPlan, index: number): number {
  const event = events[index];
  invariant(event !== undefined, "a planned event is there");
  let at = bytes.writeUInt16BE(types.get(event.type) ?? 0, start);
  at = bytes.writeUInt32BE(event.schemaVersion, at);
  for (let from = index * UUID_BYTES; from < (index + 1) * UUID_BYTES; from++) bytes[at++] = ids[from] ?? 0;
  const traceparent = event.metadata?.traceparent;
  at = bytes.writeUInt8(traceparent?.length ?? 0, at);
  if (traceparent !== undefined) at += bytes.write(traceparent, at, "latin1");
  at = bytes.writeUInt32BE(event.payload.length, at);
  bytes.set(event.payload, at);
  return at + event.payload.length;
}

/** The events in order. Payloads are views of `bytes`. */
export function unpackEvents(bytes: Buffer, types: readonly string[]): NewEvent[] {
  invariant(bytes[0] === FORMAT, () => `packed events of format ${bytes[0]}`);
  const events: NewEvent[] = [];
  for (let at = 1; at < bytes.length;) {
    const traceparentEnd = at + 23 + bytes.readUInt8(at + 22);
    const payloadStart = traceparentEnd + 4;
    const payloadEnd = payloadStart + bytes.readUInt32BE(traceparentEnd);
    const type = types[bytes.readUInt16BE(at)];
    invariant(type !== undefined && payloadEnd <= bytes.length, "packed events are whole");
    events.push({
      id: readUuid(bytes, at + TYPE_AND_VERSION_BYTES),
      type,
      schemaVersion: bytes.readUInt32BE(at + 2),
      payload: bytes.subarray(payloadStart, payloadEnd),
      ...(traceparentEnd === at + 23
        ? {}
        : { metadata: { traceparent: bytes.toString("latin1", at + 23, traceparentEnd) } }),
    });
    at = payloadEnd;
  }
  return events;
}

function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString("hex", at, at + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
