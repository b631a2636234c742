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
const LIST_HEAD_BYTES = 5;

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

const DASH = 45;
/** By character code; 16 = not a hexadecimal digit. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 16 : digit;
});

/** By hand, since slicing and converting text costs more than all the rest of packing. */
function writeUuid(bytes: Buffer, start: number, id: string): number {
  const end = start + 16;
  let at = start;
  let index = 0;
  for (; index < id.length - 1 && at < end; index += 2) {
    if (id.charCodeAt(index) === DASH) index += 1;
    const high = DIGITS[id.charCodeAt(index)] ?? 16;
    const low = DIGITS[id.charCodeAt(index + 1)] ?? 16;
    if (high > 15 || low > 15) break;
    bytes[at] = (high << 4) | low;
    at += 1;
  }
  invariant(
    at === end && index === id.length && id.length === 36,
    () => `an event id needs a UUID: ${JSON.stringify(id)}`,
  );
  return end;
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
  const texts = new Map<string, number>();
  const places = once(() => new Map(events.map((event, index) => [event.payload, index])));
  const plans = messages.map((message, index) => planMessage(message, index, { events, texts, places }));
  const list = Buffer.from(JSON.stringify([...texts.keys()]));
  const bytes = Buffer.allocUnsafe(
    plans.reduce((sum, plan) => sum + plan.bytes, LIST_HEAD_BYTES + list.length),
  );
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUInt32BE(list.length, 1);
  let at = LIST_HEAD_BYTES + list.copy(bytes, LIST_HEAD_BYTES);
  for (const plan of plans) at = writeMessage(bytes, at, plan);
  return bytes;
}

type OutboxContext = {
  readonly events: readonly NewEvent[];
  readonly texts: Map<string, number>;
  /** Made when a message does not go with the event at its own place, which is rare. */
  readonly places: () => ReadonlyMap<Uint8Array, number>;
};

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type MessagePlan = {
  readonly subject: number;
  readonly headers: number;
  readonly place: number;
  /** Absent: the event's. */
  readonly id: Buffer | undefined;
  readonly payload: Uint8Array | undefined;
  readonly bytes: number;
};

function planMessage(
  { id, subject, payload, headers }: OutboxMessage,
  index: number,
  { events, texts, places }: OutboxContext,
): MessagePlan {
  const found = events[index]?.payload === payload ? index : (places().get(payload) ?? -1);
  const ownId = events[found]?.id === id ? undefined : Buffer.from(id);
  invariant(ownId === undefined || ownId.length < NONE_16, "an outbox message id has less than 65,535 bytes");
  return {
    subject: internText(texts, subject),
    headers: headers === undefined ? NONE_16 : internText(texts, JSON.stringify(headers)),
    place: found < 0 ? NONE_32 : found,
    id: ownId,
    payload: found < 0 ? payload : undefined,
    bytes: MESSAGE_HEAD_BYTES + (ownId?.length ?? 0) + (found < 0 ? 4 + payload.length : 0),
  };
}

function writeMessage(bytes: Buffer, start: number, plan: MessagePlan): number {
  let at = bytes.writeUInt16BE(plan.subject, start);
  at = bytes.writeUInt16BE(plan.headers, at);
  at = bytes.writeUInt32BE(plan.place, at);
  at = bytes.writeUInt16BE(plan.id?.length ?? NONE_16, at);
  if (plan.id !== undefined) at += plan.id.copy(bytes, at);
  if (plan.payload === undefined) return at;
  at = bytes.writeUInt32BE(plan.payload.length, at);
  bytes.set(plan.payload, at);
  return at + plan.payload.length;
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
  const listEnd = LIST_HEAD_BYTES + bytes.readUInt32BE(1);
  const texts = JSON.parse(bytes.toString("utf8", LIST_HEAD_BYTES, listEnd)) as string[];
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
