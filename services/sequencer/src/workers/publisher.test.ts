import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchNumber, SequenceNumber, Slot, UnixMs } from "@mira/primitives";
import { encodeSealedBatch } from "@mira/runtime/wire";
import { eventually } from "@mira/testing";
import { trace } from "@opentelemetry/api";
import type { OutgoingMessage } from "../ports.ts";
import { Publisher } from "./publisher.ts";
import type { SealedWork } from "./unsettled-work.ts";

const HASH = new Uint8Array(32);

function createWork(batchNumber: number): SealedWork {
  const bytes = encodeSealedBatch(
    {
      batchNumber: batchNumber as BatchNumber,
      firstSequence: batchNumber as SequenceNumber,
      slot: 1 as Slot,
      unixTimestamp: 1,
      sealedAt: 1 as UnixMs,
      runtimeId: HASH,
      signatureRule: 1,
      feeRule: 1,
      parentHash: HASH,
      traceparent: "",
    },
    [{ wire: new Uint8Array(100) }],
  );
  const cut = {
    partitions: 1,
    order: Uint32Array.of(0),
    ends: Uint32Array.of(1),
    lanes: Uint16Array.of(0),
  };
  const inputs = { ends: Uint32Array.of(0), accounts: new Uint32Array(0), versions: new Float64Array(0) };
  return { batchNumber, bytes, cutBatch: { cut, inputs, keys: [] }, traceparent: "" };
}

function createPublisher(stallMs: number, publish: (messages: readonly OutgoingMessage[]) => Promise<void>) {
  const stopping = new AbortController();
  const declared: string[] = [];
  const saved: number[] = [];
  const publisher = new Publisher({
    outlet: { publish, declare: () => Promise.resolve(void declared.push("declared")) },
    store: { savePublished: (batches) => Promise.resolve(void saved.push(batches)) },
    clock: { now: Date.now },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tracer: trace.getTracer("test"),
    signal: stopping.signal,
    stallMs,
    republished: () => undefined,
  });
  const running = Promise.all([publisher.run(), publisher.watch()]);
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { publisher, declared, saved, stop };
}

test("batches go out in order, each batch before its partitions", async () => {
  const ids: string[] = [];
  const { publisher, saved, stop } = createPublisher(60_000, (messages) => {
    ids.push(...messages.map(({ id }) => id));
    return Promise.resolve();
  });
  for (let batch = 0; batch < 3; batch++) publisher.add(createWork(batch));
  await eventually(() => publisher.backlog === 0);
  assert.deepEqual(ids, ["batch-0", "partition-0-0", "batch-1", "partition-1-0", "batch-2", "partition-2-0"]);
  assert.deepEqual(saved.slice(0, 1), [3]);
  await stop();
});

test("after a failure the streams are declared and everything unsettled goes out again, under the same ids", async () => {
  const ids: string[] = [];
  let failures = 1;
  const { publisher, declared, stop } = createPublisher(60_000, (messages) => {
    if (failures-- > 0) return Promise.reject(new Error("no stream"));
    ids.push(...messages.map(({ id }) => id));
    return Promise.resolve();
  });
  publisher.add(createWork(0));
  await eventually(() => publisher.backlog === 0);
  assert.deepEqual(declared, ["declared"]);
  assert.deepEqual(ids, ["batch-0", "partition-0-0"]);
  await stop();
});

test("work that leads nowhere is offered again, first under its ids and then under new ones, until it is settled", async () => {
  const ids: string[] = [];
  const { publisher, stop } = createPublisher(20, (messages) => {
    ids.push(...messages.map(({ id }) => id));
    return Promise.resolve();
  });
  publisher.add(createWork(0));
  await eventually(() => ids.includes("partition-0-0-r1"));
  assert.equal(ids.filter((id) => id === "partition-0-0").length, 2);
  publisher.settle(1);
  const count = ids.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(ids.length, count);
  await stop();
});

test("what is settled before it was published is not published", async () => {
  const ids: string[] = [];
  const { publisher, stop } = createPublisher(60_000, (messages) => {
    ids.push(...messages.map(({ id }) => id));
    return Promise.resolve();
  });
  publisher.add(createWork(0));
  publisher.add(createWork(1));
  publisher.settle(1);
  await eventually(() => publisher.backlog === 0);
  assert.deepEqual(ids, ["batch-1", "partition-1-0"]);
  await stop();
});
