/** What the event store promises, on a real Postgres: each test is one promise, and most prove a "no". */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres } from "@mira/localnet/infra";
import { unwrap } from "@mira/primitives";
import { eventually } from "@mira/testing";
import fc from "fast-check";
import pg from "pg";
import { acquireLease, openEventStore, type EventStore, type Lease } from "@mira/event-store";
import {
  makeEvent,
  makeEvents,
  openGate,
  openStore,
  publishing,
  SCHEMA,
  type StoreFixture,
} from "./fixture.ts";

const fixture = await openStore();
const { store, pool } = fixture;
test.after(() => fixture[Symbol.asyncDispose]());

const READ_ALL = { afterPosition: 0n, limit: 10_000 };

// --- appends ---

test("an append is read back as it was written", async () => {
  const event = makeEvent(Uint8Array.of(0, 92, 255), { metadata: { traceparent: "00-abc-def-01" } });
  const appended = unwrap(await store.append({ stream: "read-back", expectedVersion: 0, events: [event] }));
  const [stored] = await store.readStream("read-back");
  assert.ok(stored !== undefined && Math.abs(stored.recordedAt - Date.now()) < 60_000);
  assert.deepEqual(stored, {
    ...event,
    stream: "read-back",
    version: 1,
    position: appended.lastPosition,
    recordedAt: stored.recordedAt,
  });
});

test("a stream is read from a version on, and no further than the limit", async () => {
  await store.append({ stream: "paged", expectedVersion: 0, events: makeEvents(5) });
  const page = await store.readStream("paged", { fromVersion: 2, limit: 3 });
  assert.deepEqual(
    page.map((event) => event.version),
    [2, 3, 4],
  );
});

test("of appends at the same expected version exactly one wins", async () => {
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      store.append({ stream: "contended", expectedVersion: 0, events: makeEvents(index + 1) }),
    ),
  );
  const refused = results.filter((result) => !result.ok);
  assert.equal(refused.length, 7);
  for (const result of refused) assert.equal(result.code, "CONCURRENT_CHANGE");
  const winner = results.findIndex((result) => result.ok);
  assert.equal((await store.readStream("contended")).length, winner + 1);
});

test("an append at a wrong version is refused with the version that is there", async () => {
  await store.append({ stream: "ahead", expectedVersion: 0, events: makeEvents(2) });
  for (const expectedVersion of [0, 1, 3]) {
    const result = await store.append({ stream: "ahead", expectedVersion, events: [makeEvent()] });
    assert.ok(!result.ok && result.code === "CONCURRENT_CHANGE");
    assert.equal(result.details["version"], "2");
  }
});

test('appends at "any" version all win, one after another', async () => {
  const appends = Array.from({ length: 20 }, (_, index) =>
    store.append({ stream: "any", expectedVersion: "any", events: makeEvents(1 + (index % 3)) }),
  );
  for (const result of await Promise.all(appends)) assert.ok(result.ok);
  const events = await store.readStream("any");
  assert.deepEqual(
    events.map((event) => event.version),
    events.map((_, index) => index + 1),
  );
  assert.deepEqual(
    events,
    events.toSorted((a, b) => (a.position < b.position ? -1 : 1)),
  );
});

test("a batch is all or nothing", async () => {
  await store.append({ stream: "batch-b", expectedVersion: 0, events: makeEvents(1) });
  const refused = await store.appendBatch([
    { stream: "batch-c", expectedVersion: 0, events: makeEvents(2) },
    { stream: "batch-b", expectedVersion: 0, events: makeEvents(1) },
  ]);
  assert.ok(!refused.ok && refused.code === "CONCURRENT_CHANGE" && refused.details["stream"] === "batch-b");
  assert.equal((await store.readStream("batch-c")).length, 0);
});

test("a batch keeps the caller's order of positions and returns versions in it", async () => {
  const before = unwrap(await store.append({ stream: "order-b", expectedVersion: 0, events: makeEvents(1) }));
  const result = await store.appendBatch([
    { stream: "order-c", expectedVersion: "any", events: makeEvents(3) },
    { stream: "order-a", expectedVersion: 0, events: makeEvents(2) },
    { stream: "order-b", expectedVersion: 1, events: makeEvents(1) },
  ]);
  assert.deepEqual(unwrap(result).versions, [3, 2, 2]);
  const events = await store.readAll({ afterPosition: before.lastPosition, limit: 100 });
  assert.deepEqual(
    events.map((event) => `${event.stream} ${event.version}`),
    ["order-c 1", "order-c 2", "order-c 3", "order-a 1", "order-a 2", "order-b 2"],
  );
  assert.equal(events.at(-1)?.position, unwrap(result).lastPosition);
});

