/** Appends: expected versions, batches, bounds, large payloads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unwrap } from "@mira/primitives";
import { openEventStore } from "@mira/event-store";
import { makeEvent, makeEvents, openSharedStore, SCHEMA } from "../fixture.ts";

const { store, pool } = await openSharedStore();

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

test("appends asked for together are accepted or refused each by itself", async () => {
  await store.append({ stream: "together-3", expectedVersion: 0, events: makeEvents(1) });
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      store.append({
        stream: `together-${index % 20}`,
        expectedVersion: 0,
        events: makeEvents(1 + (index % 20)),
      }),
    ),
  );
  assert.equal(results.filter((result) => result.ok).length, 19);
  for (const [index, result] of results.entries()) {
    if (result.ok) assert.equal(result.value.version, 1 + (index % 20));
    else assert.equal(result.code, "CONCURRENT_CHANGE");
    const { length } = await store.readStream(`together-${index % 20}`);
    assert.equal(length, index % 20 === 3 ? 1 : 1 + (index % 20));
  }
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
    `SELECT pg_column_size(events) AS bytes FROM ${SCHEMA}.events WHERE stream = 'large'`,
  );
  assert.ok((size.rows[0]?.bytes ?? 0) > 500_000);
});
