/** The bounds of one append and of one read. */
import { refuse, type Refusal } from "@mira/primitives";
import type { Append } from "./model.ts";

export type Limits = {
  /** Events, and apart from them outbox messages, in one transaction. */
  readonly eventsMax: number;
  /** Bytes of one payload. */
  readonly payloadBytesMax: number;
  /** Bytes of all payloads in one transaction. */
  readonly appendBytesMax: number;
};

/** 16 MiB: twice the largest gRPC message. 64 MiB: far below the 1 GB that Postgres takes in one statement. */
export const DEFAULT_LIMITS: Limits = {
  eventsMax: 10_000,
  payloadBytesMax: 16 * 1024 * 1024,
  appendBytesMax: 64 * 1024 * 1024,
};

/** The last 16 bits of a position count within a transaction, so no limit may exceed this. */
export const EVENTS_PER_TRANSACTION_MAX = 65_535;
export const STREAM_NAME_CHARS_MAX = 255;
export const READ_ROWS_MAX = 10_000;
/** A read stops after this many payload bytes, but never before its first row. */
export const READ_BYTES_MAX = 64 * 1024 * 1024;

type Counts = { events: number; outbox: number; bytes: number; largest: number };

export function checkLimits(
  appends: readonly Append[],
  limits: Limits,
): Refusal<"APPEND_TOO_LARGE"> | undefined {
  const counts = countAppends(appends);
  if (counts.events > limits.eventsMax) return tooLarge("events", limits.eventsMax, counts.events);
  if (counts.outbox > limits.eventsMax) return tooLarge("outbox messages", limits.eventsMax, counts.outbox);
  if (counts.largest > limits.payloadBytesMax)
    return tooLarge("bytes in one payload", limits.payloadBytesMax, counts.largest);
  if (counts.bytes > limits.appendBytesMax)
    return tooLarge("payload bytes", limits.appendBytesMax, counts.bytes);
  return undefined;
}

function countAppends(appends: readonly Append[]): Counts {
  const counts: Counts = { events: 0, outbox: 0, bytes: 0, largest: 0 };
  for (const { events, outbox = [] } of appends) {
    counts.events += events.length;
    counts.outbox += outbox.length;
    for (const event of events) countPayload(counts, event.payload);
    for (const message of outbox) countPayload(counts, message.payload);
  }
  return counts;
}

function countPayload(counts: Counts, payload: Uint8Array): void {
  counts.bytes += payload.length;
  counts.largest = Math.max(counts.largest, payload.length);
}

function tooLarge(what: string, allowed: number, given: number): Refusal<"APPEND_TOO_LARGE"> {
  return refuse("APPEND_TOO_LARGE", `An append may have ${allowed} ${what}; this one has ${given}.`, {
    allowed,
    given,
  });
}
