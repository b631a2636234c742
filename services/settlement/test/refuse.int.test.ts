import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  GetAccountsRequest,
  GetReceiptRequest,
  ListEntriesRequest,
  ListQuarantineRequest,
  type QuarantinedResult,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { call } from "@mira/chassis";
import { STREAM } from "@mira/messaging";
import { createKeyPair, encodeBase58, unwrap, type AccountVersion, type Lamports } from "@mira/primitives";
import { accountKey, AS_SETTLED, decodePartition, type Partition } from "@mira/runtime/wire";
import { eventually } from "@mira/testing";
import { Harness } from "./harness.ts";
import {
  SampleExecutor,
  SampleSequencer,
  sampleKey,
  type ResultDraft,
  type SealedSample,
} from "./samples.ts";

const SOL = 1_000_000_000n;
const names = ["alice", "bob", "carol", "dora"] as const;
const [alice, bob, carol, dora] = names.map(sampleKey) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const funds = [alice, bob, carol, dora].map((key) => [key, 10n * SOL] as const);
const state = new Map(funds.map(([key, lamports]) => [accountKey(key), lamports]));
const [honest, liar, second, third] = [createKeyPair(), createKeyPair(), createKeyPair(), createKeyPair()];
const reexecutor = createKeyPair();
const truth = new SampleExecutor(state, honest);
const sequencer = new SampleSequencer();
const handedOut: Partition[] = [];
const stopping = new AbortController();
let nonce = 0;
let harness: Harness;

before(async () => {
  harness = await Harness.open({
    executors: [honest, liar, second, third],
    reexecutors: [reexecutor],
    accounts: funds,
    environment: { MIRA_SETTLEMENT_ATTEMPTS_MAX: "2", MIRA_SETTLEMENT_STALE_AFTER: "1500ms" },
  });
  const consumer = { stream: STREAM.partitions.name, durable: "executors" };
  await harness.messaging.declare({
    streams: [STREAM.partitions],
    consumers: [{ ...consumer, ackWaitMs: 2000, maxDeliver: 5, maxAckPending: 512 }],
  });
  void harness.messaging.consume({ ...consumer, batch: 8, signal: stopping.signal }, (messages) => {
    handedOut.push(...messages.map(({ payload }) => decodePartition(payload)));
    return Promise.resolve();
  });
});

after(async () => {
  stopping.abort();
  await harness.close();
});

function pay(
  from: Uint8Array,
  to: Uint8Array,
  lamports: bigint,
): { from: Uint8Array; to: Uint8Array; lamports: bigint; nonce: number } {
  return { from, to, lamports, nonce: ++nonce };
}

async function seal(...transfers: Array<ReturnType<typeof pay>>): Promise<SealedSample> {
  const sealed = sequencer.seal(transfers);
  await harness.publishSealed(sealed);
  return sealed;
}

/** The same draft as another executor would have made it, signed by that one. */
function signAs(executor: typeof liar, draft: ResultDraft): Uint8Array {
  return truth.encode({ ...draft, header: { ...draft.header, executorId: executor.publicKey } }, executor);
}

function addLamports(draft: ResultDraft, by: bigint, to: Uint8Array): ResultDraft {
  const writes = draft.content.writes.map((write) => {
    if (write.key !== accountKey(to) || write.value === undefined) return write;
    return { ...write, value: { ...write.value, lamports: (write.value.lamports + by) as Lamports } };
  });
  return { ...draft, content: { ...draft.content, writes } };
}

async function waitForRefusal(batch: number, code: string): Promise<QuarantinedResult> {
  return eventually(async () => {
    const { results } = unwrap(
      await call(harness.client, "listQuarantine", ListQuarantineRequest.create({})),
    );
    const found = results.find((row) => Number(row.batchNumber) === batch && row.refusal?.code === code);
    return (
      found ??
      Promise.reject(
        new Error(JSON.stringify(results, (_key, value: unknown) => String(value)).slice(0, 500)),
      )
    );
  });
}

