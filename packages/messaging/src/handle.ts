/** Runs a handler over a batch and decides, for every message, between acknowledged, again, and parked. */
import { delay } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import type { Delivered, Delivery } from "./delivered.ts";
import type { Session } from "./session.ts";
import { traceProcess } from "./trace-process.ts";

export type HandlerRun = {
  readonly session: Session;
  readonly durable: string;
  readonly handler: (messages: readonly Delivered[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly maxDeliver: number;
  readonly isTransient: (error: unknown) => boolean;
  readonly onPoison: ((message: Delivered, reason: string) => void | Promise<void>) | undefined;
};

const IN_PLACE = { firstMs: 100, maxMs: 5_000 };
const PARK_AGAIN_MS = 5_000;

/** Throws nothing: whatever happens, each message is answered, or left to be delivered again. */
export async function handleAll(run: HandlerRun, deliveries: readonly Delivery[]): Promise<void> {
  const fresh: Delivery[] = [];
  for (const delivery of deliveries) {
    if (delivery.deliveryCount <= run.maxDeliver) fresh.push(delivery);
    else await park(run, delivery, `delivered ${run.maxDeliver} times without an answer`);
  }
  if (fresh.length === 0) return;
  const failure = await handleTogether(run, fresh);
  const open = fresh.filter((delivery) => !delivery.isSettled());
  if (failure === undefined) for (const delivery of open) delivery.ack();
  else if (fresh.length === 1) for (const delivery of open) await giveBack(run, delivery, failure);
  else await handleEachAlone(run, open);
}

/** One bad message must not take the others with it: after a batch fails, each of its messages stands for itself. */
async function handleEachAlone(run: HandlerRun, deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) {
    if (run.signal.aborted) delivery.nak(0);
    else await handleAll(run, [delivery]);
  }
}

type Failure = { readonly error: unknown };

/** While the infrastructure is at fault the messages are held and tried again here: an outage must not count as deliveries. */
async function handleTogether(
  run: HandlerRun,
  deliveries: readonly Delivery[],
): Promise<Failure | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const open = deliveries.filter((delivery) => !delivery.isSettled());
    if (open.length === 0) return undefined;
    try {
      await traceProcess(run.session, run.durable, open, () => run.handler(open));
      return undefined;
    } catch (error) {
      if (!run.isTransient(error)) return { error };
      run.session.logger.warn(
        { durable: run.durable, reason: messageOf(error), attempt },
        "handler waits for infrastructure",
      );
      if (!(await delay(computeBackoffMs(IN_PLACE, attempt), run.signal))) {
        for (const delivery of open) delivery.nak(0);
        return undefined;
      }
    }
  }
}

async function giveBack(run: HandlerRun, delivery: Delivery, { error }: Failure): Promise<void> {
  const reason = messageOf(error);
  if (delivery.deliveryCount >= run.maxDeliver) return park(run, delivery, reason);
  const { subject, id, deliveryCount } = delivery;
  run.session.logger.warn(
    { durable: run.durable, subject, id, deliveryCount, reason },
    "handler failed; delivered again",
  );
  delivery.nak();
}

async function park(run: HandlerRun, delivery: Delivery, reason: string): Promise<void> {
  const { logger } = run.session;
  try {
    await delivery.park(reason);
  } catch (error) {
    logger.error(
      { durable: run.durable, id: delivery.id, reason: messageOf(error) },
      "message could not be parked",
    );
    delivery.nak(PARK_AGAIN_MS);
    return;
  }
  try {
    await run.onPoison?.(delivery, reason);
  } catch (error) {
    logger.error({ durable: run.durable, id: delivery.id, reason: messageOf(error) }, "onPoison failed");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
