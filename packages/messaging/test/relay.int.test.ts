import { afterEach, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openEventStore } from "@mira/event-store";
import { eventually, useTestDatabase } from "@mira/testing";
import { rebuildStreams, startRelay } from "../src/index.ts";
import type { Messaging } from "../src/index.ts";
import { FACTS, createMemoryOutbox, createRig, message, textOf } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const SUBJECT = "test.fact.seen.v1";
const TOPOLOGY = { streams: [FACTS], consumers: [] };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  await rig.messaging.declare(TOPOLOGY);
});
afterEach(() => rig.close());

async function readAll(messaging: Messaging, count: number): Promise<string[]> {
  const texts: string[] = [];
  const stop = new AbortController();
  const following = messaging.follow(
    { stream: "FACTS", from: "all", signal: stop.signal },
    (one) => void texts.push(textOf(one)),
  );
  await eventually(() => texts.length >= count, { timeoutMs: 15_000 });
  stop.abort();
  await following;
  return texts;
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

test("the outbox of a real event store is published in order, with the event's id, and marked", async () => {
  const database = await useTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url });
  const store = openEventStore({ pool, schema: "facts" });
  await store.migrate();
  const relay = startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  const ids: string[] = [];
  for (const [version, text] of numbered(0, 20).entries()) {
    const id = randomUUID();
    ids.push(id);
    const payload = Buffer.from(text);
    const appended = await store.append({
      stream: "fact-1",
      expectedVersion: version,
      events: [{ id, type: "Seen", schemaVersion: 1, payload }],
      outbox: [{ id, subject: SUBJECT, payload, headers: { "Mira-Type": "Seen" } }],
    });
    assert.ok(appended.ok);
  }
  await relay.flush();
  assert.notEqual(await store.getPublished(), 0n);
  assert.deepEqual(await readAll(rig.messaging, 20), numbered(0, 20));
  const again = await rig.messaging.publish({ ...message(SUBJECT, "0"), id: ids[0] ?? "" });
  assert.equal(again.duplicate, true);
  await rig.close();
  await relay.stopped;
  await pool.end();
  await database.close();
  rig = await createRig();
});

test("an append wakes the relay: nobody waits for the poll", async () => {
  const store = createMemoryOutbox();
  startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal, pollMs: 60_000 });
  await eventually(async () => (await store.getCursor("relay.facts.created.FACTS")) > 0n);
  store.append(message(SUBJECT, "now"));
  assert.deepEqual(await readAll(rig.messaging, 1), ["now"]);
});

test("#24 nats kill -9 mid-publish loses no acknowledged message once the relay runs again, and keeps the order", async () => {
  const store = createMemoryOutbox();
  startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  store.append(...numbered(0, 4_000).map((text) => message(SUBJECT, text)));
  await eventually(async () => (await store.getPublished()) > 0n);
  await rig.nats.kill();
  const markedAtDeath = await store.getPublished();
  assert.ok(markedAtDeath < 4_000n, "killed too late to prove anything");
  await rig.nats.restart();
  assert.deepEqual(await readAll(rig.messaging, 4_000), numbered(0, 4_000));
});

test("a relay that died before it marked publishes again, and the stream holds everything once", async () => {
  const store = createMemoryOutbox();
  const broken = { ...store, markPublished: () => Promise.reject(new Error("power cut")) };
  const first = new AbortController();
  const relay = startRelay({ store: broken, messaging: rig.messaging, name: "facts", signal: first.signal });
  store.append(...numbered(0, 10).map((text) => message(SUBJECT, text)));
  await readAll(rig.messaging, 10);
  first.abort();
  await relay.stopped;
  const second = startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  await second.flush();
  assert.equal(await store.getPublished(), 10n);
  assert.deepEqual(await readAll(rig.messaging, 10), numbered(0, 10));
});

test("when NATS has lost everything the relay refills the stream from history and goes on", async () => {
  const store = createMemoryOutbox();
  const relay = startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  store.append(...numbered(0, 1_200).map((text) => message(SUBJECT, text)));
  await relay.flush();
  await rig.nats.wipe();
  store.append(...numbered(1_200, 1_210).map((text) => message(SUBJECT, text)));
  assert.deepEqual(await readAll(rig.messaging, 1_210), numbered(0, 1_210));
});

test("the loss is noticed even when another process declares the stream again first, while the relay was down", async () => {
  const store = createMemoryOutbox();
  const stop = new AbortController();
  const relay = startRelay({ store, messaging: rig.messaging, name: "facts", signal: stop.signal });
  store.append(...numbered(0, 5).map((text) => message(SUBJECT, text)));
  await relay.flush();
  stop.abort();
  await relay.stopped;
  await rig.nats.wipe();
  const other = await rig.connect("other");
  await other.declare(TOPOLOGY);
  startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  assert.deepEqual(await readAll(rig.messaging, 5), numbered(0, 5));
});

test("a stream that was not lost is not published into again", async () => {
  const store = createMemoryOutbox();
  const run = async (): Promise<void> => {
    const stop = new AbortController();
    const relay = startRelay({ store, messaging: rig.messaging, name: "facts", signal: stop.signal });
    await relay.flush();
    stop.abort();
    await relay.stopped;
  };
  await rig.messaging.declare({ streams: [{ ...FACTS, duplicateWindowMs: 100 }], consumers: [] });
  store.append(...numbered(0, 5).map((text) => message(SUBJECT, text)));
  await run();
  await sleep(300);
  await run();
  assert.equal((await rig.messaging.readStreamState("FACTS"))?.messages, 5);
});

test("rebuilding by hand takes only the streams and positions it is told", async () => {
  const store = createMemoryOutbox();
  const relay = startRelay({ store, messaging: rig.messaging, name: "facts", signal: rig.signal });
  store.append(...numbered(0, 5).map((text) => message(SUBJECT, text)));
  await relay.flush();
  const other = { store, messaging: rig.messaging };
  assert.deepEqual(await rebuildStreams({ ...other, streams: ["ELSEWHERE"] }), { messages: 0 });
  assert.deepEqual(await rebuildStreams({ ...other, rebuildFrom: () => Promise.resolve(3n) }), {
    messages: 2,
  });
});

test("a follower that was told of a lost stream reads it again from the beginning", async () => {
  const texts: string[] = [];
  let resets = 0;
  void rig.messaging.follow(
    { stream: "FACTS", from: "all", signal: rig.signal, onReset: () => void (resets += 1) },
    (one) => {
      texts.push(textOf(one));
    },
  );
  await rig.messaging.publish(message(SUBJECT, "old"));
  await eventually(() => texts.length === 1);
  await rig.nats.wipe();
  await rig.messaging.redeclare();
  await rig.messaging.publish(message(SUBJECT, "new"));
  await eventually(() => texts.length === 2, { timeoutMs: 15_000 });
  assert.deepEqual([texts, resets], [["old", "new"], 1]);
});

test("a follower from now on misses nothing across kill -9 and restart, and sees nothing twice", async () => {
  await rig.messaging.publish(message(SUBJECT, "before"));
  const texts: string[] = [];
  void rig.messaging.follow(
    { stream: "FACTS", from: "new", signal: rig.signal },
    (one) => void texts.push(textOf(one)),
  );
  await sleep(100);
  await rig.messaging.publish(message(SUBJECT, "1"));
  await eventually(() => texts.length === 1);
  await rig.nats.kill();
  await rig.nats.restart();
  await rig.messaging.publish(message(SUBJECT, "2"));
  await eventually(() => texts.length === 2, { timeoutMs: 15_000 });
  assert.deepEqual(texts, ["1", "2"]);
});
