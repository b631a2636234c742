import { afterEach, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@mira/testing";
import { HEADER } from "../src/index.ts";
import type { Delivered, Followed, Messaging } from "../src/index.ts";
import { WORK, WORKERS, createRig, message, textOf } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const SUBJECT = "test.work.done.v1";
const TOPOLOGY = { streams: [WORK], consumers: [WORKERS] };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  await rig.messaging.declare(TOPOLOGY);
});
afterEach(() => rig.close());

function consumption(batch = 8): { stream: string; durable: string; batch: number; signal: AbortSignal } {
  return { stream: "WORK", durable: "workers", batch, signal: rig.signal };
}

async function readParked(messaging: Messaging, count: number): Promise<Followed[]> {
  const parked: Followed[] = [];
  const stop = new AbortController();
  const following = messaging.follow(
    { stream: "MIRA_PARKED", from: "all", signal: stop.signal },
    (one) => void parked.push(one),
  );
  await eventually(() => parked.length >= count);
  stop.abort();
  await following;
  return parked;
}

async function countLeft(): Promise<number> {
  return (await rig.messaging.readStreamState("WORK"))?.messages ?? -1;
}

test("a handler gets bounded batches, and what it leaves unanswered is acknowledged", async () => {
  const sizes: number[] = [];
  void rig.messaging.consume(consumption(4), (messages) => {
    sizes.push(messages.length);
    return Promise.resolve();
  });
  await rig.messaging.publishMany(Array.from({ length: 50 }, (_, index) => message(SUBJECT, String(index))));
  await eventually(async () => (await countLeft()) === 0);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    50,
  );
  assert.ok(Math.max(...sizes) <= 4, `sizes ${sizes.join(" ")}`);
});

test("a failed message is delivered again, and succeeds", async () => {
  const deliveries: number[] = [];
  void rig.messaging.consume(consumption(), ([first]) => {
    deliveries.push(first?.deliveryCount ?? 0);
    return first?.deliveryCount === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve();
  });
  await rig.messaging.publish(message(SUBJECT, "stubborn"));
  await eventually(async () => (await countLeft()) === 0);
  assert.deepEqual(deliveries, [1, 2]);
});

