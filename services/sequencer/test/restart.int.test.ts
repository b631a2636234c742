import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createPool } from "@mira/chassis";
import { openEventStore } from "@mira/event-store";
import type { KeyPair } from "@mira/primitives";
import { fixtureKey } from "@mira/runtime/fixtures";
import { accountKey, AS_SETTLED } from "@mira/runtime/wire";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import type { OutgoingMessage } from "../src/ports.ts";
import { createBatchStore } from "../src/store/batch-store.ts";
import {
  createTransfer,
  openSequencer,
  PAYERS,
  readPublished,
  StubSettlement,
  type OpenedSequencer,
} from "./sequencer.fixture.ts";

let database: TestDatabase;
let nats: TestNats;
const [alice] = PAYERS as readonly [KeyPair];

before(async () => {
  database = await useTestDatabase();
  nats = await useTestNats();
});
after(async () => {
  await nats.close();
  await database.close();
});

function open(settlement: StubSettlement, options: Partial<Parameters<typeof openSequencer>[0]> = {}) {
  for (const { publicKey } of PAYERS) settlement.fund(publicKey);
  return openSequencer({ databaseUrl: database.url, natsUrl: nats.url, settlement, ...options });
}

async function submitSome({ submit, blockhash }: OpenedSequencer, lamports: number, count = PAYERS.length) {
  const wires = PAYERS.slice(0, count).map((payer) =>
    createTransfer({ blockhash: blockhash(), payer, lamports, to: fixtureKey("hot") }),
  );
  const outcome = await submit(wires);
  assert.equal(outcome.refusals.size, 0);
  return { wires, outcome };
}

test("killed between commit and publication, everything is published once by the next leader", async () => {
  const settlement = new StubSettlement();
  const never = () => new Promise<never>(() => undefined);
  const first = await open(settlement, { wrapOutlet: (outlet) => ({ ...outlet, publish: never }) });
  const { wires, outcome } = await submitSome(first, 1);
  await submitSome(first, 2, 3);
  await first.crash();

  const second = await open(settlement);
  assert.equal(second.term.window.speculation, 2);
  assert.equal(second.term.window.nextSequence, 19);
  const again = await second.submit(wires);
  assert.ok(
    [...again.refusals.values()].every(({ code }) => code === "TRANSACTION_DUPLICATE"),
    "known after a restart",
  );
  assert.equal(again.refusals.size, wires.length);
  await eventually(() => second.term.publisher.backlog === 0);
  await second.crash();

  const third = await open(settlement);
  await eventually(() => third.term.publisher.backlog === 0);
  const { batches, partitions } = await readPublished(third.messaging);
  assert.deepEqual(
    batches.map(({ header }) => header.batchNumber),
    [0, 1],
    "published by two leaders, there once",
  );
  assert.equal(batches[0]?.transactions.sequenceNumber(0), outcome.sequences[0]);
  const hot = accountKey(fixtureKey("hot"));
  const inputsOfHot = partitions.map(({ inputs }) =>
    Array.from({ length: inputs.count }, (_, index) => index)
      .filter((index) => inputs.key(index) === hot)
      .map((index) => inputs.version(index)),
  );
  assert.deepEqual(
    inputsOfHot,
    [[AS_SETTLED], [16]],
    "the second batch waits for the version that the first makes",
  );
  settlement.settledBatches = 2;
  await third.crash();
});

test("a settled window is not published again, and the order goes on without a gap", async () => {
  const settlement = new StubSettlement();
  settlement.settledBatches = 2;
  const messages: OutgoingMessage[] = [];
  const opened = await open(settlement, {
    wrapOutlet: (outlet) => ({
      ...outlet,
      publish: async (sent) => {
        messages.push(...sent);
        await outlet.publish(sent);
      },
    }),
  });
  assert.equal(opened.term.window.speculation, 0);
  const { outcome } = await submitSome(opened, 3, 1);
  assert.equal(outcome.sequences[0], 19);
  await eventually(() => opened.term.publisher.backlog === 0);
  assert.deepEqual(
    messages.map(({ id }) => id),
    ["batch-2", "partition-2-0"],
  );
  await opened.crash();
});

test("#3 Base 2025-08: an old leader whose lease was taken over commits nothing and says so", async () => {
  const settlement = new StubSettlement();
  settlement.settledBatches = 3;
  const old = await open(settlement, { leaseTtlMs: 500 });
  const { pool, events } = openStore();
  // The lease runs out unrenewed while the old leader stands still.
  const next = await open(settlement);
  assert.ok(next.lease.epoch > old.lease.epoch);
  const wire = createTransfer({ blockhash: old.blockhash(), payer: alice, lamports: 50 });
  const outcome = await old.submit([wire]).catch((error: unknown) => error);
  const code =
    outcome instanceof Error
      ? outcome.message
      : [...(outcome as Awaited<ReturnType<typeof old.submit>>).refusals.values()][0]?.code;
  assert.match(code ?? "", /NOT_LEADER/);
  assert.equal(await createBatchStore(events).countBatches(), 3, "nothing of it is in the order");
  const accepted = await next.submit([wire]);
  assert.equal(accepted.sequences[0], 20);
  await next.crash();
  await old.crash();
  await pool.end();
});

test("an append under an old epoch is refused by Postgres itself", async () => {
  const settlement = new StubSettlement();
  settlement.settledBatches = 4;
  const old = await open(settlement);
  const fence = old.lease.fence;
  await old.crash();
  const next = await open(settlement);
  const { pool, events } = openStore();
  const store = createBatchStore(events, fence);
  const cut = {
    partitions: 0,
    order: new Uint32Array(0),
    ends: new Uint32Array(0),
    lanes: new Uint16Array(0),
  };
  const appended = await store.append({
    batchNumber: await store.countBatches(),
    id: "00000000-0000-4000-8000-000000000000",
    bytes: new Uint8Array(1),
    cut,
    traceparent: "",
    deploys: [],
  });
  assert.equal(appended.ok ? "appended" : appended.code, "NOT_LEADER");
  await next.crash();
  await pool.end();
});

test("an append whose answer was lost is recognized when it is tried again", async () => {
  const settlement = new StubSettlement();
  settlement.settledBatches = 4;
  const leader = await open(settlement);
  const { pool, events } = openStore();
  const store = createBatchStore(events, leader.lease.fence);
  const append = {
    batchNumber: await store.countBatches(),
    id: "00000000-0000-4000-8000-000000000001",
    bytes: new Uint8Array([1]),
    cut: { partitions: 0, order: new Uint32Array(0), ends: new Uint32Array(0), lanes: new Uint16Array(0) },
    traceparent: "",
    deploys: [],
  };
  assert.equal((await store.append(append)).ok, true);
  assert.equal((await store.append(append)).ok, true, "the same batch");
  const other = await store.append({ ...append, id: "00000000-0000-4000-8000-000000000002" });
  assert.equal(other.ok ? "appended" : other.code, "CONCURRENT_CHANGE");
  await leader.crash();
  await pool.end();
});

function openStore() {
  const pool = createPool(database.url, { max: 2 });
  return { pool, events: openEventStore({ pool, schema: "sequencer" }) };
}
