/** Postgres killed in the middle of appends: everything acknowledged is there after the restart, once, whole. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres } from "@mira/localnet/infra";
import pg from "pg";
import { openEventStore, type EventStore } from "@mira/event-store";
import { assertRisingPositions, makeEvents, publishing, READ_ALL, SCHEMA } from "../fixture.ts";

const WRITERS = 6;

test("kill -9 of Postgres loses nothing acknowledged and doubles nothing", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-crash-"));
  const dataDir = path.join(folder, "data");
  try {
    const acknowledged = await appendUntilKilled(dataDir);
    assert.ok(acknowledged.length > WRITERS, "the kill came in the middle");
    await withStore(dataDir, (store) => assertKept(store, acknowledged));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Ids of the events that were acknowledged. */
async function appendUntilKilled(dataDir: string): Promise<string[]> {
  const server = await startPostgres({ dataDir });
  const pool = openPool(server.superuserUrl);
  const store = openEventStore({ pool, schema: SCHEMA });
  await store.migrate();
  const writers = Array.from({ length: WRITERS }, (_, writer) => appendWhileAlive(store, `writer-${writer}`));
  await sleep(400);
  server.kill("SIGKILL");
  const acknowledged = (await Promise.all(writers)).flat();
  await pool.end();
  await server.stop();
  return acknowledged;
}

async function appendWhileAlive(store: EventStore, stream: string): Promise<string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    const events = makeEvents(1 + (acknowledged.length % 4));
    const outbox = events.map(publishing);
    try {
      const result = await store.append({ stream, expectedVersion: acknowledged.length, events, outbox });
      assert.ok(result.ok);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return acknowledged;
    }
    acknowledged.push(...events.map((event) => event.id));
  }
}

async function withStore(dataDir: string, work: (store: EventStore) => Promise<void>): Promise<void> {
  const server = await startPostgres({ dataDir });
  const pool = openPool(server.superuserUrl);
  const store = openEventStore({ pool, schema: SCHEMA });
  await store.migrate();
  await work(store);
  await pool.end();
  await server.stop();
}

/** A commit whose answer was lost in the kill may be there too: at most the last append of each writer. */
async function assertKept(store: EventStore, acknowledged: string[]): Promise<void> {
  const events = await store.readAll(READ_ALL);
  const kept = events.map((event) => event.id);
  assert.equal(new Set(kept).size, kept.length, "no event twice");
  assert.deepEqual(
    acknowledged.filter((id) => !kept.includes(id)),
    [],
    "every acknowledged event is there",
  );
  assert.ok(kept.length - acknowledged.length <= WRITERS * 4);
  const published = (await store.readOutbox(READ_ALL)).map((message) => message.id);
  assert.deepEqual(published, kept, "outbox rows are there for exactly the events that are");
  await assertRisingPositions(store);
  for (let writer = 0; writer < WRITERS; writer += 1) {
    const stream = await store.readStream(`writer-${writer}`);
    assert.deepEqual(
      stream.map((event) => event.version),
      stream.map((_, index) => index + 1),
    );
  }
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: WRITERS });
  pool.on("error", () => undefined);
  return pool;
}
