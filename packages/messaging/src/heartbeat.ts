/** Tells the server, for every message held, that work on it goes on. One timer, however many messages. */
import type { Delivery } from "./delivered.ts";

/** Two signs of work may be lost or late before a message is delivered to somebody else. */
const BEATS_PER_ACK_WAIT = 3;

export type Heartbeat = {
  hold(delivery: Delivery): void;
  release(delivery: Delivery): void;
  stop(): void;
};

/** Past `heldMaxMs` a message is let go: a handler that hangs must not keep it from the others for ever. */
export function startHeartbeat(options: {
  readonly ackWaitMs: number;
  readonly heldMaxMs: number;
  readonly onLetGo: (delivery: Delivery) => void;
}): Heartbeat {
  const heldSince = new Map<Delivery, number>();
  const beat = (): void => {
    const now = performance.now();
    for (const [delivery, since] of heldSince) {
      if (now - since < options.heldMaxMs) delivery.working();
      else {
        heldSince.delete(delivery);
        options.onLetGo(delivery);
      }
    }
  };
  const timer = setInterval(beat, options.ackWaitMs / BEATS_PER_ACK_WAIT);
  timer.unref();
  return {
    hold: (delivery) => void heldSince.set(delivery, performance.now()),
    release: (delivery) => void heldSince.delete(delivery),
    stop: () => clearInterval(timer),
  };
}
