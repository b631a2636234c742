import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  GetAccountsRequest,
  GetReceiptProofRequest,
  GetReceiptRequest,
  GetSettledBatchRequest,
  WaitForCommitmentRequest,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { Commitment, Stage } from "@mira/api/gen/mira/types/v1/types.ts";
import { call } from "@mira/chassis";
import { hashLeaf, parseVerifierKey, verifyCheckpoint, verifyInclusion } from "@mira/merkle";
import { createKeyPair, decodeAuditEntry, decodeHex, findAuditField, unwrap } from "@mira/primitives";
import { accountKey, decodeReceiptLeaf, decodeSettledBatch } from "@mira/runtime/wire";
import { Harness, NETWORK } from "./harness.ts";
import { SampleExecutor, SampleSequencer, encodeTransfer, sampleKey, type Transfer } from "./samples.ts";

const SOL = 1_000_000_000n;
const [alice, bob, carol] = ["alice", "bob", "carol"].map(sampleKey) as [Uint8Array, Uint8Array, Uint8Array];
const reexecutor = createKeyPair();
const executor = new SampleExecutor(new Map([[accountKey(alice), 10n * SOL]]));
const sequencer = new SampleSequencer();
let harness: Harness;

before(async () => {
  harness = await Harness.open({
    executors: [executor.keyPair],
    reexecutors: [reexecutor],
    accounts: [[alice, 10n * SOL]],
  });
});

after(() => harness.close());

const FIRST: readonly Transfer[] = [
  { from: alice, to: bob, lamports: SOL, nonce: 1 },
  { from: bob, to: carol, lamports: SOL / 4n, nonce: 2 },
  { from: carol, to: alice, lamports: 99n * SOL, nonce: 3 },
];

test("#17 sui 24762: a batch is settled from its results, whatever order they come in", async () => {
  const sealed = sequencer.seal(FIRST);
  const results = [[0], [1], [2]].map((places, partition) =>
    executor.encode(executor.execute(sealed, partition, places)),
  );
  for (const result of results.toReversed()) await harness.publishResult(result);
  await harness.publishSealed(sealed);
  const status = await harness.waitForSettled(1);
  assert.equal(status.settledSequence, 3n);
  assert.equal(status.runtimeLamports, 10n * SOL - 15_000n);
  assert.equal(status.escrowLamports, status.runtimeLamports);
  assert.equal(status.quarantined, 0n);
});

test("accounts are read as of the settled batch, absent ones too", async () => {
  const nobody = sampleKey("nobody");
  const request = GetAccountsRequest.create({ keys: [alice, nobody, bob], atLeastBatch: 1n });
  const { accounts, settledBatches } = unwrap(await call(harness.client, "getAccounts", request));
  assert.equal(settledBatches, 1n);
  assert.deepEqual(
    accounts.map(({ exists, lamports, version }) => ({ exists, lamports, version })),
    [
      { exists: true, lamports: executor.balance(alice), version: 3n },
      { exists: false, lamports: 0n, version: 0n },
      { exists: true, lamports: executor.balance(bob), version: 2n },
    ],
  );
});

test("a receipt is found by sequence number and by transaction id, and says what would reverse it", async () => {
  const [first] = FIRST;
  assert.ok(first !== undefined);
  const transactionId = encodeTransfer(first).subarray(1, 65);
  const byId = GetReceiptRequest.create({ by: { $case: "transactionId", value: transactionId } });
  const bySequence = GetReceiptRequest.create({ by: { $case: "sequenceNumber", value: 0n } });
  const found = unwrap(await call(harness.client, "getReceipt", byId)).receipt;
  assert.deepEqual(found, unwrap(await call(harness.client, "getReceipt", bySequence)).receipt);
  assert.ok(found !== undefined);
  assert.equal(found.stage, Stage.SETTLED);
  assert.equal(found.succeeded, true);
  assert.equal(found.feeLamports, 5000n);
  assert.deepEqual(Buffer.from(found.transactionId), transactionId);
  assert.equal(found.writtenAccounts.length, 2);
  assert.match(found.reversal, /re-execution/);
  assert.ok(found.reversibleUntilMs > 0n);
});

