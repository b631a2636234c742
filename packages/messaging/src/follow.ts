/** Reads a stream in order without a trace on the server: for caches, which every process fills for itself. */
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { context } from "@opentelemetry/api";
import { delay, parseUnixMs } from "@mira/primitives";
import type { UnixMs } from "@mira/primitives";
import { isAborted } from "./aborted.ts";
import { computeBackoffMs } from "./backoff.ts";
import { HEADER, decodeHeaders } from "./headers.ts";
import type { Headers } from "./headers.ts";
import { findStream } from "./reconcile.ts";
import type { Session } from "./session.ts";
import { extractContext } from "./trace-context.ts";
import { isTransient } from "./transient.ts";

export type FollowOptions = {
  readonly stream: string;
  readonly filterSubject?: string;
  /** "new": what is published from this call on. "all": from the oldest that is still there. */
  readonly from: "new" | "all" | { readonly sequence: number };
  readonly signal: AbortSignal;
  /** The stream was lost and begins again: what was read may not be in it. Reading goes on from its first message. */
  readonly onReset?: () => void;
};

export type Followed = {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly id: string;
  readonly headers: Headers;
  readonly sequence: number;
  readonly publishedAt: UnixMs;
  /** How many messages the stream holds after this one: 0 when the follower has caught up. */
  readonly pending: number;
};

const FETCH_MESSAGES = 256;
const FETCH_MS = 3_000;
const BACKOFF = { firstMs: 50, maxMs: 2_000 };

/** Every message once and in order, through every outage, until the signal aborts. An error of the handler ends it: a cache that
 *  missed a message is wrong. Errors of the infrastructure are waited out. */
export async function follow(
  session: Session,
  options: FollowOptions,
  handler: (message: Followed) => void | Promise<void>,
): Promise<void> {
  const place: Place = { createdAt: undefined, next: undefined };
  for (let failures = 0; !options.signal.aborted;) {
    try {
      const consumer = await openAt(session, options, place);
      if (consumer === undefined) throw new StreamMissing(`no stream ${options.stream}`);
      failures = 0;
      await readUntilBroken(consumer, options, place, handler);
    } catch (error) {
      if (error instanceof HandlerFailed) throw error.cause;
      failures += 1;
      session.logger.warn({ stream: options.stream, reason: String(error), failures }, "follow interrupted");
      await delay(computeBackoffMs(BACKOFF, failures), options.signal);
    }
  }
}

/** Where the follower stands, and in which life of the stream. */
type Place = { createdAt: string | undefined; next: number | undefined };

class StreamMissing extends Error {}
class HandlerFailed extends Error {}

async function openAt(session: Session, options: FollowOptions, place: Place): Promise<Consumer | undefined> {
  const info = await findStream(session.manager.streams, options.stream);
  if (info === undefined) return undefined;
  const isReborn = place.createdAt !== undefined && place.createdAt !== info.created;
  place.createdAt = info.created;
  place.next = isReborn ? 1 : (place.next ?? findStart(options.from, info.state.last_seq));
  if (isReborn) options.onReset?.();
  return session.client.consumers.get(options.stream, {
    deliver_policy: "by_start_sequence",
    opt_start_seq: place.next,
    ...(options.filterSubject === undefined ? {} : { filter_subjects: options.filterSubject }),
  });
}

function findStart(from: FollowOptions["from"], lastSequence: number): number {
  if (from === "all") return 1;
  return from === "new" ? lastSequence + 1 : from.sequence;
}

/** Returns when the signal aborts; throws when the consumer is gone. */
async function readUntilBroken(
  consumer: Consumer,
  { signal }: FollowOptions,
  place: Place,
  handler: (message: Followed) => void | Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const messages = await consumer.fetch({ max_messages: FETCH_MESSAGES, expires: FETCH_MS });
    const stop = (): void => messages.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (isAborted(signal)) stop();
    try {
      for await (const message of messages) {
        if (message.seq < (place.next ?? 0)) continue;
        await hand(message, handler, signal);
        place.next = message.seq + 1;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      messages.stop();
    }
  }
  await consumer.delete().catch(() => undefined);
}

async function hand(
  message: JsMsg,
  handler: (message: Followed) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const followed = toFollowed(message);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await context.with(extractContext(followed.headers), handler, undefined, followed);
      return;
    } catch (error) {
      if (!isTransient(error)) throw new HandlerFailed("the handler failed", { cause: error });
      if (!(await delay(computeBackoffMs(BACKOFF, attempt), signal))) return;
    }
  }
}

function toFollowed(message: JsMsg): Followed {
  const headers = decodeHeaders(message.headers);
  return {
    subject: message.subject,
    payload: message.data,
    id: headers[HEADER.messageId] ?? `${message.info.stream}:${message.seq}`,
    headers,
    sequence: message.seq,
    publishedAt: parseUnixMs(message.time.getTime()),
    pending: message.info.pending,
  };
}
