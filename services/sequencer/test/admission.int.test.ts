import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createKeyPair, encodeBase58, type KeyPair } from "@mira/primitives";
import {
  advanceNonce,
  deployProgram,
  encodeTransaction,
  findProgramdataAddress,
  fixtureKey,
  LOOKUP_TABLE_PROGRAM,
} from "@mira/runtime/fixtures";
import { accountKey } from "@mira/runtime/wire";
import { eventually, useTestDatabase, useTestNats, type TestDatabase, type TestNats } from "@mira/testing";
import {
  createTransfer,
  openSequencer,
  PAYERS,
  readPublished,
  readTransfers,
  StubSessions,
  StubSettlement,
  type OpenedSequencer,
} from "./sequencer.fixture.ts";

let database: TestDatabase;
let nats: TestNats;
let opened: OpenedSequencer;
const settlement = new StubSettlement();
const sessions = new StubSessions();
const [alice, bob] = PAYERS as readonly [KeyPair, KeyPair];

before(async () => {
  database = await useTestDatabase();
  nats = await useTestNats();
  for (const { publicKey } of PAYERS) settlement.fund(publicKey);
  opened = await openSequencer({ databaseUrl: database.url, natsUrl: nats.url, settlement, sessions });
});
after(async () => {
  await opened.crash();
  await nats.close();
  await database.close();
});

function settleAll(): void {
  settlement.settledBatches = opened.term.window.nextBatch;
  opened.term.settle(settlement.settledBatches);
}

async function refuseOne(wire: Uint8Array, sessionId?: string) {
  const ids = new Map(sessionId === undefined ? [] : [[0, sessionId]]);
  const { refusals, sequences } = await opened.submit([wire], ids);
  const refusal = refusals.get(0);
  assert.ok(refusal, "needed a refusal");
  assert.equal(sequences[0], -1);
  return refusal;
}

async function admitOne(wire: Uint8Array, sessionId?: string): Promise<number> {
  const ids = new Map(sessionId === undefined ? [] : [[0, sessionId]]);
  const { refusals, sequences } = await opened.submit([wire], ids);
  assert.deepEqual([...refusals.values()], []);
  settleAll();
  return sequences[0] ?? -1;
}

test("what is submitted is durable when it is answered, and then published with its partitions", async () => {
  const wires = PAYERS.map((payer, index) =>
    createTransfer({ blockhash: opened.blockhash(), payer, to: fixtureKey(`to ${index}`) }),
  );
  const { sequences, refusals } = await opened.submit(wires);
  assert.equal(refusals.size, 0);
  assert.deepEqual(
    [...sequences],
    wires.map((_, index) => index),
  );
  await eventually(() => opened.term.publisher.backlog === 0);
  const { batches, partitions } = await readPublished(opened.messaging);
  assert.equal(batches.length, 1);
  const sealed = batches[0];
  assert.ok(sealed);
  for (const [index, wire] of wires.entries())
    assert.deepEqual(Buffer.from(sealed.transactions.wire(index)), Buffer.from(wire));
  const covered = partitions.flatMap(({ transactions }) =>
    Array.from({ length: transactions.count }, (_, index) => transactions.sequenceNumber(index)),
  );
  assert.deepEqual(
    covered.sort((left, right) => left - right),
    [...sequences],
  );
  settleAll();
});

test("cheap refusals: one row each", async () => {
  const blockhash = opened.blockhash();
  const nonce = encodeTransaction({
    payer: alice.publicKey,
    blockhash,
    instructions: [advanceNonce(fixtureKey("nonce"), alice.publicKey)],
    signers: [alice],
  });
  const refusedProgram = encodeTransaction({
    payer: alice.publicKey,
    blockhash,
    instructions: [{ programId: fixtureKey("refused program"), accounts: [], data: new Uint8Array(1) }],
    signers: [alice],
  });
  const rows: [string, Uint8Array][] = [
    ["TRANSACTION_MALFORMED", new Uint8Array(0)],
    ["TRANSACTION_MALFORMED", Buffer.concat([createTransfer({ blockhash }), Uint8Array.of(0)])],
    ["TRANSACTION_TOO_LARGE", new Uint8Array(1_233)],
    ["DURABLE_NONCE_REFUSED", nonce],
    ["PROGRAM_REFUSED", refusedProgram],
    ["PROGRAM_REFUSED", createTransfer({ blockhash, to: fixtureKey("runtime account") })],
    ["BLOCKHASH_EXPIRED", createTransfer({ blockhash: fixtureKey("no blockhash") })],
    ["SIGNATURE_INVALID", createTransfer({ blockhash, signer: bob })],
    ["FEE_PAYER_UNFUNDED", createTransfer({ blockhash, payer: createKeyPair(fixtureKey("broke")) })],
  ];
  for (const [code, wire] of rows) assert.equal((await refuseOne(wire)).code, code);
});

