/** Streams and consumers as code: the shape of a declaration, and the NATS configuration it stands for. */
import { nanos } from "@nats-io/transport-node";
import type { ConsumerConfig, StreamConfig } from "@nats-io/jetstream";

export type StreamDeclaration = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: "limits" | "workqueue" | "interest";
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  readonly duplicateWindowMs?: number;
  readonly maxMessageBytes?: number;
  readonly storage?: "file" | "memory";
};

export type ConsumerDeclaration = {
  readonly stream: string;
  readonly durable: string;
  readonly filterSubject?: string;
  /** How long a delivery may stay without an answer or a sign of work before it is delivered again. */
  readonly ackWaitMs: number;
  /** How often the handler may see one message. Counted by the consumer itself, which parks what exceeds it. */
  readonly maxDeliver: number;
  readonly maxAckPending: number;
  /** Where a new consumer begins; "all" when absent. A consumer that exists goes on where it was. */
  readonly deliverPolicy?: "all" | "new" | { readonly startSequence: number };
};

export type Topology = {
  readonly streams: readonly StreamDeclaration[];
  readonly consumers: readonly ConsumerDeclaration[];
};

const UNLIMITED = -1;
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;

type DesiredStream = Partial<StreamConfig> & { readonly name: string };

export function toStreamConfig(stream: StreamDeclaration): DesiredStream {
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    retention: stream.retention,
    storage: stream.storage ?? "file",
    max_bytes: stream.maxBytes ?? UNLIMITED,
    max_age: nanos(stream.maxAgeMs ?? 0),
    max_msg_size: stream.maxMessageBytes ?? UNLIMITED,
    duplicate_window: nanos(stream.duplicateWindowMs ?? DUPLICATE_WINDOW_MS),
    discard: "old",
  };
}

/** The server's own limit on deliveries stays off: past it a message would stay in a work queue for ever, and only an advisory that
 *  nobody may be listening to would say so. */
export function toConsumerConfig(consumer: ConsumerDeclaration): Partial<ConsumerConfig> {
  const policy = consumer.deliverPolicy ?? "all";
  return {
    durable_name: consumer.durable,
    name: consumer.durable,
    ack_policy: "explicit",
    replay_policy: "instant",
    ack_wait: nanos(consumer.ackWaitMs),
    max_deliver: UNLIMITED,
    max_ack_pending: consumer.maxAckPending,
    ...(consumer.filterSubject === undefined ? {} : { filter_subject: consumer.filterSubject }),
    ...(typeof policy === "string"
      ? { deliver_policy: policy }
      : { deliver_policy: "by_start_sequence", opt_start_seq: policy.startSequence }),
  };
}
