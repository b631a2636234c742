import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { DeclarationMismatch, STREAM, connectMessaging } from "../src/index.ts";
import { FACTS, WORK, WORKERS, createRig } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

let rig: Rig;
before(async () => {
  rig = await createRig();
});
after(() => rig.close());

test("declaring twice changes nothing the second time", async () => {
  const topology = { streams: [WORK, FACTS], consumers: [WORKERS] };
  const first = await rig.messaging.declare(topology);
  assert.deepEqual(first.created, ["MIRA_PARKED", "WORK", "FACTS", "WORK/workers"]);
  assert.deepEqual(await rig.messaging.declare(topology), { created: [], updated: [] });
  const other = await rig.connect("other");
  assert.deepEqual(await other.declare(topology), { created: [], updated: [] });
});

test("every stream of Mira can be declared, by several at once", async () => {
  const others = await Promise.all(["a", "b", "c"].map((name) => rig.connect(name)));
  const topology = { streams: Object.values(STREAM), consumers: [] };
  await Promise.all(others.map((messaging) => messaging.declare(topology)));
  assert.deepEqual(await rig.messaging.declare(topology), { created: [], updated: [] });
});

test("what can be changed is changed", async () => {
  await rig.messaging.declare({ streams: [WORK, FACTS], consumers: [WORKERS] });
  const changed = await rig.messaging.declare({
    streams: [{ ...FACTS, maxBytes: 1_000_000 }],
    consumers: [{ ...WORKERS, ackWaitMs: 3_000 }],
  });
  assert.deepEqual(changed, { created: [], updated: ["FACTS", "WORK/workers"] });
});

test("what cannot be changed is a typed error that names the field, and nothing is touched", async () => {
  const lonely = { ...FACTS, name: "LONELY", subjects: ["test.lonely"] };
  const messaging = await rig.connect("mismatch");
  await messaging.declare({ streams: [lonely], consumers: [] });
  const refused = messaging.declare({
    streams: [{ ...lonely, storage: "memory", maxBytes: 5 }],
    consumers: [],
  });
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof DeclarationMismatch);
    assert.deepEqual(error.differences, [{ field: "storage", declared: "memory", found: "file" }]);
    return true;
  });
  const checker = await rig.connect("checker");
  assert.deepEqual(await checker.declare({ streams: [lonely], consumers: [] }), { created: [], updated: [] });
});

test("without a server the connection is a typed error after its deadline", async () => {
  const connecting = connectMessaging({
    url: "nats://127.0.0.1:1",
    name: "x",
    signal: rig.signal,
    deadlineMs: 200,
  });
  await assert.rejects(connecting, { name: "MessagingUnavailable" });
});
