/**
 * How the events and the outbox messages of one append to one stream are packed into one row each: a thousand events cost one insert and
 * two index entries. Big-endian. Event: type (u16, place in the row's list of types), schema version (u32), id (16), traceparent (u8
 * length), payload (u32 length). The outbox begins with its list of texts, as JSON (u32 length). Message: subject and headers (u16, places in the list of texts; 65535 = no headers), event whose payload
 * it carries (u32; 2^32-1 = its own payload follows, u32 length), id (u16 length; 65535 = the event's id). Bytes stored are read for
 * ever: another layout takes another format byte.
 */
import { invariant } from "@mira/primitives";
import type { NewEvent, OutboxMessage } from "./model.ts";

const FORMAT = 1;
const NONE_16 = 0xffff;
const NONE_32 = 0xffff_ffff;
const EVENT_HEAD_BYTES = 27;
const MESSAGE_HEAD_BYTES = 10;

export type PackedEvents = {
  readonly types: readonly string[];
  readonly bytes: Buffer;
  readonly payloadBytes: number;
};

export function packEvents(events: readonly NewEvent[]): PackedEvents {
  const types = new Map<string, number>();
  let payloadBytes = 0;
  let size = 1;
  for (const { type, payload, metadata } of events) {
    if (!types.has(type)) types.set(type, types.size);
    payloadBytes += payload.length;
    size += EVENT_HEAD_BYTES + (metadata?.traceparent?.length ?? 0);
  }
  const bytes = Buffer.allocUnsafe(size + payloadBytes);
  let at = bytes.writeUInt8(FORMAT, 0);
  for (const event of events) at = writeEvent(bytes, at, event, types.get(event.type) ?? 0);
  return { types: [...types.keys()], bytes, payloadBytes };
}

function writeEvent(bytes: Buffer, start: number, event: NewEvent, type: number): number {
  const traceparent = event.metadata?.traceparent ?? "";
  let at = bytes.writeUInt16BE(type, start);
  at = bytes.writeUInt32BE(event.schemaVersion, at);
  at = writeUuid(bytes, at, event.id);
  at = bytes.writeUInt8(traceparent.length, at);
  at += bytes.write(traceparent, at, "latin1");
  at = bytes.writeUInt32BE(event.payload.length, at);
  bytes.set(event.payload, at);
  return at + event.payload.length;
}

function writeUuid(bytes: Buffer, at: number, id: string): number {
  const written = bytes.write(id.replaceAll("-", ""), at, 16, "hex");
  invariant(written === 16 && id.length === 36, () => `an event id needs a UUID: ${JSON.stringify(id)}`);
  return at + 16;
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
      id: readUuid(bytes, at + 6),
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
  const hex = bytes.toString("hex", at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function packOutbox(messages: readonly OutboxMessage[], events: readonly NewEvent[]): Buffer {
  const places = new Map(events.map((event, index) => [event.payload, index]));
  const texts = new Map<string, number>();
  const parts = messages.flatMap((message) =>
    packMessage(message, events, places.get(message.payload), texts),
  );
  const list = Buffer.from(JSON.stringify([...texts.keys()]));
  const head = Buffer.allocUnsafe(5);
  head.writeUInt8(FORMAT, 0);
  head.writeUInt32BE(list.length, 1);
  return Buffer.concat([head, list, ...parts]);
}

function packMessage(
  message: OutboxMessage,
  events: readonly NewEvent[],
  place: number | undefined,
  texts: Map<string, number>,
): Buffer[] {
  const head = Buffer.allocUnsafe(MESSAGE_HEAD_BYTES);
  head.writeUInt16BE(internText(texts, message.subject), 0);
  head.writeUInt16BE(
    message.headers === undefined ? NONE_16 : internText(texts, JSON.stringify(message.headers)),
    2,
  );
  head.writeUInt32BE(place ?? NONE_32, 4);
  const isEventId = place !== undefined && events[place]?.id === message.id;
  const id = isEventId ? undefined : Buffer.from(message.id);
  invariant(id === undefined || id.length < NONE_16, "an outbox message id has less than 65,535 bytes");
  head.writeUInt16BE(id?.length ?? NONE_16, 8);
  const parts = id === undefined ? [head] : [head, id];
  if (place !== undefined) return parts;
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(message.payload.length, 0);
  return [...parts, length, Buffer.from(message.payload)];
}

function internText(texts: Map<string, number>, text: string): number {
  const known = texts.get(text);
  if (known !== undefined) return known;
  invariant(
    texts.size < NONE_16,
    "the outbox of one append has less than 65,535 different subjects and headers",
  );
  texts.set(text, texts.size);
  return texts.size - 1;
}

/** The messages in order. Payloads are views of `bytes` or those of the events. */
export function unpackOutbox(bytes: Buffer, events: readonly NewEvent[]): OutboxMessage[] {
  invariant(bytes[0] === FORMAT, () => `a packed outbox of format ${bytes[0]}`);
  const messages: OutboxMessage[] = [];
  const listEnd = 5 + bytes.readUInt32BE(1);
  const texts = JSON.parse(bytes.toString("utf8", 5, listEnd)) as string[];
  for (let at = listEnd; at < bytes.length;) {
    const idLength = bytes.readUInt16BE(at + 8);
    const idEnd = at + MESSAGE_HEAD_BYTES + (idLength === NONE_16 ? 0 : idLength);
    const place = bytes.readUInt32BE(at + 4);
    const event = place === NONE_32 ? undefined : events[place];
    const payloadEnd = event === undefined ? idEnd + 4 + bytes.readUInt32BE(idEnd) : idEnd;
    const headers = bytes.readUInt16BE(at + 2);
    messages.push({
      id: idLength === NONE_16 ? (event?.id ?? "") : bytes.toString("utf8", at + MESSAGE_HEAD_BYTES, idEnd),
      subject: texts[bytes.readUInt16BE(at)] ?? "",
      payload: event?.payload ?? bytes.subarray(idEnd + 4, payloadEnd),
      ...(headers === NONE_16 ? {} : { headers: parseHeaders(texts[headers] ?? "{}") }),
    });
    at = payloadEnd;
  }
  return messages;
}

function parseHeaders(text: string): Record<string, string> {
  const headers: unknown = JSON.parse(text);
  invariant(typeof headers === "object" && headers !== null, "outbox headers are an object");
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
}
