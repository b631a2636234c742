import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { PoolClient } from "pg";
import { openEventStore } from "@mira/event-store";
import type { EventStore } from "@mira/event-store";
import { eventually, useTestDatabase } from "@mira/testing";
import type { TestDatabase } from "@mira/testing";
import { consumeIdempotent } from "../src/index.ts";
import type { Delivered } from "../src/index.ts";
import { WORK, WORKERS, createRig, message, textOf } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const SUBJECT = "test.work.done.v1";
let rig: Rig;
let database: TestDatabase;
let pool: pg.Pool;
let store: EventStore;

before(async () => {
  [rig, database] = await Promise.all([createRig(), useTestDatabase()]);
  pool = new pg.Pool({ connectionString: database.url });
  store = openEventStore({ pool, schema: "sums" });
  await store.migrate();
  await pool.query("create table sums.total (amount int not null); insert into sums.total values (0)");
  // A window this short lets the stream take the same id twice, as after a long outage.
  await rig.messaging.declare({ streams: [{ ...WORK, duplicateWindowMs: 100 }], consumers: [WORKERS] });
});
after(async () => {
  await rig.close();
  await pool.end();
  await database.close();
});

async function add(delivered: Delivered, client: PoolClient): Promise<void> {
  await client.query("update sums.total set amount = amount + $1", [Number(textOf(delivered))]);
}

async function readTotal(): Promise<number> {
  const { rows } = await pool.query<{ amount: number }>("select amount from sums.total");
  return rows[0]?.amount ?? -1;
}

async function drain(handle: (delivered: Delivered, client: PoolClient) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const consuming = consumeIdempotent({
    ...{ messaging: rig.messaging, store, stream: "WORK", durable: "workers", batch: 4, signal: stop.signal },
    handle,
  });
  await eventually(async () => (await rig.messaging.readStreamState("WORK"))?.messages === 0);
  stop.abort();
  await consuming;
}

test("a message that the stream holds twice takes effect once", async () => {
  await rig.messaging.publish(message(SUBJECT, "5", "five"));
  await sleep(300);
  const second = await rig.messaging.publish(message(SUBJECT, "5", "five"));
  assert.equal(second.duplicate, false);
  await drain(add);
  assert.equal(await readTotal(), 5);
});

test("an effect that fails takes the mark of having been seen with it, so that the next delivery does it", async () => {
  const beforehand = await readTotal();
  let attempts = 0;
  await rig.messaging.publish(message(SUBJECT, "7"));
  await drain(async (delivered, client) => {
    await add(delivered, client);
    attempts += 1;
    if (attempts === 1) throw new Error("after the effect, before the commit");
  });
  assert.deepEqual([attempts, await readTotal()], [2, beforehand + 7]);
});

test("two replicas together apply every message once", async () => {
  const beforehand = await readTotal();
  const other = await rig.connect("replica");
  await other.declare({ streams: [{ ...WORK, duplicateWindowMs: 100 }], consumers: [WORKERS] });
  await rig.messaging.publishMany(Array.from({ length: 60 }, () => message(SUBJECT, "1")));
  const stop = new AbortController();
  const common = { store, stream: "WORK", durable: "workers", batch: 4, signal: stop.signal, handle: add };
  const consuming = [rig.messaging, other].map((messaging) => consumeIdempotent({ ...common, messaging }));
  await eventually(async () => (await rig.messaging.readStreamState("WORK"))?.messages === 0);
  stop.abort();
  await Promise.all(consuming);
  assert.equal(await readTotal(), beforehand + 60);
});
