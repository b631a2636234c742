/** One pull of a consumer: collects deliveries while others are being handled. */
import { setImmediate as yieldToSocket } from "node:timers/promises";
import type { ConsumerMessages } from "@nats-io/jetstream";
import { toDelivery } from "./delivered.ts";
import type { Delivery } from "./delivered.ts";

export type Pull = {
  /** Waits for deliveries and takes all that have arrived; none when the pull has ended. Throws when it was broken off. */
  take(): Promise<readonly Delivery[]>;
  /** Ends the pull, and hands back what was not taken to whoever else can have it. */
  stop(): void;
};

export type PullHooks = {
  readonly onHeld: (delivery: Delivery) => void;
  readonly onSettled: (delivery: Delivery) => void;
  readonly park: (delivery: Delivery, reason: string) => Promise<void>;
};

type Collected = {
  waiting: Delivery[];
  ended: boolean;
  stopped: boolean;
  failure: unknown;
  wake: () => void;
};

export function startPull(messages: ConsumerMessages, hooks: PullHooks): Pull {
  const collected: Collected = {
    waiting: [],
    ended: false,
    stopped: false,
    failure: undefined,
    wake: () => undefined,
  };
  void collect(messages, hooks, collected);
  return {
    take: () => take(collected),
    stop: () => {
      collected.stopped = true;
      messages.stop();
      for (const delivery of collected.waiting.splice(0)) delivery.nak(0);
      collected.wake();
    },
  };
}

async function collect(messages: ConsumerMessages, hooks: PullHooks, collected: Collected): Promise<void> {
  try {
    for await (const message of messages) {
      const delivery = toDelivery(message, hooks);
      hooks.onHeld(delivery);
      if (collected.stopped) delivery.nak(0);
      else collected.waiting.push(delivery);
      collected.wake();
    }
  } catch (error) {
    collected.failure = error;
  }
  collected.ended = true;
  collected.wake();
}

async function take(collected: Collected): Promise<readonly Delivery[]> {
  while (collected.waiting.length === 0 && !collected.ended && !collected.stopped) {
    await new Promise<void>((resolve) => {
      collected.wake = resolve;
    });
  }
  // What came in one packet is read one by one: let the rest of it arrive.
  if (collected.waiting.length > 0) await yieldToSocket();
  const taken = collected.waiting.splice(0);
  if (taken.length === 0 && !collected.stopped && collected.failure !== undefined) {
    throw new Error("the pull was broken off", { cause: collected.failure });
  }
  return taken;
}
