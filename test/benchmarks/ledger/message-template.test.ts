/** What the templates make is, byte for byte, what @solana/kit makes of the same transfers, and no two are alike. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getBase58Decoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Blockhash,
  type Instruction,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { getTransferInstruction } from "@solana-program/token";
import { encodeBase58, verifySignature, type KeyPair } from "@mira/primitives";
import { decodeTransaction } from "@mira/runtime/wire";
import { seededRandom } from "@mira/testing";
import { createBenchAccounts } from "./accounts.ts";
import { createTemplate, MESSAGE_OFFSET, signFromTemplate } from "./message-template.ts";
import { createTokenTransfers, deriveWithSeed } from "./tokens.ts";
import { createHotWorkload, createSolWorkload, createZipfWorkload } from "./transfers.ts";

const ACCOUNTS = createBenchAccounts(5);
const [FIRST, SECOND] = ACCOUNTS as [KeyPair, KeyPair];
function randomOf(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random.next();
}

const BLOCKHASH = new Uint8Array(32).fill(9);

function encodeByKit(payer: Uint8Array, instructions: readonly Instruction[]): Buffer {
  const message = pipe(
    createTransactionMessage({ version: "legacy" }),
    (empty) => setTransactionMessageFeePayer(address(encodeBase58(payer)), empty),
    (paid) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: getBase58Decoder().decode(BLOCKHASH) as Blockhash, lastValidBlockHeight: 1n },
        paid,
      ),
    (timed) => appendTransactionMessageInstructions(instructions, timed),
  );
  return Buffer.from(compileTransaction(message).messageBytes);
}

function transferByKit(wire: Buffer, from: number, to: number, amount: bigint): Instruction {
  const key = (index: number): Uint8Array => {
    const decoded = decodeTransaction(wire);
    assert.ok(decoded.ok);
    return wire.subarray(decoded.value.keysOffset + 32 * index, decoded.value.keysOffset + 32 * (index + 1));
  };
  return getTransferSolInstruction({
    source: createNoopSigner(address(encodeBase58(key(from)))),
    destination: address(encodeBase58(key(to))),
    amount,
  });
}

test("a SOL transfer is the message that kit compiles, signed by its payer", () => {
  const [wire = Buffer.alloc(0)] = createSolWorkload(ACCOUNTS, randomOf(1)).create(1, BLOCKHASH);
  const message = wire.subarray(MESSAGE_OFFSET);
  assert.deepEqual(message, encodeByKit(FIRST.publicKey, [transferByKit(wire, 0, 1, 1n)]));
  assert.ok(verifySignature(FIRST.publicKey, message, wire.subarray(1, 65)));
});

test("a transfer to the hot account is the message that kit compiles", () => {
  const [, wire = Buffer.alloc(0)] = createHotWorkload(ACCOUNTS).create(2, BLOCKHASH);
  const expected = getTransferSolInstruction({
    source: createNoopSigner(address(encodeBase58(SECOND.publicKey))),
    destination: address(encodeBase58(ACCOUNTS.at(-1)?.publicKey ?? BLOCKHASH)),
    amount: 2n,
  });
  assert.deepEqual(wire.subarray(MESSAGE_OFFSET), encodeByKit(SECOND.publicKey, [expected]));
});

test("two transfers in one transaction write three different accounts", () => {
  const wires = createZipfWorkload(ACCOUNTS, randomOf(2)).create(200, BLOCKHASH);
  for (const wire of wires) {
    const decoded = decodeTransaction(wire);
    assert.ok(decoded.ok, "the account twice, or not a transaction");
    assert.equal(decoded.value.accountKeyCount, 4);
  }
  const [wire = Buffer.alloc(0)] = wires;
  const written = [transferByKit(wire, 0, 1, 1n), transferByKit(wire, 0, 2, 1n)];
  const kit = encodeByKit(FIRST.publicKey, written);
  // Accounts of one rank may come in any order: kit sorts them by address.
  assert.deepEqual([...wire.subarray(MESSAGE_OFFSET)].sort(), [...kit].sort());
});

test("a token transfer is the message that kit compiles", () => {
  const holders = ACCOUNTS.map((owner) => ({ owner, account: deriveWithSeed(owner.publicKey, "seed") }));
  const [wire = Buffer.alloc(0)] = createTokenTransfers(holders, () => 0)(1, BLOCKHASH);
  const key = (index: number): string => encodeBase58(holders[index]?.account ?? new Uint8Array(32));
  const expected = getTransferInstruction({
    source: address(key(0)),
    destination: address(key(1)),
    authority: createNoopSigner(address(encodeBase58(FIRST.publicKey))),
    amount: 1n,
  });
  const kit = encodeByKit(FIRST.publicKey, [expected]);
  assert.deepEqual([...wire.subarray(MESSAGE_OFFSET)].sort(), [...kit].sort());
});

test("no two transactions of a workload are alike, also when payers come round again", () => {
  for (const workload of [
    createSolWorkload(ACCOUNTS, randomOf(3)),
    createHotWorkload(ACCOUNTS),
    createZipfWorkload(ACCOUNTS, randomOf(4)),
  ]) {
    const messages = [...workload.create(300, BLOCKHASH), ...workload.create(300, BLOCKHASH)];
    const distinct = new Set(messages.map((wire) => wire.subarray(MESSAGE_OFFSET).toString("latin1")));
    assert.equal(distinct.size, 600, workload.name);
  }
});

test("a marker that is missing or ambiguous is refused, and so is a second signer", () => {
  const payer = FIRST.publicKey;
  const template = createTemplate({ payer, blockhash: BLOCKHASH, instructions: [] });
  assert.throws(() => template.offsetOf(new Uint8Array(32).fill(7)), RangeError);
  assert.throws(() => template.offsetOf(Uint8Array.of(9)), RangeError);
  const cosigned = {
    programId: new Uint8Array(32),
    accounts: [{ key: BLOCKHASH, isSigner: true }],
    data: payer,
  };
  assert.throws(() => createTemplate({ payer, blockhash: BLOCKHASH, instructions: [cosigned] }), RangeError);
});

test("each transaction is a copy: filling the next does not change the one before", () => {
  const payer = FIRST.publicKey;
  const template = createTemplate({ payer, blockhash: BLOCKHASH, instructions: [] });
  const at = template.offsetOf(payer);
  const make = (byte: number): Buffer =>
    signFromTemplate(template, BLOCKHASH, FIRST.sign, (wire) => wire.fill(byte, at, at + 32));
  const first = make(5);
  make(6);
  assert.equal(first[at], 5);
  assert.equal(template.wire[at], payer[0]);
});
