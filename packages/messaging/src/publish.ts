/** Publication that is acknowledged: what resolves is in the stream; what throws may be there, and is safe to publish again. */
import { JetStreamApiError } from "@nats-io/jetstream";
import type { PubAck } from "@nats-io/jetstream";
import { RequestError } from "@nats-io/transport-node";
import { delay, invariant } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import { PublishFailed } from "./errors.ts";
import { encodeHeaders } from "./headers.ts";
import type { Headers } from "./headers.ts";
import type { Session } from "./session.ts";
import { injectContext } from "./trace-context.ts";
import { traceSend } from "./trace-send.ts";

export type OutgoingMessage = {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Nats-Msg-Id: a second publication with it, within the stream's duplicate window, changes nothing. */
  readonly id: string;
  readonly headers?: Headers;
};

export type Published = { readonly stream: string; readonly sequence: number; readonly duplicate: boolean };

export type PublishOptions = {
  readonly signal?: AbortSignal;
  /** How long to go on trying. */
  readonly deadlineMs?: number;
};

export type PublishManyOptions = PublishOptions & { readonly inFlightMax?: number };

const DEADLINE_MS = 30_000;
/** An acknowledgement takes a millisecond; a server that was killed takes this long to be noticed. */
const ATTEMPT_TIMEOUT_MS = 2_000;
const BACKOFF = { firstMs: 50, maxMs: 1_000 };
const IN_FLIGHT_MAX = 256;
/** Bounds what waits in memory and in the socket when messages are large. */
const IN_FLIGHT_BYTES_MAX = 16 * 1024 * 1024;
/** Room that headers and subject take in the server's limit on a message. */
const HEADROOM_BYTES = 4 * 1024;
const TOO_LARGE = new Set([10054]);

export async function publish(
  session: Session,
  message: OutgoingMessage,
  options: PublishOptions = {},
): Promise<Published> {
  const [published] = await publishMany(session, [message], options);
  invariant(published !== undefined, "one message has one acknowledgement");
  return published;
}

/**
 * Publishes in order, with many on their way at once, and resolves when all are acknowledged. After a failure it goes on from the first
 * message without an acknowledgement: a server that died has stored a beginning of what it was sent, and repetitions are dropped by id.
 */
export async function publishMany(
  session: Session,
  messages: readonly OutgoingMessage[],
  options: PublishManyOptions = {},
): Promise<Published[]> {
  if (messages.length === 0) return [];
  return traceSend(session, messages, () => publishUntilDone(session, messages, options));
}

async function publishUntilDone(
  session: Session,
  messages: readonly OutgoingMessage[],
  options: PublishManyOptions,
): Promise<Published[]> {
  const {
    signal = new AbortController().signal,
    deadlineMs = DEADLINE_MS,
    inFlightMax = IN_FLIGHT_MAX,
  } = options;
  const acknowledged = new Map<number, Published>();
  const until = performance.now() + deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    const failure = await sendMissing(session, messages, acknowledged, inFlightMax);
    if (failure === undefined)
      return messages.map((_message, index) => getAcknowledgement(acknowledged, index));
    const waitMs = computeBackoffMs(BACKOFF, attempt);
    const isLast = isPermanent(failure.error) || performance.now() + waitMs > until;
    if (isLast || !(await delay(waitMs, signal))) throw describeFailure(messages, failure, attempt);
  }
}

type Failure = { readonly index: number; readonly error: unknown };

/** Sends what has no acknowledgement yet. Stops sending at the first failure, and waits for all that is on its way. */
async function sendMissing(
  session: Session,
  messages: readonly OutgoingMessage[],
  acknowledged: Map<number, Published>,
  inFlightMax: number,
): Promise<Failure | undefined> {
  const failures: Failure[] = [];
  const inFlight: { readonly done: Promise<void>; readonly bytes: number }[] = [];
  let bytes = 0;
  for (const [index, message] of messages.entries()) {
    if (failures.length > 0) break;
    if (acknowledged.has(index)) continue;
    const done = sendOnce(session, message).then(
      (published) => void acknowledged.set(index, published),
      (error: unknown) => void failures.push({ index, error }),
    );
    inFlight.push({ done, bytes: message.payload.byteLength });
    bytes += message.payload.byteLength;
    while (inFlight.length >= inFlightMax || bytes > IN_FLIGHT_BYTES_MAX) {
      const oldest = inFlight.shift();
      if (oldest === undefined) break;
      await oldest.done;
      bytes -= oldest.bytes;
    }
  }
  await Promise.all(inFlight.map(({ done }) => done));
  return failures.sort((left, right) => left.index - right.index)[0];
}

async function sendOnce(session: Session, message: OutgoingMessage): Promise<Published> {
  assertSize(session, message);
  const headers = encodeHeaders(injectContext(message.headers ?? {}));
  const ack: PubAck = await session.client.publish(message.subject, message.payload, {
    msgID: message.id,
    headers,
    timeout: ATTEMPT_TIMEOUT_MS,
  });
  return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate };
}

class MessageTooLarge extends Error {}

function assertSize({ connection }: Session, { subject, payload }: OutgoingMessage): void {
  const bytesMax = connection.info?.max_payload;
  if (bytesMax === undefined || payload.byteLength + HEADROOM_BYTES <= bytesMax) return;
  throw new MessageTooLarge(
    `${subject}: ${payload.byteLength} bytes, and the server takes ${bytesMax - HEADROOM_BYTES}`,
  );
}

function isPermanent(error: unknown): boolean {
  return (
    error instanceof MessageTooLarge || (error instanceof JetStreamApiError && TOO_LARGE.has(error.code))
  );
}

function getAcknowledgement(acknowledged: ReadonlyMap<number, Published>, index: number): Published {
  const published = acknowledged.get(index);
  invariant(published !== undefined, `message ${index} is acknowledged`);
  return published;
}

function describeFailure(
  messages: readonly OutgoingMessage[],
  { index, error }: Failure,
  attempts: number,
): PublishFailed {
  const reason = error instanceof Error ? error.message : String(error);
  return new PublishFailed(
    `${messages[index]?.subject ?? "?"}: not acknowledged after ${attempts} tries; ${index} of ${messages.length} are: ${reason}`,
    { acknowledged: index, streamIsMissing: isUnanswered(error), cause: error },
  );
}

/** Nobody listens on the subject: no stream takes it, or JetStream is not up. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof RequestError && error.cause.isNoResponders();
}