async function waitForWork(batch: number, from = 0): Promise<Partition> {
  return eventually(() => {
    const found = handedOut.slice(from).find(({ header }) => header.batchNumber === batch);
    return found ?? Promise.reject(new Error(`nothing handed out for batch ${batch}`));
  });
}

async function readLamports(key: Uint8Array): Promise<bigint | undefined> {
  const { accounts } = unwrap(
    await call(harness.client, "getAccounts", GetAccountsRequest.create({ keys: [key] })),
  );
  return accounts[0]?.lamports;
}

test("a lamport out of nothing is refused, its executor set aside, the work goes to another, and the ledger goes on", async () => {
  const sealed = await seal(pay(alice, bob, SOL), pay(carol, dora, SOL));
  const draft = truth.execute(sealed, 0, [0]);
  await harness.publishResult(truth.encode(truth.execute(sealed, 1, [1])));
  await harness.publishResult(signAs(liar, addLamports(draft, 1n, bob)));
  const refused = await waitForRefusal(0, "RESULT_VALUE_NOT_CONSERVED");
  assert.equal(refused.executorId, encodeBase58(liar.publicKey));
  const work = await waitForWork(0);
  assert.equal(work.header.partition, 0);
  assert.equal(work.transactions.count, 1);
  assert.equal(work.transactions.sequenceNumber(0), 0);
  assert.deepEqual(
    Array.from({ length: work.inputs.count }, (_, index) => work.inputs.version(index)),
    [AS_SETTLED, AS_SETTLED, AS_SETTLED],
  );
  assert.equal((await harness.status()).settledBatches, 0n);
  assert.equal(await readLamports(alice), 10n * SOL);
  await harness.publishResult(signAs(second, draft));
  const status = await harness.waitForSettled(1);
  assert.equal(status.executors.find(({ setAside }) => setAside)?.executorId, encodeBase58(liar.publicKey));
  assert.equal(await readLamports(alice), truth.balance(alice));
});

test("an executor that is set aside is not heard again, also after a restart", async () => {
  await harness.restart();
  const sealed = await seal(pay(alice, bob, 5n));
  const draft = truth.execute(sealed, 0, [0]);
  await harness.publishResult(signAs(liar, draft));
  await waitForRefusal(1, "RESULT_UNSIGNED");
  assert.equal((await harness.status()).settledBatches, 1n);
  await harness.publishResult(truth.encode(draft));
  await harness.waitForSettled(2);
});

test("a refusal is recorded once, however often the process is killed before the batch is settled", async () => {
  const sealed = await seal(pay(alice, bob, 4n));
  const draft = truth.execute(sealed, 0, [0]);
  const inputs = draft.content.inputs.map((input) => ({ ...input, version: 0 as AccountVersion }));
  await harness.publishResult(truth.encode({ ...draft, content: { ...draft.content, inputs } }));
  await waitForRefusal(2, "RESULT_STALE_INPUT");
  const { quarantined } = await harness.status();
  for (const _round of [1, 2, 3]) await harness.restart();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await harness.status()).quarantined, quarantined);
  await harness.publishResult(truth.encode(draft));
  await harness.waitForSettled(3);
});

test("a stranger's result and a forged signature are refused, and the batch waits for a known executor", async () => {
  const sealed = await seal(pay(alice, bob, 6n));
  const draft = truth.execute(sealed, 0, [0]);
  await harness.publishResult(signAs(createKeyPair(), draft));
  const forged = truth.encode(draft).slice();
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  await harness.publishResult(forged);
  await eventually(async () => {
    const { results } = unwrap(
      await call(harness.client, "listQuarantine", ListQuarantineRequest.create({})),
    );
    return results.filter(({ batchNumber }) => batchNumber === 3n).length === 2;
  });
  assert.equal((await harness.status()).settledBatches, 3n);
  await harness.publishResult(truth.encode(draft));
  await harness.waitForSettled(4);
});

