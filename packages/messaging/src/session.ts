/** What the parts of messaging share: one connection, its JetStream clients, and what was declared over it. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { ConsumerDeclaration, StreamDeclaration } from "./declarations.ts";
import type { Logger } from "./ports.ts";
import type { Telemetry } from "./telemetry.ts";

export type Session = {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly declared: {
    readonly streams: Map<string, StreamDeclaration>;
    /** By `<stream>/<durable>`. */
    readonly consumers: Map<string, ConsumerDeclaration>;
  };
};

export function consumerKey(stream: string, durable: string): string {
  return `${stream}/${durable}`;
}
