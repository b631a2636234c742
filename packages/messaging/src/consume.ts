/** A durable pull consumer: holds at most one batch, hands it over, and answers for every message of it. */
import type { Consumer } from "@nats-io/jetstream";
import { delay } from "@mira/primitives";
import { isAborted } from "./aborted.ts";
import { computeBackoffMs } from "./backoff.ts";
import type { Delivered } from "./delivered.ts";
import { ConsumerNotDeclared } from "./errors.ts";
import { handleAll } from "./handle.ts";
import type { HandlerRun } from "./handle.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { parkMessage } from "./park.ts";
import { startPull } from "./pull.ts";
import type { Pull } from "./pull.ts";
import { redeclare } from "./reconcile.ts";
import { consumerKey } from "./session.ts";
import type { Session } from "./session.ts";
import { isTransient } from "./transient.ts";

export type ConsumeOptions = {
  readonly stream: string;
  readonly durable: string;
  /** How many messages the handler may get at once; also how many this consumer holds. */
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Called after a message was stored in MIRA_PARKED. */
  readonly onPoison?: (message: Delivered, reason: string) => void | Promise<void>;
  /** Which errors of the handler say nothing about the message: it is tried again in place. Connections and conflicts when absent. */
  readonly isTransient?: (error: unknown) => boolean;
  /** How long a handler may hold a message; then it is delivered to somebody else. */
  readonly heldMaxMs?: number;
};

/** Resolving acknowledges every message that the handler did not answer for; throwing has each tried alone, then redelivered, then parked. */
export type BatchHandler = (messages: readonly Delivered[]) => Promise<void>;

const HELD_MAX_MS = 60_000;
/** A pull of a process that died is forgotten by the server after this time. */
const PULL_MS = 3_000;
const BACKOFF = { firstMs: 50, maxMs: 2_000 };

/** Runs until the signal aborts, through every outage. Then what is being handled is finished and the rest handed back. */
export async function consume(
  session: Session,
  options: ConsumeOptions,
  handler: BatchHandler,
): Promise<void> {
  const { stream, durable, signal } = options;
  const declaration = session.declared.consumers.get(consumerKey(stream, durable));
  if (declaration === undefined) throw new ConsumerNotDeclared(stream, durable);
  const heartbeat = startHeartbeat({
    ackWaitMs: declaration.ackWaitMs,
    heldMaxMs: options.heldMaxMs ?? HELD_MAX_MS,
    onLetGo: ({ id }) => session.logger.error({ stream, durable, id }, "handler hangs; message let go"),
  });
  const run: HandlerRun = {
    session,
    durable,
    handler,
    signal,
    maxDeliver: declaration.maxDeliver,
    isTransient: options.isTransient ?? isTransient,
    onPoison: options.onPoison,
  };
  try {
    await pullUntilAborted(run, stream, options.batch, heartbeat);
  } finally {
    heartbeat.stop();
  }
}

async function pullUntilAborted(
  run: HandlerRun,
  stream: string,
  batch: number,
  heartbeat: Heartbeat,
): Promise<void> {
  for (let failures = 0; !run.signal.aborted;) {
    try {
      const { client, manager } = run.session;
      const consumer = client.consumers.getConsumerFromInfo(
        await manager.consumers.info(stream, run.durable),
      );
      while (!isAborted(run.signal)) {
        await pullOnce(run, consumer, batch, heartbeat);
        failures = 0;
      }
    } catch (error) {
      failures += 1;
      await recover(run, stream, error, failures);
    }
  }
}

/** One pull brings at most `batch` messages; they are handed over as they arrive. */
async function pullOnce(
  run: HandlerRun,
  consumer: Consumer,
  batch: number,
  heartbeat: Heartbeat,
): Promise<void> {
  const pull = await openPull(run, consumer, batch, heartbeat);
  const stop = (): void => pull.stop();
  run.signal.addEventListener("abort", stop, { once: true });
  if (isAborted(run.signal)) stop();
  try {
    for (let messages = await pull.take(); messages.length > 0; messages = await pull.take()) {
      await handleAll(run, messages);
    }
  } finally {
    run.signal.removeEventListener("abort", stop);
    pull.stop();
  }
}

async function openPull(
  run: HandlerRun,
  consumer: Consumer,
  batch: number,
  heartbeat: Heartbeat,
): Promise<Pull> {
  const { session, durable } = run;
  const messages = await consumer.fetch({
    max_messages: batch,
    expires: PULL_MS,
    // Asks nothing beforehand: a consumer that is gone shows as a failed pull.
    bind: true,
  });
  return startPull(messages, {
    onHeld: (delivery) => heartbeat.hold(delivery),
    onSettled: (delivery) => heartbeat.release(delivery),
    park: (delivery, reason) => parkMessage(session, { delivery, durable, reason }),
  });
}

/** Streams and consumers that are gone are declared again; everything else is waited out. */
async function recover(run: HandlerRun, stream: string, error: unknown, failures: number): Promise<void> {
  const { logger } = run.session;
  const reason = error instanceof Error ? error.message : String(error);
  logger.warn({ stream, durable: run.durable, reason, failures }, "pull failed");
  if (!(await delay(computeBackoffMs(BACKOFF, failures), run.signal))) return;
  try {
    await redeclare(run.session);
  } catch (cause) {
    logger.warn({ stream, durable: run.durable, reason: String(cause) }, "streams could not be reconciled");
  }
}
