/** What an event-sourced service stands on, opened together: its pool, its event store, NATS, and the relay of its outbox. */
import { openEventStore, type EventStore, type Upcaster } from "@mira/event-store";
import { connectMessaging, startRelay, type Messaging, type Topology } from "@mira/messaging";
import type { Pool } from "pg";
import type { ServiceContext } from "./context.ts";
import { createPool } from "./pool.ts";

export type EventSourcingConfig = { readonly databaseUrl: string; readonly natsUrl: string };

export type EventSourcingOptions = {
  /** The service's name: of its Postgres schema, its NATS connection and its relay. */
  readonly name: string;
  readonly topology: Topology;
  readonly upcasters?: readonly Upcaster[];
  readonly connectionsMax?: number;
};

export type EventSourcing = {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly messaging: Messaging;
};

const CONNECTIONS_MAX = 10;

/** Migrates the store, declares the topology, starts the relay. Everything ends by the service's own stops. */
export async function openEventSourcing(
  context: ServiceContext<EventSourcingConfig>,
  options: EventSourcingOptions,
): Promise<EventSourcing> {
  const { config, logger, onStop, health } = context;
  const { name } = options;
  const pool = createPool(config.databaseUrl, {
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    name,
    logger,
  });
  onStop("postgres", () => pool.end());
  const store = openEventStore({ pool, schema: name, upcasters: options.upcasters ?? [] });
  await store.migrate();
  health.setReady("store", true);
  const messaging = await connectMessaging({ url: config.natsUrl, name, signal: context.signal, logger });
  onStop("nats", () => messaging.close());
  await messaging.declare(options.topology);
  health.setReady("messaging", true);
  const relaying = new AbortController();
  const relay = startRelay({ store, messaging, name, signal: relaying.signal, logger });
  onStop("relay", async () => {
    relaying.abort();
    await relay.stopped;
  });
  return { pool, store, messaging };
}
