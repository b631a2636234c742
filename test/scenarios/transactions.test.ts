/** The path of a transaction, for everything an integrator sends: in, ordered, executed, settled, final, proven. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyPair, encodeBase58, unwrap, verifyReceiptProof, type KeyPair } from "@mira/client";
import { createDevKey } from "@mira/localnet";
import * as runtime from "@mira/runtime/fixtures";
import { eventually } from "@mira/testing";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  getInitializeAccount3Instruction,
  getInitializeMint2Instruction,
  getMintToInstruction,
  getTokenDecoder,
  getTransferCheckedInstruction,
} from "@solana-program/token";
import type { Address, Instruction } from "@solana/kit";
import {
  assertEscrowHolds,
  readBlockhash,
  readData,
  readLamports,
  settle,
  settleWell,
  useLocalnet,
} from "./localnet.fixture.ts";
import { createTable, extendTable } from "./lookup-tables.fixture.ts";
import { addressOf, buildTransaction, signerOf, toKit, transferSol } from "./transactions.fixture.ts";

const localnet = useLocalnet();
const alice = createDevKey("alice");
const bob = createDevKey("bob").publicKey;
const SOL = 1_000_000_000n;
const FEE = 5_000n;
const ONE_BY_ONE = { legacy: 250_000_000n, v0: 300_000_000n } as const;

for (const [name, lamports] of Object.entries(ONE_BY_ONE))
  test(`a ${name} transfer of SOL goes through every stage and is proven offline`, async () => {
    const { client } = localnet.get();
    const before = await readLamports(client, bob);
    const receipt = await settle(
      client,
      buildTransaction({
        version: name === "legacy" ? "legacy" : 0,
        payer: alice,
        blockhash: await readBlockhash(client),
        instructions: [transferSol(alice, bob, lamports)],
      }),
      "finalized",
    );
    assert.equal(receipt.status, "ok");
    assert.equal(receipt.stage, "finalized");
    assert.equal(receipt.feeLamports, FEE);
    assert.equal(receipt.reversal, "");
    assert.ok(receipt.logs.some((line) => line.includes("success")));
    const { sequenced = 0, executed = 0, settled = 0, finalized = 0 } = receipt.times;
    assert.ok(0 < sequenced && sequenced <= executed && executed <= settled && settled < finalized);
    assert.ok(finalized >= receipt.reversibleUntil, "not final before it says so");
    assert.equal((await readLamports(client, bob)) - before, lamports);
    const proof = unwrap(await client.ledger.getReceiptProof(receipt.sequenceNumber));
    const proven = unwrap(verifyReceiptProof(proof, client.network));
    assert.equal(proven.receipt.sequence, receipt.sequenceNumber);
    assert.equal(proven.receipt.fee, FEE);
  });

test("a receipt that is settled says until when, and by whom, it can be reversed", async () => {
  const { client } = localnet.get();
  const receipt = await settle(client, await buildSimple(alice, [transferSol(alice, bob, 1_000_000n)]));
  if (receipt.stage !== "settled") return; // finalized while it was read
  assert.ok(receipt.reversibleUntil > (receipt.times.settled ?? 0));
  assert.notEqual(receipt.reversal, "");
});

test("a proof with any byte changed is refused", async () => {
  const { client } = localnet.get();
  const { sequenceNumber } = await settle(
    client,
    await buildSimple(alice, [transferSol(alice, bob, 5_000_000n)]),
  );
  const proof = unwrap(await client.ledger.getReceiptProof(sequenceNumber));
  const { receipt, receiptInclusion, batchEntry } = proof;
  assert.ok(receiptInclusion !== undefined && batchEntry?.inclusion !== undefined);
  const { inclusion } = batchEntry;
  for (const changed of eachByteChanged(receipt)) assertInvalid({ ...proof, receipt: changed });
  for (const entry of eachByteChanged(batchEntry.entry))
    assertInvalid({ ...proof, batchEntry: { ...batchEntry, entry } });
  for (const text of eachByteChanged(Buffer.from(batchEntry.checkpoint)))
    assertInvalid({
      ...proof,
      batchEntry: { ...batchEntry, checkpoint: Buffer.from(text).toString("latin1") },
    });
  for (const path of eachPathChanged(inclusion.path))
    assertInvalid({ ...proof, batchEntry: { ...batchEntry, inclusion: { ...inclusion, path } } });
  for (const path of eachPathChanged(receiptInclusion.path))
    assertInvalid({ ...proof, receiptInclusion: { ...receiptInclusion, path } });
  assertInvalid({ ...proof, receiptInclusion: { ...receiptInclusion, index: receiptInclusion.index + 1n } });

  function assertInvalid(changed: typeof proof): void {
    assert.equal(verifyReceiptProof(changed, client.network).ok, false);
  }
});

for (const [name, program] of [
  ["SPL Token", runtime.TOKEN_PROGRAM],
  ["Token-2022", runtime.TOKEN_2022_PROGRAM],
] as const)
  test(`${name}: a mint, two accounts, minted and transferred`, async () => {
    const { client } = localnet.get();
    const programAddress = addressOf(program);
    const [mint, mine, theirs] = [createKeyPair(), createKeyPair(), createKeyPair()];
    const open = (account: KeyPair, owner: Uint8Array): Instruction[] => [
      createOwned(account, 165, programAddress),
      getInitializeAccount3Instruction(
        { account: addressOf(account.publicKey), mint: addressOf(mint.publicKey), owner: addressOf(owner) },
        { programAddress },
      ),
    ];
    await settleWell(
      client,
      await buildSimple(
        alice,
        [
          createOwned(mint, 82, programAddress),
          getInitializeMint2Instruction(
            { mint: addressOf(mint.publicKey), decimals: 6, mintAuthority: addressOf(alice.publicKey) },
            { programAddress },
          ),
          ...open(mine, alice.publicKey),
        ],
        [mint, mine],
      ),
    );
    await settleWell(
      client,
      await buildSimple(
        alice,
        [
          ...open(theirs, bob),
          getMintToInstruction(
            {
              mint: addressOf(mint.publicKey),
              token: addressOf(mine.publicKey),
              mintAuthority: signerOf(alice),
              amount: 1_000n,
            },
            { programAddress },
          ),
          getTransferCheckedInstruction(
            {
              source: addressOf(mine.publicKey),
              mint: addressOf(mint.publicKey),
              destination: addressOf(theirs.publicKey),
              authority: signerOf(alice),
              amount: 400n,
              decimals: 6,
            },
            { programAddress },
          ),
        ],
        [theirs],
      ),
    );
    const amounts = await Promise.all(
      [mine, theirs].map(
        async ({ publicKey }) => getTokenDecoder().decode(await readData(client, publicKey)).amount,
      ),
    );
    assert.deepEqual(amounts, [600n, 400n]);
  });

test("a memo is in the receipt's logs", async () => {
  const { client } = localnet.get();
  const memo = toKit(runtime.memo("for the record", alice.publicKey));
  const receipt = await settleWell(client, await buildSimple(alice, [memo]));
  assert.ok(receipt.logs.some((line) => line.includes("for the record")));
});

test("a transaction that fails pays its fee, moves nothing else, and says why", async () => {
  const { client } = localnet.get();
  const [mine, theirs] = [await readLamports(client, alice.publicKey), await readLamports(client, bob)];
  const receipt = await settle(
    client,
    await buildSimple(alice, [transferSol(alice, bob, 10_000_000n * SOL)]),
  );
  assert.equal(receipt.succeeded, false);
  assert.notEqual(receipt.status, "ok");
  assert.equal(await readLamports(client, alice.publicKey), mine - FEE);
  assert.equal(await readLamports(client, bob), theirs);
});

test("a lookup table is created, extended, and names the recipient of a v0 transaction", async () => {
  const { client } = localnet.get();
  const { table, instruction } = await createTable(alice.publicKey, await readRecentSlot());
  const stranger = createKeyPair().publicKey;
  await settleWell(client, await buildSimple(alice, [toKit(instruction)]));
  await settleWell(
    client,
    await buildSimple(alice, [toKit(extendTable(table, alice.publicKey, [bob, stranger]))]),
  );
  const tables = { [addressOf(table)]: [addressOf(bob), addressOf(stranger)] };
  // What a table was given counts from the slot after.
  const receipt = await eventually(async () =>
    settleWell(
      client,
      buildTransaction({
        payer: alice,
        blockhash: await readBlockhash(client),
        instructions: [transferSol(alice, stranger, SOL)],
        tables,
      }),
    ),
  );
  assert.ok(receipt.writtenAccounts.some((key) => encodeBase58(key) === encodeBase58(stranger)));
  assert.equal(await readLamports(client, stranger), SOL);

  async function readRecentSlot(): Promise<bigint> {
    const { lastValidSlot } = unwrap(await client.ledger.getLatestBlockhash());
    return BigInt(lastValidSlot) - 151n;
  }
});

test("a user program is deployed through the upgradeable loader and invoked", async () => {
  const { client } = localnet.get();
  const [buffer, program, counter] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const elf = runtime.createWorkloadProgram();
  await settleWell(
    client,
    await buildSimple(alice, runtime.writeBuffer(alice.publicKey, buffer.publicKey, elf).map(toKit), [
      buffer,
    ]),
  );
  const deployment = await runtime.deployProgram({
    payer: alice.publicKey,
    program: program.publicKey,
    buffer: buffer.publicKey,
    elfBytes: elf.length,
  });
  await settleWell(client, await buildSimple(alice, deployment.map(toKit), [program]));
  await settleWell(
    client,
    await buildSimple(alice, [createOwned(counter, 8, addressOf(program.publicKey))], [counter]),
  );
  const invoke = (tag: number, exitCode = 0): Instruction =>
    toKit({
      programId: program.publicKey,
      accounts: [{ key: counter.publicKey, isWritable: true }],
      data: runtime.encodeWorkload({ turns: 100, exitCode, tag }),
    });
  // A program can be invoked from the slot after its deployment.
  await eventually(async () => settleWell(client, await buildSimple(alice, [invoke(1)])));
  await settleWell(client, await buildSimple(alice, [invoke(2)]));
  const failed = await settle(client, await buildSimple(alice, [invoke(3, 7)]));
  assert.match(failed.status, /7/);
  assert.equal(Buffer.from(await readData(client, counter.publicKey)).readBigUInt64LE(), 2n);
});

test("many in one call are sequenced in order, each on its own", async () => {
  const { client } = localnet.get();
  const blockhash = await readBlockhash(client);
  const before = await readLamports(client, bob);
  const amounts = Array.from({ length: 200 }, (_, index) => BigInt(1_000_000 + index));
  const transactions = amounts.map((amount) =>
    buildTransaction({ payer: alice, blockhash, instructions: [transferSol(alice, bob, amount)] }),
  );
  const broken = Uint8Array.from(transactions[7] ?? []).fill(0, 1, 65);
  const outcomes = unwrap(
    await client.ledger.submitTransactions([...transactions.slice(0, 7), broken, ...transactions.slice(8)]),
  );
  const refused = outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [`${index} ${outcome.code}`]));
  assert.deepEqual(refused, ["7 SIGNATURE_INVALID"]);
  const sequences = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  assert.ok(sequences.every((sequence, index) => sequence === Number(sequences[0]) + index));
  const last = sequences.at(-1) ?? assert.fail();
  unwrap(await client.ledger.waitForCommitment(last, "finalized", { deadlineMs: 30_000 }));
  const receipts = await Promise.all(sequences.map((sequence) => client.ledger.getReceipt(sequence)));
  assert.ok(receipts.every((receipt) => unwrap(receipt).succeeded));
  const moved = amounts.reduce((sum, amount) => sum + amount, 0n) - (amounts[7] ?? 0n);
  assert.equal((await readLamports(client, bob)) - before, moved);
  await assertEscrowHolds(client);
});

async function buildSimple(
  payer: KeyPair,
  instructions: readonly Instruction[],
  signers: readonly KeyPair[] = [],
): Promise<Uint8Array> {
  return buildTransaction({
    payer,
    signers,
    instructions,
    blockhash: await readBlockhash(localnet.get().client),
  });
}

function createOwned(account: KeyPair, space: number, programAddress: Address): Instruction {
  return getCreateAccountInstruction({
    payer: signerOf(alice),
    newAccount: signerOf(account),
    lamports: runtime.rentExempt(space),
    space,
    programAddress,
  });
}

function* eachByteChanged(bytes: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < bytes.length; index++) {
    const changed = Uint8Array.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    yield changed;
  }
}

function* eachPathChanged(path: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [at, hash] of path.entries())
    for (const changed of eachByteChanged(hash)) yield path.with(at, changed);
}