test("a stale input is refused without blame, and the executor may try again", async () => {
  const sealed = await seal(pay(alice, bob, 7n));
  const draft = truth.execute(sealed, 0, [0]);
  const inputs = draft.content.inputs.map((input) => ({ ...input, version: 0 as AccountVersion }));
  await harness.publishResult(truth.encode({ ...draft, content: { ...draft.content, inputs } }));
  await waitForRefusal(4, "RESULT_STALE_INPUT");
  await waitForWork(4);
  await harness.publishResult(truth.encode(draft));
  const status = await harness.waitForSettled(5);
  assert.equal(status.executors.filter(({ setAside }) => setAside).length, 1);
});

test("what was computed on a refused result is refused with it, and nobody is blamed for that", async () => {
  const sealed = await seal(pay(alice, bob, 8n), pay(bob, carol, 9n));
  const first = truth.execute(sealed, 0, [0]);
  const next = truth.execute(sealed, 1, [1]);
  await harness.publishResult(truth.encode(addLamports(next, 1n, bob)));
  await harness.publishResult(signAs(third, addLamports(first, 1n, bob)));
  await waitForRefusal(5, "RESULT_VALUE_NOT_CONSERVED");
  const dragged = await waitForRefusal(5, "RESULT_STALE_INPUT");
  assert.equal(dragged.executorId, encodeBase58(honest.publicKey));
  await harness.publishResult(truth.encode(next));
  await harness.publishResult(signAs(second, first));
  await harness.publishResult(truth.encode(next));
  const status = await harness.waitForSettled(6);
  assert.equal(await readLamports(carol), truth.balance(carol));
  assert.equal(
    status.executors.find(({ executorId }) => executorId === encodeBase58(honest.publicKey))?.setAside,
    false,
  );
});

test("#2 Base: work that nobody answers is handed out again, with a kill -9 in between", async () => {
  const sealed = await seal(pay(dora, carol, 3n));
  const from = handedOut.length;
  await harness.restart();
  const work = await waitForWork(6, from);
  assert.equal(work.transactions.count, 1);
  await harness.publishResult(truth.encode(truth.execute(sealed, 0, [0])));
  await harness.waitForSettled(7);
});

test("#14 sui 17200: transactions that fail too often get receipts that do nothing, and the ledger goes on with the rest", async () => {
  const sealed = await seal(pay(alice, bob, 11n), pay(bob, carol, 12n));
  const before = truth.balance(alice);
  const draft = truth.clone().execute(sealed, 0, [0]);
  const inputs = draft.content.inputs.map((input) => ({ ...input, version: 0 as AccountVersion }));
  const stale = { ...draft, content: { ...draft.content, inputs } };
  truth.skip(sealed, 0);
  const next = truth.execute(sealed, 1, [1]);
  await harness.publishResult(truth.encode(stale));
  await harness.publishResult(truth.encode(next));
  await waitForWork(7);
  await harness.publishResult(truth.encode({ ...stale, header: { ...stale.header, partition: 2 } }));
  await harness.publishResult(truth.encode(next));
  await eventually(async () => {
    const { results } = unwrap(
      await call(harness.client, "listQuarantine", ListQuarantineRequest.create({})),
    );
    return results.filter(({ batchNumber, partition }) => batchNumber === 7n && partition === 1).length === 2;
  });
  const from = handedOut.length;
  await waitForWork(7, from);
  await harness.publishResult(truth.encode(next));
  await harness.waitForSettled(8);
  const request = GetReceiptRequest.create({
    by: { $case: "sequenceNumber", value: BigInt(sealed.firstSequence) },
  });
  const { receipt } = unwrap(await call(harness.client, "getReceipt", request));
  assert.equal(receipt?.succeeded, false);
  assert.equal(receipt.status, "quarantined: RESULT_STALE_INPUT");
  assert.equal(receipt.feeLamports, 0n);
  assert.equal(await readLamports(alice), before);
  assert.equal(await readLamports(carol), truth.balance(carol));
});

test("the audit log tells of every refusal", async () => {
  const request = ListEntriesRequest.create({ subject: "batch/0/partition/0" });
  const { entries } = unwrap(await call(harness.client, "listEntries", request));
  assert.equal(entries.length, 1);
  assert.match(
    Buffer.from(entries[0]?.entry ?? []).toString("latin1"),
    /result\.refused.*RESULT_VALUE_NOT_CONSERVED/s,
  );
});
