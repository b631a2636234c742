/**
 * How the outbox messages of one append are packed beside its events. Big-endian. A format byte and the list of texts, as JSON (u32
 * length), then for each message: subject and headers (u16, places in the list of texts; 65535 = no headers), event whose payload it
 * carries (u32; 2^32-1 = its own payload follows, u32 length), id (u16 length; 65535 = the event's id). Bytes stored are read for ever:
 * another layout takes another format byte.
 */
import { invariant } from "@mira/primitives";
import type { NewEvent, OutboxMessage } from "./model.ts";

const FORMAT = 1;
const NONE_16 = 0xffff;
const NONE_32 = 0xffff_ffff;
const MESSAGE_HEAD_BYTES = 10;
const LIST_HEAD_BYTES = 5;

/** Where everything is, and how much room it takes; it is written where it is needed, once. Numbers by message. */
export type OutboxPlan = {
  readonly messages: readonly OutboxMessage[];
  readonly subjects: readonly number[];
  readonly headers: readonly number[];
  /** Places of the events whose payload goes with the message; -1 = its own. */
  readonly places: readonly number[];
  readonly idLengths: readonly number[];
  readonly list: Buffer;
  readonly size: number;
};

export function planOutbox(messages: readonly OutboxMessage[], events: readonly NewEvent[]): OutboxPlan {
  const texts = new Map<string, number>();
  const places = messages.map(createFinder(events));
  const subjects = messages.map(({ subject }) => internText(texts, subject));
  const headers = messages.map((message) =>
    message.headers === undefined ? NONE_16 : internText(texts, JSON.stringify(message.headers)),
  );
  const idLengths = messages.map(({ id }, index) =>
    events[places[index] ?? -1]?.id === id ? NONE_16 : countIdBytes(id),
  );
  const list = Buffer.from(JSON.stringify([...texts.keys()]));
  let size = LIST_HEAD_BYTES + list.length + MESSAGE_HEAD_BYTES * messages.length;
  messages.forEach(({ payload }, index) => {
    if (places[index] === -1) size += 4 + payload.length;
    if (idLengths[index] !== NONE_16) size += idLengths[index] ?? 0;
  });
  return { messages, subjects, headers, places, idLengths, list, size };
}

/** Returns where it ends. */
export function writeOutbox(bytes: Buffer, start: number, plan: OutboxPlan): number {
  let at = bytes.writeUInt8(FORMAT, start);
  at = bytes.writeUInt32BE(plan.list.length, at);
  at += plan.list.copy(bytes, at);
  for (let index = 0; index < plan.messages.length; index++) at = writeMessage(bytes, at, plan, index);
  return at;
}

function writeMessage(bytes: Buffer, start: number, plan: OutboxPlan, index: number): number {
  const message = plan.messages[index];
  invariant(message !== undefined, "a planned message is there");
  const place = plan.places[index] ?? -1;
  const idLength = plan.idLengths[index] ?? 0;
  let at = bytes.writeUInt16BE(plan.subjects[index] ?? NONE_16, start);
  at = bytes.writeUInt16BE(plan.headers[index] ?? NONE_16, at);
  at = bytes.writeUInt32BE(place < 0 ? NONE_32 : place, at);
  at = bytes.writeUInt16BE(idLength, at);
  if (idLength !== NONE_16) at += bytes.write(message.id, at);
  if (place >= 0) return at;
  at = bytes.writeUInt32BE(message.payload.length, at);
  bytes.set(message.payload, at);
  return at + message.payload.length;
}

/** Finds the event with the very payload of a message; -1 when there is none. Mostly it is the one at the message's own place. */
function createFinder(events: readonly NewEvent[]): (message: OutboxMessage, index: number) => number {
  let known: ReadonlyMap<Uint8Array, number> | undefined;
  return ({ payload }, index) => {
    if (events[index]?.payload === payload) return index;
    known ??= new Map(events.map((event, place) => [event.payload, place]));
    return known.get(payload) ?? -1;
  };
}

function countIdBytes(id: string): number {
  const count = Buffer.byteLength(id);
  invariant(count < NONE_16, "an outbox message id has less than 65,535 bytes");
  return count;
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
