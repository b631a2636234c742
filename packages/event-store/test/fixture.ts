/** A migrated store on a fresh database, and short ways to make events. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after } from "node:test";
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

let shared: Promise<StoreFixture> | undefined;

/** One store for all tests that do not read the whole of it. */
export async function openSharedStore(): Promise<StoreFixture> {
  if (shared === undefined) {
    shared = openStore();
    const opened = await shared;
    after(() => opened[Symbol.asyncDispose]());
  }
  return shared;
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

export const READ_ALL = { afterPosition: 0n, limit: 10_000 };

/** Positions rise, and each stream comes in the order of its versions. */
export async function assertRisingPositions(target: EventStore): Promise<void> {
  const events = await target.readAll(READ_ALL);
  const versions = new Map<string, number>();
  let last = 0n;
  for (const { stream, version, position } of events) {
    assert.ok(position > last);
    assert.equal(version, (versions.get(stream) ?? 0) + 1);
    versions.set(stream, version);
    last = position;
  }
}

/** Transactions of this database that have written and not ended. */
export async function countWriters({ pool: own }: StoreFixture): Promise<number> {
  const result = await own.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname = current_database()",
  );
  return result.rows[0]?.count ?? 0;
}
