/** Executors as processes, on a real NATS: partitions in, signed results out, whoever dies in between. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { bytesEqual, unwrap, type Lamports } from "@mira/primitives";
import { encodeTransaction, fixtureKey, transfer } from "@mira/runtime/fixtures";
import {
  accountKey,
  computeBatchResultHash,
  mergeReceipts,
  mergeWrites,
  packOutcome,
  rowsOf,
  verifyPartitionResult,
  type AccountValue,
  type SealedBatch,
  type TransactionRecord,
} from "@mira/runtime/wire";
import { eventually } from "@mira/testing";
import { createSmallNetwork, type SmallNetwork } from "./small-network.ts";

const SOL = 1_000_000_000n;
const people = Array.from({ length: 24 }, (_, index) => fixtureKey(`person-${index}`));
const networks: SmallNetwork[] = [];
after(() => Promise.all(networks.map((network) => network.close())));

async function startNetwork(): Promise<SmallNetwork> {
  const network = await createSmallNetwork();
  networks.push(network);
  network.fund(...people.map((key) => [key, person(1_000n * SOL)] as const));
  return network;
}

function person(lamports: bigint): AccountValue {
  return {
    lamports: lamports as Lamports,
    owner: new Uint8Array(32),
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
    data: new Uint8Array(0),
  };
}

/** Everybody pays a neighbour: chains of versions through the whole batch. */
function createTransfers(count: number, tag: string): TransactionRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [people[(index * 7) % people.length], people[(index * 11 + 1) % people.length]];
    assert.ok(from !== undefined && to !== undefined);
    const instructions = [
      transfer(from, to, BigInt(1 + (index % 5)) * (index % 9 === 0 ? 100_000n : 1n) * SOL),
    ];
    return {
      wire: encodeTransaction({ payer: from, instructions, blockhash: fixtureKey(`${tag}-${index}`) }),
    };
  });
}

/** What one VM says of the batches, run serially: by batch, the result hash. */
function executeSerially(network: SmallNetwork, batches: readonly SealedBatch[]): string[] {
  const state = new Map<string, AccountValue | undefined>(
    [...network.settlement.state].map(([key, { value }]) => [key, value]),
  );
  return batches.map(({ header, transactions }) => {
    for (const key of people) if (!state.has(accountKey(key))) state.set(accountKey(key), undefined);
    const output = unwrap(network.runtime.execute(header, state, transactions));
    for (const { key, value } of output.writes) state.set(key, value);
    const { receipts, writes } = packOutcome(output);
    return Buffer.from(computeBatchResultHash(rowsOf(receipts), rowsOf(writes))).toString("hex");
  });
}

/** The same from what executors published; undefined while partitions miss. */
function joinResults(network: SmallNetwork, batch: SealedBatch): string | undefined {
  const byPartition = new Map(
    network.results
      .filter(({ header }) => header.batchNumber === batch.header.batchNumber)
      .map((result) => [result.header.partition, result]),
  );
  const results = [...byPartition.values()];
  const receipts = mergeReceipts(results.map((result) => result.receipts));
  if (receipts.length < batch.transactions.count) return undefined;
  const hash = computeBatchResultHash(receipts, mergeWrites(results.map((result) => result.writes)));
  return Buffer.from(hash).toString("hex");
}

function assertJoined(
  network: SmallNetwork,
  batches: readonly SealedBatch[],
  timeoutMs: number,
): Promise<void> {
  const expected = executeSerially(network, batches);
  return eventually(
    () =>
      assert.deepEqual(
        batches.map((batch) => joinResults(network, batch)),
        expected,
      ),
    { timeoutMs },
  );
}

test("two executors give the bytes of one serial run, across partitions and batches that depend on each other", async () => {
  const network = await startNetwork();
  const executors = await Promise.all([network.startExecutor(), network.startExecutor()]);
  const sealed = Array.from({ length: 5 }, (_, index) =>
    network.sealing.seal(createTransfers(40, `b${index}`), 6),
  );
  await network.publish(sealed.flatMap(({ partitions }) => partitions));
  await assertJoined(
    network,
    sealed.map(({ batch }) => batch),
    15_000,
  );
  assert.ok(network.results.every(verifyPartitionResult));
  const authors = executors.filter(({ publicKey }) =>
    network.results.some(({ header }) => bytesEqual(header.executorId, publicKey)),
  );
  assert.equal(authors.length, 2, "both worked");
});

test("partitions in the wrong order wait for their versions and do not keep the earlier ones from coming", async () => {
  const network = await startNetwork();
  await network.startExecutor({ MIRA_EXECUTOR_HELD_MAX: "6" });
  const sealed = Array.from({ length: 2 }, (_, index) =>
    network.sealing.seal(createTransfers(30, `w${index}`), 3),
  );
  await network.publish(sealed.flatMap(({ partitions }) => partitions).reverse());
  await assertJoined(
    network,
    sealed.map(({ batch }) => batch),
    30_000,
  );
});

test("an executor killed in the middle: another finishes within seconds, with the same bytes", async () => {
  const network = await startNetwork();
  const [doomed] = await Promise.all([network.startExecutor(), network.startExecutor()]);
  assert.ok(doomed);
  const sealed = Array.from({ length: 20 }, (_, index) =>
    network.sealing.seal(createTransfers(40, `k${index}`), 5),
  );
  const publishing = network.publish(sealed.flatMap(({ partitions }) => partitions));
  await eventually(() => network.results.length > 5);
  const end = await doomed.end("SIGKILL");
  const diedAt = performance.now();
  await publishing;
  await assertJoined(
    network,
    sealed.map(({ batch }) => batch),
    20_000,
  );
  assert.equal(end, "SIGKILL");
  assert.ok(performance.now() - diedAt < 10_000, `recovered after ${performance.now() - diedAt} ms`);
});

test("an executor told to stop gives back what it has not run and ends cleanly", async () => {
  const network = await startNetwork();
  const leaving = await network.startExecutor();
  const sealed = network.sealing.seal(createTransfers(400, "s"), 5);
  await network.publish(sealed.partitions);
  await eventually(() => network.results.length > 3);
  assert.equal(await leaving.end("SIGTERM"), 0);
  const before = network.results.length;
  await network.startExecutor();
  await assertJoined(network, [sealed.batch], 20_000);
  assert.ok(before <= sealed.partitions.length);
  assert.equal(network.results.length, sealed.partitions.length, "nothing was published twice");
});

test("a partition that was settled meanwhile is acknowledged and not run again", async () => {
  const network = await startNetwork();
  network.settlement.settledBatches = 1;
  await network.startExecutor();
  const { partitions } = network.sealing.seal(createTransfers(10, "old"), 5);
  const next = network.sealing.seal(createTransfers(10, "new"), 10);
  await network.publish(partitions);
  network.fund(...people.map((key) => [key, person(500n * SOL)] as const));
  await eventually(async () => {
    const state = await network.messaging.readConsumerState("MIRA_PARTITIONS", "executors");
    assert.deepEqual([state.pending, state.unanswered], [0, 0]);
  });
  assert.deepEqual(network.results, []);
  assert.ok(next.batch.header.batchNumber === 1);
});
