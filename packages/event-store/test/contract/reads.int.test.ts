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

test("#24 a slow committer is never skipped (Marten and Eventuous lost events this way)", async () => {
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

test("an append in an old transaction stands above what it did not see begin", async () => {
  const client = await pool.connect();
  await client.query("BEGIN");
  assert.ok(await store.once(client, "old-consumer", "1"));
  const between = unwrap(await store.append({ stream: "old", expectedVersion: 0, events: [makeEvent()] }));
  const seen = await eventually(async () => {
    const events = await store.readAll(READ_ALL);
    assert.ok(events.some((event) => event.stream === "old"));
    return events;
  });
  const late = unwrap(
    await store.appendIn(client, [{ stream: "old", expectedVersion: 1, events: [makeEvent()] }]),
  );
  await client.query("COMMIT");
  client.release();
  assert.ok(late.lastPosition > between.lastPosition && late.lastPosition > (seen.at(-1)?.position ?? 0n));
});

test("an open transaction that has not appended holds up no reader", async () => {
  const client = await pool.connect();
  await client.query("BEGIN");
  await store.once(client, "open-consumer", "1");
  const { lastPosition } = unwrap(
    await store.append({ stream: "open", expectedVersion: 0, events: [makeEvent()] }),
  );
  const events = await store.readAll({ afterPosition: lastPosition - 1n, limit: 1 });
  await client.query("ROLLBACK");
  client.release();
  assert.equal(events[0]?.stream, "open");
});

test("a gap-safe read under a stricter isolation level is refused", async () => {
  const client = await pool.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await assert.rejects(client.query(`SELECT * FROM ${SCHEMA}.read_events(0, 1, NULL)`), /READ COMMITTED/);
  await client.query("ROLLBACK");
  client.release();
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
  assert.ok(second.lastPosition > first.lastPosition);
});

test("the horizon holds when the floor's 31 bits wrap around", async () => {
  await using fresh = await openStore();
  await fresh.pool.query(`SELECT setval('${SCHEMA}.appends', $1)`, [2n ** 31n - 2n]);
  const gate = openGate();
  const slow = fresh.store.append({
    stream: "slow",
    expectedVersion: 0,
    events: [makeEvent()],
    also: () => gate.opened,
  });
  await eventually(async () => (await countWriters(fresh)) === 1);
  for (let version = 0; version < 4; version += 1)
    await fresh.store.append({ stream: "fast", expectedVersion: version, events: [makeEvent()] });
  assert.deepEqual(await fresh.store.readAll(READ_ALL), []);
  gate.open();
  await slow;
  assert.equal((await fresh.store.readAll(READ_ALL)).length, 5);
});