test("#24 MaxDeliver exhaustion surfaces: poison is parked with the reason and never delivered again", async () => {
  const attempts: number[] = [];
  const poisoned: string[] = [];
  void rig.messaging.consume(
    { ...consumption(), onPoison: (poison, reason) => void poisoned.push(`${textOf(poison)}: ${reason}`) },
    ([first]) => {
      attempts.push(first?.deliveryCount ?? 0);
      return Promise.reject(new Error("cannot be decoded"));
    },
  );
  const published = await rig.messaging.publish({
    ...message(SUBJECT, "poison", "poison-1"),
    headers: { "X-Kept": "yes" },
  });
  const [parked] = await readParked(rig.messaging, 1);
  assert.ok(parked);
  assert.equal(parked.subject, `mira.parked.${SUBJECT}`);
  assert.equal(textOf(parked), "poison");
  const expected = {
    [HEADER.parkedReason]: "cannot be decoded",
    [HEADER.parkedStream]: "WORK",
    [HEADER.parkedConsumer]: "workers",
    [HEADER.parkedSubject]: SUBJECT,
    [HEADER.parkedSequence]: String(published.sequence),
    [HEADER.parkedDeliveries]: "3",
    [HEADER.parkedMessageId]: "poison-1",
    "X-Kept": "yes",
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(parked.headers[name], value, name);
  await eventually(() => poisoned.length === 1);
  assert.deepEqual(poisoned, ["poison: cannot be decoded"]);
  // An answer is on its way while its handler is already done.
  await eventually(async () => (await countLeft()) === 0);
  await sleep(2_500);
  assert.deepEqual(attempts, [1, 2, 3]);
});

test("#24 a message whose every delivery kills its executor is parked before it kills another", async () => {
  for (let death = 1; death <= WORKERS.maxDeliver; death += 1) await dieHoldingWork();
  await rig.messaging.publish(message(SUBJECT, "harmless"));
  const handled: string[] = [];
  void rig.messaging.consume(consumption(), (messages) => {
    handled.push(...messages.map(textOf));
    return Promise.resolve();
  });
  const [parked] = await readParked(rig.messaging, 1);
  assert.equal(parked?.headers[HEADER.parkedReason], "delivered 3 times without an answer");
  await eventually(() => handled.length > 0);
  assert.deepEqual(handled, ["harmless"]);

  async function dieHoldingWork(): Promise<void> {
    const executor = fork(new URL("./dying-executor.ts", import.meta.url), [rig.nats.url]);
    if ((await rig.messaging.readStreamState("WORK"))?.messages === 0) {
      await rig.messaging.publish(message(SUBJECT, "deadly"));
    }
    await once(executor, "message");
    executor.kill("SIGKILL");
    await once(executor, "exit");
  }
});

test("#24 executor death recovers within seconds, not AckWait times deliveries", async () => {
  const executor = fork(new URL("./dying-executor.ts", import.meta.url), [rig.nats.url]);
  await rig.messaging.publish(message(SUBJECT, "work"));
  await once(executor, "message");
  const diedAt = performance.now();
  executor.kill("SIGKILL");
  const rescued = Promise.withResolvers<number>();
  void rig.messaging.consume(consumption(), ([first]) => {
    rescued.resolve(first?.deliveryCount ?? 0);
    return Promise.resolve();
  });
  assert.equal(await rescued.promise, 2);
  const tookMs = performance.now() - diedAt;
  assert.ok(tookMs < 5_000, `took ${tookMs} ms`);
});

test("work that takes longer than AckWait is not given to another while its executor lives", async () => {
  const other = await rig.connect("other");
  await other.declare(TOPOLOGY);
  const seenBy: string[] = [];
  const slow = (name: string) => async () => {
    seenBy.push(name);
    await sleep(3_000);
  };
  void rig.messaging.consume(consumption(1), slow("first"));
  await rig.messaging.publish(message(SUBJECT, "slow"));
  await eventually(() => seenBy.length === 1);
  void other.consume(consumption(1), slow("second"));
  await eventually(async () => (await countLeft()) === 0, { timeoutMs: 6_000 });
  assert.deepEqual(seenBy, ["first"]);
});

test("a handler that hangs loses its message to another after the limit", async () => {
  const other = await rig.connect("other");
  await other.declare(TOPOLOGY);
  const rescued = Promise.withResolvers<string>();
  void rig.messaging.consume({ ...consumption(1), heldMaxMs: 500 }, () =>
    sleep(60_000, undefined, { ref: false }),
  );
  await rig.messaging.publish(message(SUBJECT, "stuck"));
  await sleep(300);
  void other.consume(consumption(1), ([first]) => {
    rescued.resolve(first ? textOf(first) : "");
    return Promise.resolve();
  });
  assert.equal(await rescued.promise, "stuck");
  assert.ok(rig.warnings.some((warning) => warning.startsWith("handler hangs")));
});

test("one bad message of a batch does not take the others with it", async () => {
  const handled: string[] = [];
  await rig.messaging.publishMany(["a", "bad", "b", "c"].map((text) => message(SUBJECT, text)));
  void rig.messaging.consume(consumption(), (messages) => {
    if (messages.some((one) => textOf(one) === "bad")) return Promise.reject(new Error("bad one"));
    handled.push(...messages.map(textOf));
    return Promise.resolve();
  });
  const [parked] = await readParked(rig.messaging, 1);
  assert.equal(parked && textOf(parked), "bad");
  assert.deepEqual(handled.toSorted(), ["a", "b", "c"]);
  assert.equal((await rig.messaging.readStreamState("MIRA_PARKED"))?.messages, 1);
});

test("an outage of the database is waited out in place and parks nothing", async () => {
  let attempts = 0;
  const deliveries = new Set<number>();
  void rig.messaging.consume(consumption(), ([first]) => {
    deliveries.add(first?.deliveryCount ?? 0);
    attempts += 1;
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return attempts <= 4 ? Promise.reject(refused) : Promise.resolve();
  });
  await rig.messaging.publish(message(SUBJECT, "patient"));
  await eventually(async () => (await countLeft()) === 0);
  assert.equal(attempts, 5);
  assert.deepEqual([...deliveries], [1]);
  assert.equal((await rig.messaging.readStreamState("MIRA_PARKED"))?.messages, 0);
});

test("a handler can park at once, with its own reason", async () => {
  void rig.messaging.consume(consumption(), async ([first]) => {
    await first?.park("signed by nobody");
  });
  await rig.messaging.publish(message(SUBJECT, "forged"));
  const [parked] = await readParked(rig.messaging, 1);
  assert.ok(parked);
  assert.equal(parked.headers[HEADER.parkedReason], "signed by nobody");
  assert.equal(parked.headers[HEADER.parkedDeliveries], "1");
  // An answer is on its way while its handler is already done.
  await eventually(async () => (await countLeft()) === 0);
});

test("stopping finishes what is being handled and hands the rest to another at once", async () => {
  const stop = new AbortController();
  const handled: string[] = [];
  const started = Promise.withResolvers<undefined>();
  await rig.messaging.publishMany(["1", "2"].map((text) => message(SUBJECT, text)));
  const consuming = rig.messaging.consume({ ...consumption(1), signal: stop.signal }, async ([first]) => {
    started.resolve(undefined);
    await sleep(200);
    handled.push(first ? textOf(first) : "");
  });
  await started.promise;
  stop.abort();
  await consuming;
  assert.deepEqual(handled, ["1"]);
  const startedAt = performance.now();
  void rig.messaging.consume(consumption(1), ([first]) => {
    handled.push(first ? textOf(first) : "");
    return Promise.resolve();
  });
  await eventually(() => handled.length === 2);
  assert.deepEqual(handled, ["1", "2"]);
  assert.ok(performance.now() - startedAt < 1_500);
});

test("a consumer that this process has not declared is a bug, said at once", async () => {
  const undeclared = rig.messaging.consume({ ...consumption(), durable: "nobody" }, () => Promise.resolve());
  await assert.rejects(undeclared, { name: "ConsumerNotDeclared" });
});

test("consuming goes on after kill -9 and restart of NATS, and after the loss of every stream", async () => {
  const handled: string[] = [];
  void rig.messaging.consume(consumption(), (messages) => {
    handled.push(...messages.map(textOf));
    return Promise.resolve();
  });
  await rig.messaging.publish(message(SUBJECT, "before"));
  await eventually(() => handled.includes("before"));
  await rig.nats.kill();
  await rig.nats.restart();
  await rig.messaging.publish(message(SUBJECT, "after restart"));
  await eventually(() => handled.includes("after restart"));
  await rig.nats.wipe();
  await rig.messaging.publish(message(SUBJECT, "after loss"));
  await eventually(() => handled.includes("after loss"));
  assert.equal(rig.messaging.isConnected(), true);
});

test("held messages are answered later and in any order, and never more than the limit are held", async () => {
  const held: Delivered[] = [];
  let most = 0;
  const stop = new AbortController();
  const options = { stream: "WORK", durable: "workers", heldMax: 4, signal: stop.signal };
  const holding = rig.messaging.hold(options, (one) => {
    held.push(one);
    most = Math.max(most, held.length);
  });
  await rig.messaging.publishMany(Array.from({ length: 12 }, (_, index) => message(SUBJECT, String(index))));
  const seen = new Set<string>();
  while (seen.size < 12) {
    await eventually(() => held.length > 0);
    await sleep(20);
    const last = held.pop();
    assert.ok(last);
    seen.add(textOf(last));
    last.ack();
  }
  await eventually(async () => (await countLeft()) === 0);
  assert.equal(most, 4);
  stop.abort();
  await holding;
});

test("a held message is kept from others past AckWait, and stopping waits for its answer", async () => {
  const stop = new AbortController();
  const held: Delivered[] = [];
  const options = { stream: "WORK", durable: "workers", heldMax: 4, signal: stop.signal };
  let resolved = false;
  const holding = rig.messaging
    .hold(options, (one) => void held.push(one))
    .then(() => {
      resolved = true;
    });
  await rig.messaging.publish(message(SUBJECT, "kept"));
  await eventually(() => held.length === 1);
  stop.abort();
  await sleep(2_600);
  assert.equal(resolved, false);
  assert.equal((await rig.messaging.readConsumerState("WORK", "workers")).redelivered, 0);
  held[0]?.ack();
  await holding;
  // An answer is on its way while its handler is already done.
  await eventually(async () => (await countLeft()) === 0);
});
