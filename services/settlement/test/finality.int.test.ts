import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { SessionGranted } from "@mira/api/gen/mira/events/v1/events.ts";
import {
  CreateTransferRequest,
  GetBaseAccountRequest,
  GetConsistencyProofRequest,
  GetEntryProofRequest,
  GetSettledBatchRequest,
  StreamSnapshotRequest,
  TransferState,
  VoidTransferRequest,
  type CreateTransferResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { call, stream } from "@mira/chassis";
import { parseVerifierKey, verifyCheckpoint, verifyConsistency, type VerifiedCheckpoint } from "@mira/merkle";
import {
  createKeyPair,
  decodeAuditEntry,
  encodeBase58,
  signIntent,
  unwrap,
  type Result,
  type UnixMs,
} from "@mira/primitives";
import { accountKey, decodeSettledBatch } from "@mira/runtime/wire";
import { eventually } from "@mira/testing";
import { Harness, NETWORK } from "./harness.ts";
import { SampleExecutor, SampleSequencer, sampleKey } from "./samples.ts";

const SOL = 1_000_000_000n;
const [alice, bob] = ["alice", "bob"].map(sampleKey) as [Uint8Array, Uint8Array];
const [reexecutor, owner] = [createKeyPair(), createKeyPair()];
const ownerAccount = `owner/${encodeBase58(owner.publicKey)}`;
const executor = new SampleExecutor(new Map([[accountKey(alice), 10n * SOL]]));
const sequencer = new SampleSequencer();
let harness: Harness;

before(async () => {
  harness = await Harness.open({
    executors: [executor.keyPair],
    reexecutors: [reexecutor],
    accounts: [[alice, 10n * SOL]],
    allocations: [[ownerAccount, 1000n]],
    environment: { MIRA_SETTLEMENT_UNFINALIZED_MAX: "4" },
  });
});

after(() => harness.close());

async function publishBatch(nonce: number): Promise<void> {
  const sealed = sequencer.seal([{ from: alice, to: bob, lamports: 1000n, nonce }]);
  await harness.publishSealed(sealed);
  await harness.publishResult(executor.encode(executor.execute(sealed, 0, [0])));
}

async function readResultHash(batch: number): Promise<Uint8Array> {
  const request = GetSettledBatchRequest.create({ batchNumber: BigInt(batch) });
  return decodeSettledBatch(unwrap(await call(harness.client, "getSettledBatch", request)).packed).header
    .resultHash;
}

async function readSnapshot(): Promise<{ batches: bigint; accounts: Map<string, bigint> }> {
  const accounts = new Map<string, bigint>();
  let batches = -1n;
  for await (const message of stream(harness.client, "streamSnapshot", StreamSnapshotRequest.create({}))) {
    batches = message.finalizedBatches;
    for (const { key, lamports } of message.accounts) accounts.set(accountKey(key), lamports);
  }
  return { batches, accounts };
}

async function readCheckpoint(): Promise<VerifiedCheckpoint> {
  const key = unwrap(parseVerifierKey((await harness.status()).logVerifierKey));
  const { checkpoint } = unwrap(await call(harness.client, "getCheckpoint", {}));
  return unwrap(verifyCheckpoint(checkpoint, { origin: NETWORK, keys: [key] }));
}

test("a snapshot is as of a finalized batch, and holds nothing that is only settled", async () => {
  await publishBatch(1);
  await harness.waitForSettled(1);
  assert.deepEqual(await readSnapshot(), {
    batches: 0n,
    accounts: new Map([[accountKey(alice), 10n * SOL]]),
  });
  await harness.answer(reexecutor, { batch: 0, answer: "agree", resultHash: await readResultHash(0) });
  await harness.waitForFinalized(1);
  const snapshot = await eventually(async () => {
    const read = await readSnapshot();
    return read.batches === 1n ? read : Promise.reject(new Error(String(read.batches)));
  });
  assert.equal(snapshot.accounts.get(accountKey(alice)), executor.balance(alice));
  assert.equal(snapshot.accounts.get(accountKey(bob)), executor.balance(bob));
});

test("every later checkpoint extends the earlier ones", async () => {
  const before = await readCheckpoint();
  await publishBatch(2);
  await harness.waitForSettled(2);
  const after = await eventually(async () => {
    const read = await readCheckpoint();
    return read.size > before.size ? read : Promise.reject(new Error(`size ${read.size}`));
  });
  const request = GetConsistencyProofRequest.create({
    oldSize: BigInt(before.size),
    newSize: BigInt(after.size),
  });
  const { path } = unwrap(await call(harness.client, "getConsistencyProof", request));
  assert.ok(
    verifyConsistency({
      oldSize: before.size,
      newSize: after.size,
      oldRoot: before.root,
      newRoot: after.root,
      path,
    }),
  );
});

test("an event of another service becomes an audit entry that can be waited for", async () => {
  const payload = SessionGranted.encode(
    SessionGranted.create({
      sessionId: "session-1",
      owner: alice,
      limitLamports: 5n,
      expiresMs: 9n,
      atMs: 7n,
    }),
  ).finish();
  const request = GetEntryProofRequest.create({ by: { $case: "subject", value: "session-1" }, wait: true });
  const waiting = call(harness.client, "getEntryProof", request);
  const message = {
    subject: "mira.sessions.session.granted.v1",
    payload,
    id: "event-1",
    headers: { "Mira-Type": "SessionGranted" },
  };
  await harness.messaging.publish(message);
  const { proof } = unwrap(await waiting);
  const entry = unwrap(decodeAuditEntry(proof?.entry ?? new Uint8Array(0)));
  assert.equal(entry.kind, "session.granted");
  assert.equal(entry.subject, "session-1");
  assert.deepEqual(entry.fields[0], ["event id", "event-1"]);
});

function transfer(
  amountUnits: string,
  requestId: string,
  changes: Partial<CreateTransferRequest> = {},
): Promise<Result<CreateTransferResponse>> {
  const fields = [
    ["debit", ownerAccount],
    ["credit", "owner/x"],
    ["amount", amountUnits],
    ["reason", "test"],
  ] as const;
  const intent = signIntent(
    {
      networkId: NETWORK,
      purpose: "base.transfer",
      account: owner.publicKey,
      epoch: 0,
      requestId: Buffer.from(requestId.padEnd(16, "0").slice(0, 16)),
      notAfter: (Date.now() + 60_000) as UnixMs,
      fields,
    },
    owner,
  );
  const request = {
    requestId,
    debitAccount: ownerAccount,
    creditAccount: "owner/x",
    amountUnits,
    reason: "test",
    intent,
  };
  return call(harness.client, "createTransfer", CreateTransferRequest.create({ ...request, ...changes }));
}

async function readPosted(account: string): Promise<string> {
  return unwrap(await call(harness.client, "getBaseAccount", GetBaseAccountRequest.create({ account })))
    .posted;
}

test("base-ledger value moves once by request id, reserves and voids, and refuses what nobody signed", async () => {
  const first = unwrap(await transfer("10", "pay-1")).transfer;
  assert.equal(first?.state, TransferState.POSTED);
  const again = await transfer("11", "pay-1");
  assert.ok(!again.ok);
  assert.equal(again.code, "REQUEST_ID_REUSED");
  const unsigned = await transfer("10", "pay-2", { intent: undefined });
  assert.ok(!unsigned.ok);
  assert.equal(unsigned.code, "TRANSFER_FORBIDDEN");
  const tooMuch = await transfer("991", "pay-3");
  assert.ok(!tooMuch.ok);
  assert.equal(tooMuch.code, "BALANCE_INSUFFICIENT");
  const reserved = unwrap(await transfer("990", "pay-4", { pendingMs: 60_000n })).transfer;
  assert.equal(reserved?.state, TransferState.PENDING);
  const voided = await call(
    harness.client,
    "voidTransfer",
    VoidTransferRequest.create({ requestId: "void-1", transferId: "pay-4", reason: "" }),
  );
  assert.equal(unwrap(voided).transfer?.state, TransferState.VOIDED);
  assert.deepEqual([await readPosted(ownerAccount), await readPosted("owner/x")], ["990", "10"]);
});

test("a pending transfer expires by itself", async () => {
  unwrap(await transfer("5", "pay-5", { pendingMs: 100n }));
  await eventually(async () => {
    const account = unwrap(
      await call(harness.client, "getBaseAccount", GetBaseAccountRequest.create({ account: ownerAccount })),
    );
    return account.pendingOut === "0";
  });
  assert.equal(await readPosted(ownerAccount), "990");
});

test("a disagreement halts finality from its batch on, settling goes on up to its bound, and a restart forgets nothing", async () => {
  await harness.answer(reexecutor, { batch: 1, answer: "disagree", resultHash: new Uint8Array(32) });
  await eventually(async () => (await harness.status()).halted);
  for (const nonce of [3, 4, 5, 6]) await publishBatch(nonce);
  const status = await harness.waitForSettled(5);
  assert.equal(status.finalizedBatches, 1n);
  await harness.answer(reexecutor, { batch: 2, answer: "agree", resultHash: await readResultHash(2) });
  await harness.restart();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await harness.status();
  assert.deepEqual([after.settledBatches, after.finalizedBatches, after.halted], [5n, 1n, true]);
  assert.match(after.haltReason, /batch 1 is held/);
});

test("a log that is not the one signed before is never signed again: settlement refuses to start", async () => {
  await harness.kill();
  const client = new pg.Client({ connectionString: harness.database.url });
  await client.connect();
  await client.query("UPDATE settlement.audit_head SET size = size - 1");
  await client.end();
  await assert.rejects(harness.start(), /smaller than one signed before/);
});
