/** A migrated store on a fresh database, and short ways to make events. */
import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@mira/testing";
import pg from "pg";
import { openEventStore, type EventStore, type NewEvent, type OutboxMessage } from "@mira/event-store";
import type { EventStoreOptions } from "@mira/event-store";

export type StoreFixture = AsyncDisposable & {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly url: string;
};

export const SCHEMA = "orders";

export async function openStore(options: Partial<EventStoreOptions> = {}): Promise<StoreFixture> {
  const database = await useTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 12 });
  pool.on("error", () => undefined);
  const store = openEventStore({ pool, schema: SCHEMA, ...options });
  await store.migrate();
  async function close(): Promise<void> {
    await pool.end();
    await database.close();
  }
  return { pool, store, url: database.url, [Symbol.asyncDispose]: close };
}

export function makeEvent(payload: string | Uint8Array = "x", more: Partial<NewEvent> = {}): NewEvent {
  return { id: randomUUID(), type: "Happened", schemaVersion: 1, payload: Buffer.from(payload), ...more };
}

export function makeEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, index) => makeEvent(`event ${index}`));
}

export function publishing(event: NewEvent): OutboxMessage {
  return { id: event.id, subject: "mira.orders.thing.happened.v1", payload: event.payload };
}

/** A promise and the function that settles it: holds a transaction open for as long as a test needs. */
export function openGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}
