/** Outbox, cursors and deduplication: what commits together is undone together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@mira/testing";
import type pg from "pg";
import {
  countWriters,
  makeEvent,
  makeEvents,
  openGate,
  openSharedStore,
  openStore,
  publishing,
  READ_ALL,
  SCHEMA,
} from "../fixture.ts";

const { store, pool } = await openSharedStore();

test("outbox rows commit with the append or not at all", async () => {
  await using fresh = await openStore();
  const kept = makeEvent("kept");
  const lost = makeEvent("lost");
  await fresh.store.append({ stream: "o", expectedVersion: 0, events: [kept], outbox: [publishing(kept)] });
  await fresh.store.append({ stream: "o", expectedVersion: 0, events: [lost], outbox: [publishing(lost)] });
  const undone = fresh.store.append({
    stream: "o",
    expectedVersion: 1,
    events: [lost],
    outbox: [publishing(lost)],
    also: () => Promise.reject(new Error("undone")),
  });
  await assert.rejects(undone, /undone/);
  const messages = await fresh.store.readOutbox(READ_ALL);
  assert.deepEqual(
    messages.map(({ id, payload }) => [id, Buffer.from(payload).toString()]),
    [[kept.id, "kept"]],
  );
});

test("outbox messages keep their order, headers and payloads, their own or an event's", async () => {
  await using fresh = await openStore();
  const events = makeEvents(3);
  const own = { id: "own", subject: "mira.x", payload: Buffer.from("own"), headers: { "Mira-Type": "X" } };
  const outbox = [...events.map(publishing), own];
  await fresh.store.append({ stream: "o", expectedVersion: 0, events, outbox });
  const single = makeEvent("single");
  await fresh.store.append({
    stream: "o",
    expectedVersion: 3,
    events: [single],
    outbox: [{ ...own, id: "own-2" }],
  });
  const messages = await fresh.store.readOutbox(READ_ALL);
  assert.deepEqual(
    messages.map(({ position: _, ...message }) => message),
    [...outbox, { ...own, id: "own-2" }],
  );
  const stored = await fresh.pool.query<{ bytes: number }>(
    `SELECT max(octet_length(outbox)) AS bytes FROM ${SCHEMA}.events`,
  );
  assert.ok((stored.rows[0]?.bytes ?? 0) < 200, "an event's payload is stored once");
});

test("a slow committer's outbox message is never skipped, and the published mark never goes back by itself", async () => {
  await using fresh = await openStore();
  const gate = openGate();
  const [slowEvent, fastEvent] = [makeEvent("slow"), makeEvent("fast")];
  const slow = fresh.store.append({
    stream: "s",
    expectedVersion: 0,
    events: [slowEvent],
    outbox: [publishing(slowEvent)],
    also: () => gate.opened,
  });
  await eventually(async () => (await countWriters(fresh)) === 1);
  await fresh.store.append({
    stream: "f",
    expectedVersion: 0,
    events: [fastEvent],
    outbox: [publishing(fastEvent)],
  });
  assert.deepEqual(await fresh.store.readOutbox(READ_ALL), []);
  gate.open();
  await slow;
  const messages = await fresh.store.readOutbox(READ_ALL);
  assert.deepEqual(
    messages.map((message) => message.id),
    [slowEvent.id, fastEvent.id],
  );
  await fresh.store.markPublished(messages[1]?.position ?? 0n);
  await fresh.store.markPublished(messages[0]?.position ?? 0n);
  assert.equal(await fresh.store.getPublished(), messages[1]?.position);
  await fresh.store.rewindPublished(0n);
  assert.equal(await fresh.store.getPublished(), 0n);
});

test("a thrown error takes back the effect and the cursor together", async () => {
  await pool.query(`CREATE TABLE ${SCHEMA}.effects (value text)`);
  const failing = store.withCursor("effects", async (client, cursor) => {
    await client.query(`INSERT INTO ${SCHEMA}.effects VALUES ('half')`);
    assert.equal(cursor, 0n);
    throw new Error("half-way");
  });
  await assert.rejects(failing, /half-way/);
  assert.equal(await store.getCursor("effects"), 0n);
  await store.withCursor("effects", async (client, cursor) => {
    await client.query(`INSERT INTO ${SCHEMA}.effects VALUES ('whole')`);
    return cursor + 7n;
  });
  assert.equal(await store.getCursor("effects"), 7n);
  assert.deepEqual((await pool.query(`SELECT value FROM ${SCHEMA}.effects`)).rows, [{ value: "whole" }]);
});

test("two runners of one cursor take turns, and a cursor never moves back", async () => {
  const runs = Array.from({ length: 6 }, () =>
    store.withCursor("turns", (_, cursor) => Promise.resolve(cursor + 1n)),
  );
  assert.deepEqual(
    (await Promise.all(runs)).toSorted((a, b) => Number(a - b)),
    [1n, 2n, 3n, 4n, 5n, 6n],
  );
  await assert.rejects(
    store.withCursor("turns", () => Promise.resolve(5n)),
    /cannot move back/,
  );
});

test("a message seen before is not new, unless the transaction that saw it was undone", async () => {
  const seen = (undo: boolean): Promise<boolean> =>
    inTransaction((client) => store.once(client, "consumer", "m-1"), undo);
  assert.equal(await seen(true), true);
  assert.equal(await seen(false), true);
  assert.equal(await seen(false), false);
  const both = await Promise.all(
    [1, 2].map(() => inTransaction((client) => store.once(client, "consumer", "m-2"), false)),
  );
  assert.deepEqual(both.toSorted(), [false, true]);
  assert.equal(await store.forgetSeen({ olderThanMs: 60_000, limit: 100 }), 0);
  assert.ok((await store.forgetSeen({ olderThanMs: 0, limit: 1 })) === 1);
});

async function inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>, undo: boolean): Promise<T> {
  const client = await pool.connect();
  await client.query("BEGIN");
  const value = await work(client);
  await client.query(undo ? "ROLLBACK" : "COMMIT");
  client.release();
  return value;
}

test("listeners wake after a commit, not after a refusal, and no longer once removed", async () => {
  let woken = 0;
  const remove = store.onAppended(() => (woken += 1));
  await store.append({ stream: "wake", expectedVersion: 0, events: [makeEvent()] });
  await store.append({ stream: "wake", expectedVersion: 0, events: [makeEvent()] });
  assert.equal(woken, 1);
  remove();
  await store.append({ stream: "wake", expectedVersion: 1, events: [makeEvent()] });
  assert.equal(woken, 1);
});