test("an unknown transaction id, and a sequence number to come, are not found", async () => {
  for (const by of [
    { $case: "transactionId" as const, value: new Uint8Array(64) },
    { $case: "sequenceNumber" as const, value: 3n },
  ]) {
    const result = await call(harness.client, "getReceipt", GetReceiptRequest.create({ by }));
    assert.ok(!result.ok);
    assert.equal(result.code, "NOT_FOUND");
  }
});

test("a receipt is proved up to a signed checkpoint", async () => {
  const request = GetReceiptProofRequest.create({ sequenceNumber: 2n });
  const { proof } = unwrap(await call(harness.client, "getReceiptProof", request));
  const entryProof = proof?.batchEntry;
  assert.ok(proof?.receiptInclusion !== undefined && entryProof?.inclusion !== undefined);
  const receipt = decodeReceiptLeaf(proof.receipt);
  assert.equal(receipt.sequence, 2);
  assert.equal(receipt.status, 1);
  const entry = unwrap(decodeAuditEntry(entryProof.entry));
  const root = decodeHex(findAuditField(entry, "receipts root") ?? "") ?? new Uint8Array(0);
  assert.ok(
    verifyInclusion({
      leafHash: hashLeaf(proof.receipt),
      index: Number(proof.receiptInclusion.index),
      treeSize: Number(proof.receiptInclusion.treeSize),
      path: proof.receiptInclusion.path,
      root,
    }),
  );
  const key = unwrap(parseVerifierKey((await harness.status()).logVerifierKey));
  const checkpoint = unwrap(verifyCheckpoint(entryProof.checkpoint, { origin: NETWORK, keys: [key] }));
  assert.ok(
    verifyInclusion({
      leafHash: hashLeaf(entryProof.entry),
      index: Number(entryProof.inclusion.index),
      treeSize: checkpoint.size,
      path: entryProof.inclusion.path,
      root: checkpoint.root,
    }),
  );
});

test("finality waits for an independent agreement, then comes, and nothing brings it back", async () => {
  const batch = GetSettledBatchRequest.create({ batchNumber: 0n });
  const { packed, finalized } = unwrap(await call(harness.client, "getSettledBatch", batch));
  assert.equal(finalized, false);
  const { resultHash } = decodeSettledBatch(packed).header;
  await harness.answer(executor.keyPair, { batch: 0, answer: "agree", resultHash });
  await harness.answer(reexecutor, { batch: 0, answer: "unable", resultHash: new Uint8Array(0) });
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal((await harness.status()).finalizedBatches, 0n);
  const wait = WaitForCommitmentRequest.create({ sequenceNumber: 2n, commitment: Commitment.FINALIZED });
  const waiting = call(harness.client, "waitForCommitment", wait);
  await harness.answer(reexecutor, { batch: 0, answer: "agree", resultHash });
  const { receipt } = unwrap(await waiting);
  assert.equal(receipt?.stage, Stage.FINALIZED);
  assert.equal(receipt.reversal, "");
  await harness.answer(reexecutor, { batch: 0, answer: "disagree", resultHash: new Uint8Array(32) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const status = await harness.status();
  assert.equal(status.finalizedBatches, 1n);
  assert.equal(status.halted, false);
});

test("after a kill -9 everything is there again, and the ledger goes on", async () => {
  const before = await harness.status();
  await harness.restart();
  const after = await harness.status();
  for (const field of [
    "settledBatches",
    "finalizedBatches",
    "settledSequence",
    "runtimeLamports",
    "escrowLamports",
  ] as const)
    assert.equal(after[field], before[field], field);
  assert.ok(after.epoch > before.epoch);
  const sealed = sequencer.seal([{ from: alice, to: carol, lamports: 7n, nonce: 9 }]);
  await harness.publishSealed(sealed);
  await harness.publishResult(executor.encode(executor.execute(sealed, 0, [0])));
  await harness.waitForSettled(2);
  const request = GetAccountsRequest.create({ keys: [carol], atLeastBatch: 2n });
  const { accounts } = unwrap(await call(harness.client, "getAccounts", request));
  assert.equal(accounts[0]?.lamports, executor.balance(carol));
});
