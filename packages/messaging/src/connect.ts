/** One connection to NATS, and everything a service does over it. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { NatsConnection } from "@nats-io/transport-node";
import { delay } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import { consume } from "./consume.ts";
import type { BatchHandler, ConsumeOptions } from "./consume.ts";
import type { Topology } from "./declarations.ts";
import type { Delivered } from "./delivered.ts";
import { MessagingUnavailable, ServerTooOld } from "./errors.ts";
import { follow } from "./follow.ts";
import type { FollowOptions, Followed } from "./follow.ts";
import { hold } from "./hold.ts";
import type { HoldOptions } from "./hold.ts";
import { SILENT } from "./ports.ts";
import type { Logger } from "./ports.ts";
import { publish, publishMany } from "./publish.ts";
import type { OutgoingMessage, PublishManyOptions, PublishOptions, Published } from "./publish.ts";
import { declare, redeclare } from "./reconcile.ts";
import type { Declared } from "./reconcile.ts";
import type { Session } from "./session.ts";
import { readConsumerState, readStreamState } from "./state.ts";
import type { ConsumerState, StreamState } from "./state.ts";
import { createTelemetry } from "./telemetry.ts";
import type { ProcessParent } from "./telemetry.ts";

export type ConnectOptions = {
  readonly url: string;
  /** Shown by the server's monitoring: the service's name. */
  readonly name: string;
  /** Ends the wait for the first connection. The connection itself ends with `close`. */
  readonly signal: AbortSignal;
  readonly logger?: Logger;
  readonly processParent?: ProcessParent;
  /** How long to wait for the first connection. */
  readonly deadlineMs?: number;
};

export type Messaging = {
  readonly serverVersion: string;
  isConnected(): boolean;
  declare(topology: Topology): Promise<Declared>;
  redeclare(): Promise<Declared>;
  listDeclaredStreams(): readonly string[];
  publish(message: OutgoingMessage, options?: PublishOptions): Promise<Published>;
  publishMany(messages: readonly OutgoingMessage[], options?: PublishManyOptions): Promise<Published[]>;
  consume(options: ConsumeOptions, handler: BatchHandler): Promise<void>;
  hold(options: HoldOptions, handler: (message: Delivered) => void): Promise<void>;
  follow(options: FollowOptions, handler: (message: Followed) => void | Promise<void>): Promise<void>;
  /** The stream that takes the subject, if any. */
  findStreamOf(subject: string): Promise<string | undefined>;
  readStreamState(stream: string): Promise<StreamState | undefined>;
  readConsumerState(stream: string, durable: string): Promise<ConsumerState>;
  /** Returns what removes the listener. */
  onReconnected(listener: () => void): () => void;
  /** Sends what is still to be sent, answers included, and closes. Stop consumers first. */
  close(): Promise<void>;
};

const VERSION_MIN = "2.9.0";
const DEADLINE_MS = 30_000;
const BACKOFF = { firstMs: 100, maxMs: 1_000 };
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_WAIT_MS = 100;
/** Notices a server that is unreachable but has not closed the connection within twice this time. */
const PING_MS = 5_000;
/** What was under way when a server died is noticed after this time, and tried again. */
const REQUEST_TIMEOUT_MS = 2_000;

/** Waits for a server, then reconnects for ever. Throws MessagingUnavailable when none answers in time. */
export async function connectMessaging(options: ConnectOptions): Promise<Messaging> {
  const { logger = SILENT, name } = options;
  const connection = await connectPatiently(options);
  assertVersion(connection);
  const session: Session = {
    name,
    connection,
    logger,
    client: jetstream(connection, { timeout: REQUEST_TIMEOUT_MS }),
    manager: await jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false }),
    telemetry: createTelemetry(options.processParent),
    declared: { streams: new Map(), consumers: new Map() },
  };
  const status = watchStatus(session);
  return { ...bindOperations(session), ...status, serverVersion: connection.info?.version ?? "unknown" };
}

async function connectPatiently({
  url,
  name,
  signal,
  deadlineMs = DEADLINE_MS,
}: ConnectOptions): Promise<NatsConnection> {
  const until = performance.now() + deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect({
        servers: url,
        name,
        timeout: CONNECT_TIMEOUT_MS,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
        pingInterval: PING_MS,
        // A stack trace for every request costs more than the request.
        noAsyncTraces: true,
        maxPingOut: 2,
      });
    } catch (cause) {
      const waitMs = computeBackoffMs(BACKOFF, attempt);
      const isLast = performance.now() + waitMs > until;
      if (isLast || !(await delay(waitMs, signal))) {
        throw new MessagingUnavailable(`no NATS server at ${new URL(url).host} after ${attempt} tries`, {
          cause,
        });
      }
    }
  }
}

function assertVersion(connection: NatsConnection): void {
  const version = connection.info?.version ?? "0.0.0";
  const isNewEnough = version.localeCompare(VERSION_MIN, "en", { numeric: true }) >= 0;
  if (!isNewEnough) throw new ServerTooOld(version, VERSION_MIN);
}

type Status = Pick<Messaging, "isConnected" | "onReconnected">;

function watchStatus({ connection, logger, name }: Session): Status {
  let connected = true;
  const listeners = new Set<() => void>();
  const watch = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "reconnect") logger.warn({ name }, `NATS: ${type}`);
      if (type === "disconnect") connected = false;
      if (type === "reconnect") {
        connected = true;
        for (const listener of listeners) listener();
      }
    }
    connected = false;
  };
  watch().catch((error: unknown) =>
    logger.error({ name, reason: String(error) }, "NATS: status is not watched"),
  );
  return {
    isConnected: () => connected && !connection.isClosed(),
    onReconnected: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function bindOperations(session: Session): Omit<Messaging, keyof Status | "serverVersion"> {
  return {
    declare: (topology) => declare(session, topology),
    redeclare: () => redeclare(session),
    listDeclaredStreams: () => [...session.declared.streams.keys()],
    publish: (message, options) => publish(session, message, options),
    publishMany: (messages, options) => publishMany(session, messages, options),
    consume: (options, handler) => consume(session, options, handler),
    hold: (options, handler) => hold(session, options, handler),
    follow: (options, handler) => follow(session, options, handler),
    findStreamOf: async (subject) => {
      const [name] = await session.manager.streams.names(subject).next();
      return name;
    },
    readStreamState: (stream) => readStreamState(session, stream),
    readConsumerState: (stream, durable) => readConsumerState(session, stream, durable),
    close: async () => {
      if (!session.connection.isClosed()) await session.connection.drain();
    },
  };
}
