/** Makes what exists on the server equal to what is declared: creates, updates, or says what stands in the way. */
import { isDeepStrictEqual } from "node:util";
import { JetStreamApiError } from "@nats-io/jetstream";
import type { ConsumerConfig, ConsumerInfo, StreamConfig, StreamInfo } from "@nats-io/jetstream";
import { delay } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import { toConsumerConfig, toStreamConfig } from "./declarations.ts";
import type { ConsumerDeclaration, StreamDeclaration, Topology } from "./declarations.ts";
import { DeclarationMismatch } from "./errors.ts";
import type { Difference } from "./errors.ts";
import { consumerKey } from "./session.ts";
import type { Session } from "./session.ts";
import { STREAM } from "./topology.ts";
import { isTransient } from "./transient.ts";

export type Declared = { readonly created: readonly string[]; readonly updated: readonly string[] };
type Outcome = "created" | "updated" | "unchanged";

/** Idempotent, and safe for several processes at once. MIRA_PARKED is declared with every topology. */
export async function declare(session: Session, topology: Topology): Promise<Declared> {
  for (const stream of [STREAM.parked, ...topology.streams])
    session.declared.streams.set(stream.name, stream);
  for (const consumer of topology.consumers) {
    session.declared.consumers.set(consumerKey(consumer.stream, consumer.durable), consumer);
  }
  return redeclare(session);
}

/** Declares again everything this process has declared: after NATS has lost its streams. */
export async function redeclare(session: Session): Promise<Declared> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await reconcileAll(session);
    } catch (error) {
      // A server that was just started answers for its streams a little later than it accepts connections.
      if (!isTransient(error) || !(await delay(computeBackoffMs(BACKOFF, attempt), signal))) throw error;
    }
  }
}

async function reconcileAll(session: Session): Promise<Declared> {
  const outcomes: (readonly [string, Outcome])[] = [];
  for (const stream of session.declared.streams.values()) {
    outcomes.push([stream.name, await reconcileStream(session, stream)]);
  }
  for (const [key, consumer] of session.declared.consumers) {
    outcomes.push([key, await reconcileConsumer(session, consumer)]);
  }
  const having = (wanted: Outcome): string[] =>
    outcomes.filter(([, outcome]) => outcome === wanted).map(([name]) => name);
  const declared = { created: having("created"), updated: having("updated") };
  if (declared.created.length + declared.updated.length > 0)
    session.logger.info(declared, "streams reconciled");
  return declared;
}

const DEADLINE_MS = 15_000;
const BACKOFF = { firstMs: 100, maxMs: 1_000 };
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const STREAM_FIXED: readonly (keyof StreamConfig)[] = ["retention", "storage"];
/** Where a consumer began is history: a later declaration does not move it. */
const CONSUMER_FIXED: readonly (keyof ConsumerConfig)[] = ["ack_policy", "replay_policy"];
const CONSUMER_HISTORY: readonly string[] = ["deliver_policy", "opt_start_seq"];

async function reconcileStream({ manager }: Session, stream: StreamDeclaration): Promise<Outcome> {
  const desired = toStreamConfig(stream);
  const found = await findStream(manager.streams, stream.name);
  if (found === undefined) {
    // Another process may create it at this instant: the server takes an identical second creation as the first.
    await manager.streams.add(desired);
    return "created";
  }
  const differences = compare(desired, found.config);
  if (differences.length === 0) return "unchanged";
  assertChangeable("stream", stream.name, differences, STREAM_FIXED);
  await orMismatch("stream", stream.name, differences, () => manager.streams.update(stream.name, desired));
  return "updated";
}

async function reconcileConsumer({ manager }: Session, consumer: ConsumerDeclaration): Promise<Outcome> {
  const { stream, durable } = consumer;
  const desired = toConsumerConfig(consumer);
  const found = await findConsumer(manager.consumers, stream, durable);
  if (found === undefined) {
    await manager.consumers.add(stream, desired);
    return "created";
  }
  const differences = compare(desired, found.config).filter(({ field }) => !CONSUMER_HISTORY.includes(field));
  if (differences.length === 0) return "unchanged";
  const key = consumerKey(stream, durable);
  assertChangeable("consumer", key, differences, CONSUMER_FIXED);
  const merged = { ...found.config, ...desired, ...pick(found.config, CONSUMER_HISTORY) };
  await orMismatch("consumer", key, differences, () => manager.consumers.update(stream, durable, merged));
  return "updated";
}

export async function findStream(
  streams: { info(name: string): Promise<StreamInfo> },
  name: string,
): Promise<StreamInfo | undefined> {
  return undefinedWhen(STREAM_NOT_FOUND, () => streams.info(name));
}

async function findConsumer(
  consumers: { info(stream: string, name: string): Promise<ConsumerInfo> },
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  return undefinedWhen(CONSUMER_NOT_FOUND, () => consumers.info(stream, durable));
}

async function undefinedWhen<T>(code: number, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === code) return undefined;
    throw error;
  }
}

/** Only what is declared is compared: the server fills in the rest. */
function compare(desired: object, found: object): Difference[] {
  const actual = found as Record<string, unknown>;
  return Object.entries(desired)
    .map(([field, declared]: [string, unknown]) => ({ field, declared, found: actual[field] }))
    .filter(({ declared, found: present }) => !isDeepStrictEqual(declared, present));
}

function pick(source: object, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(source).filter(([field]) => fields.includes(field)));
}

function assertChangeable(
  kind: "stream" | "consumer",
  name: string,
  differences: readonly Difference[],
  fixed: readonly string[],
): void {
  const blocked = differences.filter(({ field }) => fixed.includes(field));
  if (blocked.length > 0) throw new DeclarationMismatch(kind, name, blocked);
}

async function orMismatch(
  kind: "stream" | "consumer",
  name: string,
  differences: readonly Difference[],
  update: () => Promise<unknown>,
): Promise<void> {
  try {
    await update();
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError)) throw cause;
    throw new DeclarationMismatch(kind, name, differences, { cause });
  }
}
