import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COMPUTE_BUDGET,
  encodeRaw,
  fields,
  MEMO,
  SYSTEM,
  transferData,
  unitLimitData,
  type RawInstruction,
} from "../../fixtures/raw-transactions.ts";
import { decodeSystemTransfers, usesDurableNonce, type SystemTransfers } from "./system-program.ts";
import { decodeTransaction } from "./transaction.ts";

const OWNER = new Uint8Array(32).fill(7);
const FRIEND = new Uint8Array(32).fill(8);
const KEYS = [OWNER, FRIEND, SYSTEM, COMPUTE_BUDGET, MEMO];
const TRANSFER: RawInstruction = { program: 2, accounts: [0, 1], data: transferData(5n) };
const ADVANCE_NONCE: RawInstruction = { program: 2, accounts: [1, 0, 0], data: Buffer.of(4, 0, 0, 0) };

test("transfers are found with their accounts and amounts, and ComputeBudget counts as nothing else", () => {
  const { transfers, otherInstructions } = transfersOf({ program: 3, data: unitLimitData(5) }, TRANSFER, {
    program: 2,
    accounts: [1, 0],
    data: transferData(2n ** 64n - 1n),
  });
  assert.deepEqual(
    transfers.map(({ from, to, lamports }) => [from[0], to[0], lamports]),
    [
      [7, 8, 5n],
      [8, 7, 2n ** 64n - 1n],
    ],
  );
  assert.equal(otherInstructions, 0);
});

for (const [what, instruction] of [
  ["a memo", { program: 4, data: Buffer.from("hello") }],
  ["a transfer instruction to another program", { program: 4, accounts: [0, 1], data: transferData(5n) }],
  ["another System instruction", { program: 2, accounts: [0, 1], data: fields([0, 0, 0, 0], [8, 5n]) }],
  [
    "a transfer with bytes after its amount",
    { program: 2, accounts: [0, 1], data: Buffer.concat([transferData(5n), Buffer.of(0)]) },
  ],
  ["a short transfer", { program: 2, accounts: [0, 1], data: transferData(5n).subarray(0, 11) }],
  ["a transfer without a receiver", { program: 2, accounts: [0], data: transferData(5n) }],
] as const)
  test(`a session that may only transfer sees something else in ${what}`, () => {
    const { transfers, otherInstructions } = transfersOf(TRANSFER, instruction);
    assert.equal(transfers.length, 1);
    assert.equal(otherInstructions, 1);
  });

test("a transfer whose receiver comes from a lookup is something else: its key is not in the bytes", () => {
  const bytes = Buffer.concat([
    Buffer.of(1),
    Buffer.alloc(64),
    Buffer.of(0x80, 1, 0, 1, 2),
    OWNER,
    SYSTEM,
    Buffer.alloc(32),
    Buffer.of(1, 1, 2, 0, 2, 12),
    transferData(5n),
    Buffer.of(1),
    Buffer.alloc(32, 50),
    Buffer.of(1, 0, 0),
  ]);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  assert.deepEqual(decodeSystemTransfers(decoded.value, bytes), { transfers: [], otherInstructions: 1 });
});

test("incident Solana 2022-06-01 and Drift (ledger bug 4): a first AdvanceNonceAccount marks a durable nonce", () => {
  assert.equal(isNonce(ADVANCE_NONCE, TRANSFER), true);
  assert.equal(isNonce({ ...ADVANCE_NONCE, data: Buffer.of(4, 0, 0, 0, 9, 9) }), true);
  assert.equal(isNonce({ ...ADVANCE_NONCE, accounts: [] }), true);
});

test("a nonce instruction elsewhere, of another program or cut short is not a durable nonce", () => {
  assert.equal(isNonce(TRANSFER, ADVANCE_NONCE), false);
  assert.equal(isNonce({ ...ADVANCE_NONCE, program: 4 }), false);
  assert.equal(isNonce({ ...ADVANCE_NONCE, data: Buffer.of(4, 0, 0) }), false);
  assert.equal(isNonce({ ...ADVANCE_NONCE, data: Buffer.of(5, 0, 0, 0) }), false);
  assert.equal(isNonce(), false);
});

function encode(instructions: readonly RawInstruction[]): Buffer {
  return encodeRaw({ keys: KEYS, header: [1, 0, 3], instructions });
}

function transfersOf(...instructions: readonly RawInstruction[]): SystemTransfers {
  const bytes = encode(instructions);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  return decodeSystemTransfers(decoded.value, bytes);
}

function isNonce(...instructions: readonly RawInstruction[]): boolean {
  const bytes = encode(instructions);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  return usesDurableNonce(decoded.value, bytes);
}
