/** What is stored stays: no role changes or deletes events, and every version ever written can be read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { openEventStore, type Upcaster } from "@mira/event-store";
import { makeEvent, openSharedStore, publishing, SCHEMA } from "../fixture.ts";

const { store, pool, url } = await openSharedStore();

test("not even the owner updates, deletes or truncates events", async () => {
  await store.append({ stream: "kept", expectedVersion: 0, events: [makeEvent("kept")] });
  for (const statement of [
    `UPDATE ${SCHEMA}.events SET events = ''`,
    `DELETE FROM ${SCHEMA}.events WHERE stream = 'kept'`,
    `TRUNCATE ${SCHEMA}.events`,
  ])
    await assert.rejects(pool.query(statement), /events are never changed/);
  assert.equal((await store.readStream("kept")).length, 1);
});

test("the service's role appends and reads, and may not change an event, nor drop the trigger", async () => {
  const role = `service_${process.pid}`;
  await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await store.grantAppendOnly(role);
  const roleUrl = new URL(url);
  roleUrl.username = role;
  roleUrl.password = "secret";
  const limited = new pg.Pool({ connectionString: roleUrl.href, max: 2 });
  const limitedStore = openEventStore({ pool: limited, schema: SCHEMA });
  const event = makeEvent();
  const append = { stream: "by-role", expectedVersion: 0, events: [event], outbox: [publishing(event)] };
  assert.ok((await limitedStore.append(append)).ok);
  assert.equal((await limitedStore.readStream("by-role")).length, 1);
  await limitedStore.withCursor("by-role", () => Promise.resolve(1n));
  for (const statement of [
    `UPDATE ${SCHEMA}.events SET events = ''`,
    `DELETE FROM ${SCHEMA}.events`,
    `TRUNCATE ${SCHEMA}.events`,
    `ALTER TABLE ${SCHEMA}.events DISABLE TRIGGER ALL`,
    `DROP TRIGGER events_are_immutable ON ${SCHEMA}.events`,
  ])
    await assert.rejects(limited.query(statement), /permission denied|must be owner/);
  await limited.end();
  await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
});

test("old events read as today's; what is stored does not change", async () => {
  const append =
    (text: string): Upcaster["upcast"] =>
    (payload) =>
      Buffer.concat([payload, Buffer.from(text)]);
  const upcasters = [
    { type: "Happened", fromSchemaVersion: 1, upcast: append("+2") },
    { type: "Happened", fromSchemaVersion: 2, upcast: append("+3") },
  ];
  const upcasting = openEventStore({ pool, schema: SCHEMA, upcasters });
  const events = [1, 2, 3].map((schemaVersion) => makeEvent(`v${schemaVersion}`, { schemaVersion }));
  await upcasting.append({ stream: "upcast", expectedVersion: 0, events });
  const read = (await upcasting.readStream("upcast")).map(({ schemaVersion, payload }) => [
    schemaVersion,
    String(payload),
  ]);
  assert.deepEqual(read, [
    [3, "v1+2+3"],
    [3, "v2+3"],
    [3, "v3"],
  ]);
  const raw = (await store.readStream("upcast")).map(({ schemaVersion, payload }) => [
    schemaVersion,
    String(payload),
  ]);
  assert.deepEqual(raw, [
    [1, "v1"],
    [2, "v2"],
    [3, "v3"],
  ]);
});
