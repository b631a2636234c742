/** Gap-safe reads: nothing is skipped for committing late, nothing appears below what was seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { unwrap } from "@mira/primitives";
import { eventually } from "@mira/testing";
import type { EventStore } from "@mira/event-store";
import {
  assertRisingPositions,
  countWriters,
  makeEvent,
  makeEvents,
  openGate,
  openSharedStore,
  openStore,
  READ_ALL,
  SCHEMA,
} from "../fixture.ts";

const { store, pool } = await openSharedStore();

test("a slow committer is never skipped (Marten and Eventuous lost events this way)", async () => {
  await using fresh = await openStore();
  const gate = openGate();
  const slow = fresh.store.append({
    stream: "slow",
    expectedVersion: 0,
    events: [makeEvent()],
    also: () => gate.opened,
  });
  await eventually(async () => (await countWriters(fresh)) === 1);
  const fast = unwrap(
    await fresh.store.append({ stream: "fast", expectedVersion: 0, events: makeEvents(2) }),
  );
  assert.deepEqual(await fresh.store.readAll(READ_ALL), [], "nothing is shown above what is undecided");
  gate.open();
  const slowPosition = unwrap(await slow).lastPosition;
  assert.ok(slowPosition < fast.lastPosition);
  const seen = await fresh.store.readAll(READ_ALL);
  assert.deepEqual(
    seen.map((event) => event.stream),
    ["slow", "fast", "fast"],
  );
});

test("a slow committer that gives up leaves readers free to go on", async () => {
  await using fresh = await openStore();
  const gate = openGate();
  const slow = fresh.store.append({
    stream: "slow",
    expectedVersion: 0,
    events: [makeEvent()],
    also: async () => {
      await gate.opened;
      throw new Error("given up");
    },
  });
  await eventually(async () => (await countWriters(fresh)) === 1);
  await fresh.store.append({ stream: "fast", expectedVersion: 0, events: [makeEvent()] });
  gate.open();
  await assert.rejects(slow, /given up/);
  assert.deepEqual(
    (await fresh.store.readAll(READ_ALL)).map((event) => event.stream),
    ["fast"],
  );
});

test("a tailing reader sees every event of many writers once, in order", async () => {
  await using fresh = await openStore();
  const appended = await Promise.all([
    ...Array.from({ length: 6 }, (_, writer) => appendSlowly(fresh.store, `writer-${writer}`, 25)),
    tail(fresh.store, 150),
  ]);
  const seen = appended.at(-1) ?? [];
  assert.equal(new Set(seen).size, 150);
  await assertRisingPositions(fresh.store);
});

async function appendSlowly(target: EventStore, stream: string, count: number): Promise<string[]> {
  for (let version = 0; version < count; version += 1) {
    const also = version % 3 === 0 ? { also: () => sleep(version % 7) } : {};
    assert.ok((await target.append({ stream, expectedVersion: version, events: [makeEvent()], ...also })).ok);
  }
  return [];
}

async function tail(target: EventStore, count: number): Promise<string[]> {
  const seen: string[] = [];
  for (let after = 0n; seen.length < count;) {
    const events = await target.readAll({ afterPosition: after, limit: 7 });
    seen.push(...events.map((event) => event.id));
    after = events.at(-1)?.position ?? after;
  }
  return seen;
}

test("a stalled reader's cause can be found", async () => {
  const gate = openGate();
  const slow = store.append({
    stream: "stalling",
    expectedVersion: 0,
    events: [makeEvent()],
    also: () => gate.opened,
  });
  const stall = await eventually(async () => {
    const found = await store.findStall(1);
    assert.ok(found);
    return found;
  });
  assert.ok(stall.pid > 0 && stall.ageMs >= 1);
  gate.open();
  await slow;
});

test("an append in a transaction that wrote before cannot slip below the head of its stream", async () => {
  await store.append({ stream: "stale", expectedVersion: 0, events: [makeEvent()] });
  const client = await pool.connect();
  await client.query("BEGIN");
  assert.ok(await store.once(client, "stale-consumer", "1"));
  await store.append({ stream: "stale", expectedVersion: 1, events: [makeEvent()] });
  const result = await store.appendIn(client, [
    { stream: "stale", expectedVersion: 2, events: [makeEvent()] },
  ]);
  await client.query("ROLLBACK");
  client.release();
  assert.ok(!result.ok && result.code === "CONCURRENT_CHANGE");
});

test("one transaction can append several times", async () => {
  const client = await pool.connect();
  await client.query("BEGIN");
  const first = unwrap(
    await store.appendIn(client, [{ stream: "twice-a", expectedVersion: 0, events: makeEvents(2) }]),
  );
  const second = unwrap(
    await store.appendIn(client, [{ stream: "twice-b", expectedVersion: 0, events: makeEvents(1) }]),
  );
  await client.query("COMMIT");
  client.release();
  assert.equal(second.lastPosition, first.lastPosition + 1n);
});

test("a database restored from a dump goes on above its old positions", async () => {
  await using fresh = await openStore();
  const far = (1n << 40n) << 16n;
  await fresh.pool.query(
    `INSERT INTO ${SCHEMA}.events (position, version, id, schema_version, stream, type, payload)
     VALUES ($1, 1, gen_random_uuid(), 1, 'old', 'Happened', '')`,
    [far.toString()],
  );
  await fresh.store.migrate();
  const appended = unwrap(
    await fresh.store.append({ stream: "new", expectedVersion: 0, events: [makeEvent()] }),
  );
  assert.ok(appended.lastPosition > far);
  assert.deepEqual(
    (await fresh.store.readAll(READ_ALL)).map((event) => event.stream),
    ["old", "new"],
  );
  await fresh.store.migrate();
  await fresh.store.append({ stream: "new", expectedVersion: 1, events: [makeEvent()] });
  assert.equal((await fresh.store.readAll(READ_ALL)).length, 3);
});