test("#7 LiteSVM dedupe: the same transaction twice: in one call, in the next batch, and signed by a re-signer", async () => {
  const wire = createTransfer({ blockhash: opened.blockhash(), lamports: 7 });
  const { sequences, refusals } = await opened.submit([wire, wire]);
  assert.ok((sequences[0] ?? -1) >= 0);
  assert.equal(refusals.get(1)?.code, "TRANSACTION_DUPLICATE");
  assert.equal((await refuseOne(wire)).code, "TRANSACTION_DUPLICATE");
  settleAll();
  assert.equal((await refuseOne(wire)).code, "TRANSACTION_DUPLICATE");
});

test("an invalid signature on someone's message does not keep the message out", async () => {
  const blockhash = opened.blockhash();
  assert.equal(
    (await refuseOne(createTransfer({ blockhash, lamports: 8, signer: bob }))).code,
    "SIGNATURE_INVALID",
  );
  await admitOne(createTransfer({ blockhash, lamports: 8 }));
});

test("a payer pays for what is pending before anything new, in one call too", async () => {
  const poor = createKeyPair(fixtureKey("poor"));
  settlement.fund(poor.publicKey, 12_000n);
  const blockhash = opened.blockhash();
  const wires = [1, 2, 3].map((lamports) => createTransfer({ blockhash, payer: poor, lamports }));
  const { refusals } = await opened.submit(wires);
  assert.deepEqual([...refusals.keys()], [2]);
  assert.equal(refusals.get(2)?.code, "FEE_PAYER_UNFUNDED");
  settleAll();
});

test("#11 firedancer 9629: a flood of broke payers does not delay honest ones", async () => {
  const blockhash = opened.blockhash();
  const flood = Array.from({ length: 400 }, (_, index) =>
    createTransfer({ blockhash, payer: createKeyPair(fixtureKey(`flood ${index}`)) }),
  );
  const flooding = opened.submit(flood);
  const honest = await opened.submit([createTransfer({ blockhash, lamports: 99 })]);
  assert.equal(honest.refusals.size, 0);
  const { refusals } = await flooding;
  assert.equal(refusals.size, 400);
  assert.ok([...refusals.values()].every(({ code }) => code === "FEE_PAYER_UNFUNDED"));
  settleAll();
});

test("a warm payer costs settlement no question", async () => {
  await admitOne(createTransfer({ blockhash: opened.blockhash(), lamports: 1_001 }));
  const before = settlement.keysRead.length;
  await admitOne(createTransfer({ blockhash: opened.blockhash(), lamports: 1_002 }));
  assert.equal(settlement.keysRead.length, before);
});

const TABLE = fixtureKey("table");
function createLookup(blockhash: Uint8Array, index: number): Uint8Array {
  const to = fixtureKey("looked up");
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(5n, 4);
  return encodeTransaction({
    payer: alice.publicKey,
    blockhash,
    instructions: [
      {
        programId: new Uint8Array(32),
        accounts: [
          { key: alice.publicKey, isSigner: true, isWritable: true },
          { key: to, isWritable: true },
        ],
        data,
      },
    ],
    lookups: { addresses: [to], lookups: [{ table: TABLE, writable: [index], readonly: [] }] },
    signers: [alice],
  });
}

function createTable(addresses: Uint8Array[], extendedSlot = 0n): Uint8Array {
  const meta = Buffer.alloc(56);
  meta.writeUInt32LE(1);
  meta.writeBigUInt64LE(2n ** 64n - 1n, 4);
  meta.writeBigUInt64LE(extendedSlot, 12);
  return Buffer.concat([meta, ...addresses]);
}

test("lookups are resolved from settled tables; the table is read-locked and pinned", async () => {
  const blockhash = opened.blockhash();
  assert.equal((await refuseOne(createLookup(blockhash, 0))).code, "LOOKUP_TABLE_NOT_FOUND");
  settleAll();
  settlement.set(TABLE, { owner: LOOKUP_TABLE_PROGRAM, data: createTable([fixtureKey("looked up")]) });
  await writeTable(30);
  settleAll();
  assert.equal((await refuseOne(createLookup(blockhash, 1))).code, "LOOKUP_TABLE_NOT_FOUND");
  const batchNumber = opened.term.window.nextBatch;
  await admitOne(createLookup(blockhash, 0));
  await eventually(() => opened.term.publisher.backlog === 0);
  const { batches } = await readPublished(opened.messaging);
  const sealed = batches.find(({ header }) => header.batchNumber === batchNumber);
  assert.deepEqual(
    sealed?.transactions.loaded(0).writable.map((key) => accountKey(key)),
    [accountKey(fixtureKey("looked up"))],
  );
  assert.deepEqual(
    sealed.transactions.implicitReads(0).map((key) => accountKey(key)),
    [accountKey(TABLE)],
  );
});