test("batches that share streams in opposite order do not deadlock", async () => {
  const streams = ["lock-a", "lock-b", "lock-c"];
  const batches = Array.from({ length: 12 }, (_, index) =>
    store.appendBatch(
      (index % 2 === 0 ? streams : streams.toReversed()).map((stream) => ({
        stream,
        expectedVersion: "any" as const,
        events: makeEvents(2),
      })),
    ),
  );
  for (const result of await Promise.all(batches)) assert.ok(result.ok);
  for (const stream of streams) assert.equal((await store.readStream(stream)).length, 24);
});

test("bounds: too many events, too large a payload, too many bytes are refused, and nothing is written", async () => {
  const small = openEventStore({
    pool,
    schema: SCHEMA,
    limits: { eventsMax: 3, payloadBytesMax: 10, appendBytesMax: 20 },
  });
  const tooMany = makeEvents(4);
  const tooLarge = [makeEvent(Buffer.alloc(11))];
  const tooHeavy = [1, 2, 3].map(() => makeEvent(Buffer.alloc(7)));
  for (const events of [tooMany, tooLarge, tooHeavy]) {
    const result = await small.append({ stream: "bounded", expectedVersion: "any", events });
    assert.ok(!result.ok && result.code === "APPEND_TOO_LARGE");
  }
  assert.ok(
    (
      await small.append({
        stream: "bounded-fits",
        expectedVersion: 0,
        events: [makeEvent(Buffer.alloc(10))],
      })
    ).ok,
  );
  assert.equal((await store.readStream("bounded")).length, 0);
});

test("a payload of half a megabyte is stored out of line, uncompressed, and read back", async () => {
  const payload = Buffer.alloc(500_000, "mira");
  await store.append({ stream: "large", expectedVersion: 0, events: [makeEvent(payload)] });
  const [stored] = await store.readStream("large");
  assert.ok(stored !== undefined && payload.equals(stored.payload));
  const size = await pool.query<{ bytes: number }>(
    `SELECT pg_column_size(payload) AS bytes FROM ${SCHEMA}.events WHERE stream = 'large'`,
  );
  assert.equal(size.rows[0]?.bytes, 500_000);
});

test("property: any interleaving of appends gives contiguous versions and rising positions", async () => {
  await using fresh = await openStore();
  let run = 0;
  const step = fc.record({
    streams: fc.subarray(["a", "b", "c"], { minLength: 1 }),
    count: fc.integer({ min: 1, max: 4 }),
    any: fc.boolean(),
    lagMs: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
      async (writers) => {
        run += 1;
        const counts = await Promise.all(
          writers.map((steps) => writeSteps(fresh.store, `run-${run}`, steps)),
        );
        await assertWholeStreams(fresh.store, `run-${run}`, counts.flat());
      },
    ),
    { numRuns: 40 },
  );
  await assertRisingPositions(fresh.store);
});

type Step = { streams: string[]; count: number; any: boolean; lagMs: number };

/** How many events of each stream were acknowledged. */
async function writeSteps(target: EventStore, prefix: string, steps: Step[]): Promise<[string, number][]> {
  const written: [string, number][] = [];
  for (const { streams, count, any, lagMs } of steps) {
    const appends = await Promise.all(
      streams.map(async (name) => {
        const stream = `${prefix}-${name}`;
        const expectedVersion = any ? ("any" as const) : (await target.readStream(stream)).length;
        return { stream, expectedVersion, events: makeEvents(count) };
      }),
    );
    const also = lagMs === 0 ? {} : { also: () => sleep(lagMs) };
    const result = await target.appendBatch(appends, also);
    if (result.ok) for (const { stream } of appends) written.push([stream, count]);
    else assert.ok(!any && result.code === "CONCURRENT_CHANGE");
  }
  return written;
}

async function assertWholeStreams(
  target: EventStore,
  prefix: string,
  written: [string, number][],
): Promise<void> {
  for (const name of ["a", "b", "c"]) {
    const stream = `${prefix}-${name}`;
    const events = await target.readStream(stream);
    const acknowledged = written.reduce((sum, [of, count]) => sum + (of === stream ? count : 0), 0);
    assert.deepEqual(
      events.map((event) => event.version),
      Array.from({ length: acknowledged }, (_, index) => index + 1),
    );
    assert.ok(
      events.every((event, index) => index === 0 || event.position > (events[index - 1]?.position ?? 0n)),
    );
  }
}

async function assertRisingPositions(target: EventStore): Promise<void> {
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

// --- gap-safe reads ---

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

async function countWriters({ pool: own }: StoreFixture): Promise<number> {
  const result = await own.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname = current_database()",
  );
  return result.rows[0]?.count ?? 0;
}

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

// --- outbox, cursors, deduplication ---

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
  const stored = await fresh.pool.query(`SELECT 1 FROM ${SCHEMA}.outbox WHERE payload IS NOT NULL`);
  assert.equal(stored.rowCount, 2, "an event's payload is stored once");
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
