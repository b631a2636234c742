/** One delivery of one message, and the four answers to it. */
import type { JsMsg } from "@nats-io/jetstream";
import { parseUnixMs } from "@mira/primitives";
import type { UnixMs } from "@mira/primitives";
import { computeBackoffMs } from "./backoff.ts";
import { HEADER, decodeHeaders } from "./headers.ts";
import type { Headers } from "./headers.ts";

export type Delivered = {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Nats-Msg-Id, or `<stream>:<sequence>` where the publisher gave none. */
  readonly id: string;
  readonly headers: Headers;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  readonly stream: string;
  readonly sequence: number;
  readonly publishedAt: UnixMs;
  /** Handled, never to be seen again. */
  ack(): void;
  /** Not now: deliver it again, after a delay that grows with the deliveries when none is given. */
  nak(delayMs?: number): void;
  /** Still at it. Sent by itself while a message is held; a handler need not. */
  working(): void;
  /** Never again: keeps the message in MIRA_PARKED with the reason, and takes it from the consumer. */
  park(reason: string): Promise<void>;
};

/** A delivery as the consumer sees it: whether it was answered, and by whom it is parked. */
export type Delivery = Delivered & { isSettled(): boolean };

const REDELIVERY = { firstMs: 250, maxMs: 30_000 };

export function toDelivery(
  message: JsMsg,
  hooks: { onSettled(delivery: Delivery): void; park(delivery: Delivery, reason: string): Promise<void> },
): Delivery {
  const { info } = message;
  const headers = decodeHeaders(message.headers);
  let settled = false;
  const settle = (answer: () => void): void => {
    if (settled) return;
    settled = true;
    answer();
    hooks.onSettled(delivery);
  };
  const delivery: Delivery = {
    subject: message.subject,
    payload: message.data,
    id: headers[HEADER.messageId] ?? `${info.stream}:${info.streamSequence}`,
    headers,
    deliveryCount: info.deliveryCount,
    stream: info.stream,
    sequence: info.streamSequence,
    publishedAt: parseUnixMs(message.time.getTime()),
    isSettled: () => settled,
    ack: () => settle(() => message.ack()),
    nak: (delayMs = computeBackoffMs(REDELIVERY, info.deliveryCount)) => settle(() => message.nak(delayMs)),
    working: () => {
      if (!settled) message.working();
    },
    park: async (reason) => {
      if (settled) return;
      await hooks.park(delivery, reason);
      settle(() => message.term());
    },
  };
  return delivery;
}
