/** A durable pull consumer whose messages are answered later: what waits among them does not stop what still comes. */
import { delay } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import type { Delivered, Delivery } from "./delivered.ts";
import { ConsumerNotDeclared } from "./errors.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { parkMessage } from "./park.ts";
import { startPull } from "./pull.ts";
import { isAborted } from "./aborted.ts";
import { redeclare } from "./reconcile.ts";
import { consumerKey } from "./session.ts";
import type { Session } from "./session.ts";

export type HoldOptions = {
  readonly stream: string;
  readonly durable: string;
  /** How many messages may be unanswered at once; below it, more are pulled. */
  readonly heldMax: number;
  readonly signal: AbortSignal;
  /** How long one may stay unanswered; then it is delivered to somebody else. */
  readonly heldMaxMs?: number;
};

const HELD_MAX_MS = 10 * 60_000;
const PULL_MS = 3_000;
const BACKOFF = { firstMs: 50, maxMs: 2_000 };

/**
 * Hands over each message as it comes; `handler` MUST see to it that every one is answered some time, and MUST NOT throw. After the
 * signal has aborted nothing is pulled, and this resolves when all that is held is answered. Deliveries are not limited.
 */
export async function hold(
  session: Session,
  options: HoldOptions,
  handler: (message: Delivered) => void,
): Promise<void> {
  const declaration = session.declared.consumers.get(consumerKey(options.stream, options.durable));
  if (declaration === undefined) throw new ConsumerNotDeclared(options.stream, options.durable);
  const held = new Held();
  const heartbeat = startHeartbeat({
    ackWaitMs: declaration.ackWaitMs,
    heldMaxMs: options.heldMaxMs ?? HELD_MAX_MS,
    onLetGo: ({ id }) => session.logger.error({ ...describe(options), id }, "message held too long; let go"),
  });
  try {
    await pullUntilAborted(session, options, { handler, held, heartbeat });
    await held.waitForAtMost(0);
  } finally {
    heartbeat.stop();
  }
}

type Holding = {
  readonly handler: (message: Delivered) => void;
  readonly held: Held;
  readonly heartbeat: Heartbeat;
};

async function pullUntilAborted(session: Session, options: HoldOptions, holding: Holding): Promise<void> {
  const { signal, heldMax } = options;
  for (let failures = 0; !signal.aborted;) {
    try {
      await holding.held.waitForAtMost(heldMax - 1, signal);
      if (!isAborted(signal)) await pullOnce(session, options, holding);
      failures = 0;
    } catch (error) {
      failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      session.logger.warn({ ...describe(options), reason, failures }, "pull failed");
      if (await delay(computeBackoffMs(BACKOFF, failures), signal)) await redeclareQuietly(session, options);
    }
  }
}

async function pullOnce(session: Session, options: HoldOptions, holding: Holding): Promise<void> {
  const { held, heartbeat, handler } = holding;
  const info = await session.manager.consumers.info(options.stream, options.durable);
  const messages = await session.client.consumers.getConsumerFromInfo(info).fetch({
    max_messages: options.heldMax - held.size,
    expires: PULL_MS,
    bind: true,
  });
  const pull = startPull(messages, {
    onHeld: (delivery) => {
      held.add(delivery);
      heartbeat.hold(delivery);
    },
    onSettled: (delivery) => {
      held.delete(delivery);
      heartbeat.release(delivery);
    },
    park: (delivery, reason) => parkMessage(session, { delivery, durable: options.durable, reason }),
  });
  const stop = (): void => pull.stop();
  options.signal.addEventListener("abort", stop, { once: true });
  if (isAborted(options.signal)) stop();
  try {
    for (let taken = await pull.take(); taken.length > 0; taken = await pull.take()) taken.forEach(handler);
  } finally {
    options.signal.removeEventListener("abort", stop);
    pull.stop();
  }
}

async function redeclareQuietly(session: Session, options: HoldOptions): Promise<void> {
  try {
    await redeclare(session);
  } catch (cause) {
    session.logger.warn({ ...describe(options), reason: String(cause) }, "streams could not be reconciled");
  }
}

function describe({ stream, durable }: HoldOptions): { stream: string; durable: string } {
  return { stream, durable };
}

/** The deliveries without an answer, and who waits for them to become fewer. */
class Held {
  readonly #deliveries = new Set<Delivery>();
  #waiting: (() => void) | undefined;

  get size(): number {
    return this.#deliveries.size;
  }

  add(delivery: Delivery): void {
    this.#deliveries.add(delivery);
  }

  delete(delivery: Delivery): void {
    this.#deliveries.delete(delivery);
    this.#waiting?.();
  }

  /** Also returns when the signal aborts. */
  async waitForAtMost(count: number, signal?: AbortSignal): Promise<void> {
    while (this.#deliveries.size > count && signal?.aborted !== true) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => resolve(undefined);
      this.#waiting = wake;
      signal?.addEventListener("abort", wake, { once: true });
      await promise;
      signal?.removeEventListener("abort", wake);
      this.#waiting = undefined;
    }
  }
}
