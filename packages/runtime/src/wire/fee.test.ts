import assert from "node:assert/strict";
import { test } from "node:test";
import { FailedTransactionMetadata } from "litesvm/dist/internal.js";
import fc from "fast-check";
import {
  COMPUTE_BUDGET,
  createSvm,
  encodeRaw,
  fields,
  fund,
  key,
  MEMO,
  SYSTEM,
  transferData,
  unitLimitData,
  unitPriceData,
  type RawInstruction,
} from "../../fixtures/raw-transactions.ts";
import { computeUnitLimit, decodeComputeBudget } from "./compute-budget.ts";
import { computeFee } from "./fee.ts";
import { decodeTransaction } from "./transaction.ts";

const PAYER = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(9);
const PROGRAMS = [
  "Ed25519SigVerify111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "Stake11111111111111111111111111111111111111",
  "Config1111111111111111111111111111111111111",
  "AddressLookupTab1e1111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
  "ZkE1Gama1Proof11111111111111111111111111111",
  "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
  "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
].map(key);
const KEYS = [PAYER, OTHER, SYSTEM, COMPUTE_BUDGET, MEMO, ...PROGRAMS];
const SYSTEM_AT = 2;
const BUDGET_AT = 3;
const MEMO_AT = 4;
const FUNDS = 10n ** 18n;
const svm = createSvm();

const budgetData = fc.oneof(
  fc.constantFrom(0, 1, 1_000, 150_000, 1_400_000, 1_400_001, 2 ** 32 - 1).map(unitLimitData),
  fc.oneof(fc.bigInt(0n, 3_000_000n), fc.bigInt(0n, 2n ** 64n - 1n)).map(unitPriceData),
  fc
    .constantFrom(0n, 1n, 32_768n, 65_536n, 65_537n, 262_144n, 300_000n)
    .map((bytes) => fields([1], [4, bytes])),
  fc.constantFrom(0n, 1n, 1_000_000n, 2n ** 32n - 1n).map((bytes) => fields([4], [4, bytes])),
  fc.uint8Array({ maxLength: 10 }).map((data) => Buffer.from(data)),
  fc
    .tuple(fc.bigInt(0n, 5_000_000n), fc.uint8Array({ maxLength: 3 }))
    .map(([price, tail]) => Buffer.concat([unitPriceData(price), tail])),
);
const instruction: fc.Arbitrary<RawInstruction> = fc.oneof(
  budgetData.map((data) => ({ program: BUDGET_AT, data })),
  fc
    .bigInt(0n, 10n ** 9n)
    .map((lamports) => ({ program: SYSTEM_AT, accounts: [0, 1], data: transferData(lamports) })),
  fc.constant({ program: MEMO_AT, data: Buffer.from("memo") }),
  fc
    .tuple(fc.nat(PROGRAMS.length - 1), fc.uint8Array({ maxLength: 12 }))
    .map(([program, data]) => ({ program: MEMO_AT + 1 + program, data })),
);

test("the fee is what litesvm takes, to the lamport, whatever the instructions", () => {
  const seen = { charged: 0, refused: 0, priority: 0 };
  fc.assert(
    fc.property(fc.array(instruction, { minLength: 1, maxLength: 6 }), (instructions) => {
      const bytes = encodeRaw({ keys: KEYS, header: [1, 0, KEYS.length - 2], instructions });
      const computed = feeOf(bytes);
      const { announced, charged } = send(bytes);
      assert.equal(computed, announced);
      assert.ok(charged === 0n || charged === computed, `charged ${charged}, computed ${computed}`);
      if (charged > 0n) seen.charged++;
      if (computed === 0n) seen.refused++;
      if (charged > 0n && charged % 5_000n !== 0n) seen.priority++;
    }),
    { numRuns: 2_000 },
  );
  assert.ok(seen.charged > 200 && seen.refused > 200 && seen.priority > 50, JSON.stringify(seen));
});

test("two signers pay for two signatures", () => {
  const bytes = encodeRaw({
    keys: [PAYER, OTHER, MEMO],
    header: [2, 1, 1],
    instructions: [{ program: 2, data: Buffer.from("memo") }],
  });
  assert.equal(feeOf(bytes), 10_000n);
  assert.deepEqual(send(bytes), { announced: 10_000n, charged: 10_000n });
});

test("the priority fee is rounded up, never down", () => {
  const fee = (units: number, price: bigint): bigint =>
    feeOf(budgetTransaction(unitLimitData(units), unitPriceData(price)));
  assert.equal(fee(1, 1n), 5_001n);
  assert.equal(fee(1_000_000, 1n), 5_001n);
  assert.equal(fee(1_000_001, 1n), 5_002n);
  assert.equal(fee(1_400_000, 2n ** 64n - 1n), 2n ** 64n - 1n);
});

for (const [what, ...data] of [
  ["a limit set twice", unitLimitData(1), unitLimitData(1)],
  ["a price set twice", unitPriceData(1n), unitPriceData(1n)],
  ["an unknown instruction", Buffer.of(9, 0, 0, 0, 0)],
  ["the retired instruction 0", Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 0)],
  ["no data", Buffer.alloc(0)],
  ["a short price", Buffer.of(3, 0, 0, 0, 0, 0, 0, 0)],
  ["a heap that is too small", fields([1], [4, 1_024n])],
  ["a heap of odd size", fields([1], [4, 32_769n])],
  ["a loaded data limit of zero", fields([4], [4, 0n])],
] as const)
  test(`ComputeBudget: ${what} is refused, and the SVM takes no fee for it`, () => {
    const bytes = budgetTransaction(...data);
    const decoded = decodeTransaction(bytes);
    assert.ok(decoded.ok);
    const budget = decodeComputeBudget(decoded.value, bytes);
    assert.equal(budget.ok ? "accepted" : budget.code, "TRANSACTION_MALFORMED");
    assert.equal(computeFee(decoded.value, bytes), 0n);
    assert.equal(computeUnitLimit(decoded.value, bytes), 0);
    assert.equal(send(bytes).charged, 0n);
  });

function budgetTransaction(...data: readonly Buffer[]): Buffer {
  return encodeRaw({
    keys: [PAYER, COMPUTE_BUDGET],
    header: [1, 0, 1],
    instructions: data.map((one) => ({ program: 1, data: one })),
  });
}

function feeOf(bytes: Uint8Array): bigint {
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  return computeFee(decoded.value, bytes);
}

/** What litesvm says the fee is, and what is really missing afterwards, transfers apart. */
function send(bytes: Uint8Array): { announced: bigint; charged: bigint } {
  fund(svm, PAYER, FUNDS);
  fund(svm, OTHER, FUNDS);
  const outcome = svm.sendVersionedTransaction(bytes);
  const meta = outcome instanceof FailedTransactionMetadata ? outcome.meta() : outcome;
  const announced = BigInt(/fee: (\d+)/.exec(meta.toString())?.[1] ?? "-1");
  const left = (svm.getBalance(PAYER) ?? 0n) + (svm.getBalance(OTHER) ?? 0n);
  return { announced, charged: 2n * FUNDS - left };
}
