import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { PublishFailed } from "../src/index.ts";
import { FACTS, createRig, message, textOf } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const SUBJECT = "test.fact.seen.v1";
let rig: Rig;
before(async () => {
  rig = await createRig();
  await rig.messaging.declare({ streams: [FACTS], consumers: [] });
});
after(() => rig.close());

test("a second publication with the same id changes nothing", async () => {
  const first = await rig.messaging.publish(message(SUBJECT, "once", "id-1"));
  const second = await rig.messaging.publish(message(SUBJECT, "once", "id-1"));
  assert.deepEqual(first, { stream: "FACTS", sequence: first.sequence, duplicate: false });
  assert.deepEqual(second, { stream: "FACTS", sequence: first.sequence, duplicate: true });
});

test("many are published in order with many on their way", async () => {
  const messages = Array.from({ length: 2_000 }, (_, index) => message(SUBJECT, String(index)));
  const published = await rig.messaging.publishMany(messages, { inFlightMax: 64 });
  const sequences = published.map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    sequences.toSorted((left, right) => left - right),
  );
  assert.equal(new Set(sequences).size, 2_000);
});

test("a subject without a stream is a typed error after the deadline", async () => {
  const publishing = rig.messaging.publish(message("nobody.listens", "x"), { deadlineMs: 200 });
  await assert.rejects(publishing, (error) => error instanceof PublishFailed && error.streamIsMissing);
});

test("a message that the server would never take is refused at once, and those before it stand", async () => {
  const large = { ...message(SUBJECT, ""), payload: new Uint8Array(9 * 1024 * 1024) };
  const startedAt = performance.now();
  const publishing = rig.messaging.publishMany([message(SUBJECT, "small"), large]);
  await assert.rejects(publishing, (error) => error instanceof PublishFailed && error.acknowledged === 1);
  assert.ok(performance.now() - startedAt < 1_000);
});

test("an aborted signal ends the tries", async () => {
  const publishing = rig.messaging.publish(message("nobody.listens", "x"), {
    signal: AbortSignal.timeout(100),
  });
  await assert.rejects(publishing, PublishFailed);
});

test("what was acknowledged survives kill -9 mid-publish, once each and in order", async () => {
  const messages = Array.from({ length: 3_000 }, (_, index) => message("test.fact.crash.v1", String(index)));
  const publishing = rig.messaging.publishMany(messages, { inFlightMax: 32 });
  await new Promise((resolve) => setTimeout(resolve, 40));
  await rig.nats.kill();
  await rig.nats.restart();
  assert.equal((await publishing).length, 3_000);
  const seen: string[] = [];
  const stop = new AbortController();
  await rig.messaging.follow(
    { stream: "FACTS", filterSubject: "test.fact.crash.v1", from: "all", signal: stop.signal },
    (followed) => {
      seen.push(textOf(followed));
      if (followed.pending === 0) stop.abort();
    },
  );
  assert.deepEqual(seen, messages.map(textOf));
});
