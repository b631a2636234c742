import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fixtureKey } from "@mira/runtime/fixtures";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import {
  createTransfer,
  openSequencer,
  PAYERS,
  readPublished,
  SETTINGS,
  StubSettlement,
} from "./sequencer.fixture.ts";

let database: TestDatabase;
let nats: TestNats;
before(async () => {
  database = await useTestDatabase();
  nats = await useTestNats();
});
after(async () => {
  await nats.close();
  await database.close();
});

test("#21 Arbitrum 2023-12: with settlement paused the window fills, then says no at once and typed; it opens when settlement moves", async () => {
  const settlement = new StubSettlement();
  for (const { publicKey } of PAYERS) settlement.fund(publicKey);
  const { submit, blockhash, term, crash } = await openSequencer({
    databaseUrl: database.url,
    natsUrl: nats.url,
    settlement,
  });
  const submitOne = (lamports: number) =>
    submit([createTransfer({ blockhash: blockhash(), to: fixtureKey("hot"), lamports })]);
  for (let batch = 0; batch < SETTINGS.order.speculationMax; batch++)
    assert.equal((await submitOne(batch)).refusals.size, 0);
  const startedAt = performance.now();
  const refusal = (await submitOne(100)).refusals.get(0);
  assert.equal(refusal?.code, "SPECULATION_LIMIT");
  assert.ok(performance.now() - startedAt < 100, "at once");
  assert.ok(Number(refusal.details["retryAfterMs"]) > 0);
  term.settle(1);
  assert.equal((await submitOne(101)).refusals.size, 0);
  settlement.settledBatches = term.window.nextBatch;
  await crash();
});

test("when NATS has lost everything, what is unsettled is published again", async () => {
  const settlement = new StubSettlement();
  for (const { publicKey } of PAYERS) settlement.fund(publicKey);
  settlement.settledBatches = 9;
  const { submit, blockhash, term, messaging, crash } = await openSequencer({
    databaseUrl: database.url,
    natsUrl: nats.url,
    settlement,
    settings: { stallMs: 400 },
  });
  await submit([createTransfer({ blockhash: blockhash(), lamports: 200 })]);
  await eventually(() => term.publisher.backlog === 0);
  await nats.wipe();
  await eventually(
    async () => {
      const { batches, partitions } = await readPublished(messaging);
      return batches.some(({ header }) => header.batchNumber === 9) && partitions.length > 0;
    },
    { timeoutMs: 15_000 },
  );
  await crash();
});