/** A table that was read is known until someone writes it. */
async function writeTable(lamports: number): Promise<void> {
  const { refusals } = await opened.submit([
    createTransfer({ blockhash: opened.blockhash(), to: TABLE, lamports }),
  ]);
  assert.equal(refusals.size, 0);
}

test("a table that an unsettled transaction writes decides nothing", async () => {
  await writeTable(31);
  // Within one slot the earlier test's transaction is this very message.
  await eventually(
    async () => (await refuseOne(createLookup(opened.blockhash(), 0))).code !== "TRANSACTION_DUPLICATE",
  );
  assert.equal((await refuseOne(createLookup(opened.blockhash(), 0))).code, "LOOKUP_TABLE_UNSETTLED");
  settleAll();
});

test("whoever locks a program that was deployed here reads its code too", async () => {
  const program = createKeyPair(fixtureKey("program"));
  const blockhash = opened.blockhash();
  const deployment = await deployProgram({
    payer: alice.publicKey,
    program: program.publicKey,
    buffer: fixtureKey("buffer"),
    elfBytes: 100,
  });
  await admitOne(
    encodeTransaction({
      payer: alice.publicKey,
      blockhash,
      instructions: deployment,
      signers: [alice, program],
    }),
  );
  const calls = [
    encodeTransaction({
      payer: bob.publicKey,
      blockhash,
      instructions: [{ programId: program.publicKey, accounts: [], data: new Uint8Array(1) }],
      signers: [bob],
    }),
    createTransfer({ blockhash, to: program.publicKey, lamports: 32 }),
  ];
  const programdata = accountKey(await findProgramdataAddress(program.publicKey));
  const batchNumber = opened.term.window.nextBatch;
  await opened.submit(calls);
  await eventually(() => opened.term.publisher.backlog === 0);
  const { batches } = await readPublished(opened.messaging);
  const sealed = batches.find(({ header }) => header.batchNumber === batchNumber);
  for (const index of [0, 1])
    assert.deepEqual(
      sealed?.transactions.implicitReads(index).map((key) => accountKey(key)),
      [programdata],
    );
  settleAll();
});

test("sessions: the session's key signs in the owner's slot, within scope and budget", async () => {
  const key = createKeyPair(fixtureKey("session key"));
  const now = Date.now();
  const view = {
    owner: alice.publicKey,
    key: key.publicKey,
    startsAt: now - 1_000,
    expiresAt: now + 60_000,
    isRevoked: false,
  };
  const id = (name: string) => encodeBase58(fixtureKey(name));
  sessions.views.set(id("good"), { ...view, id: id("good") });
  sessions.views.set(id("revoked"), { ...view, id: id("revoked"), isRevoked: true });
  sessions.views.set(id("over"), { ...view, id: id("over"), expiresAt: now - 1 });
  sessions.views.set(id("early"), { ...view, id: id("early"), startsAt: now + 50_000 });
  sessions.views.set(id("bobs"), { ...view, id: id("bobs"), owner: bob.publicKey });
  const blockhash = opened.blockhash();
  const signed = (lamports: number) => createTransfer({ blockhash, lamports, signer: key });
  const rows: [string, string, Uint8Array][] = [
    ["SESSION_NOT_FOUND", "none", signed(40)],
    ["SESSION_REVOKED", "revoked", signed(41)],
    ["SESSION_EXPIRED", "over", signed(42)],
    ["SESSION_NOT_STARTED", "early", signed(43)],
    ["SESSION_ACTION_DENIED", "bobs", signed(44)],
    ["SESSION_KEY_MISMATCH", "good", createTransfer({ blockhash, lamports: 45 })],
    ["SESSION_LIMIT_EXCEEDED", "good", signed(2_000_000)],
  ];
  for (const [code, name, wire] of rows) assert.equal((await refuseOne(wire, id(name))).code, code);
  assert.equal(
    (await refuseOne(signed(46))).code,
    "SIGNATURE_INVALID",
    "without the session its key is nobody's",
  );
  const batchNumber = opened.term.window.nextBatch;
  await admitOne(signed(47), id("good"));
  await eventually(() => opened.term.publisher.backlog === 0);
  const { batches } = await readPublished(opened.messaging);
  const record = batches.find(({ header }) => header.batchNumber === batchNumber)?.transactions.session(0);
  assert.deepEqual(
    [record?.id, record?.key].map((bytes) => accountKey(bytes ?? new Uint8Array(32))),
    [accountKey(fixtureKey("good")), accountKey(key.publicKey)],
  );
  assert.deepEqual(sessions.reserved.slice(-1).map(readTransfers), [[47n]]);
});
