import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedTransactionInfo } from "litesvm/dist/internal.js";
import fc from "fast-check";
import {
  createSvm,
  encodeRaw,
  fund,
  key,
  MEMO,
  SYSTEM,
  COMPUTE_BUDGET,
  TOKEN,
  unitLimitData,
} from "../../fixtures/raw-transactions.ts";
import { accountKey } from "./key.ts";
import { computeLocks } from "./locks.ts";
import { RESERVED_KEYS } from "./programs.ts";
import { decodeTransaction } from "./transaction.ts";

const PAYER = new Uint8Array(32).fill(7);
const LOADER = key("BPFLoaderUpgradeab1e11111111111111111111111");
const LOOKED_UP = [1, 2, 3].map((seed) => new Uint8Array(32).fill(100 + seed));
const svm = createSvm();

test("the accounts locked for writing are those that the SVM would write", () => {
  fund(svm, PAYER, 10n ** 18n);
  const others = [...RESERVED_KEYS].map((reserved) => Buffer.from(reserved, "latin1") as Uint8Array);
  const plain = [TOKEN, LOADER, new Uint8Array(32).fill(20), new Uint8Array(32).fill(21)];
  const candidates = new Map([...others, ...plain].map((bytes) => [accountKey(bytes), bytes]));
  candidates.delete(accountKey(MEMO));
  candidates.delete(accountKey(COMPUTE_BUDGET));
  let demoted = 0;
  fc.assert(
    fc.property(fc.subarray([...candidates.values()], { maxLength: 20 }), fc.nat(22), (chosen, readonly) => {
      const keys = [PAYER, MEMO, COMPUTE_BUDGET, ...chosen];
      const bytes = encodeRaw({
        keys,
        header: [1, 0, Math.min(readonly, keys.length - 1)],
        instructions: [
          { program: 2, data: unitLimitData(100_000) },
          { program: 1, data: Buffer.from("memo") },
        ],
      });
      const decoded = decodeTransaction(bytes);
      assert.ok(decoded.ok);
      const locks = computeLocks(decoded.value, bytes);
      assert.ok(locks.ok);
      const simulated = svm.simulateVersionedTransaction(bytes);
      assert.ok(
        simulated instanceof SimulatedTransactionInfo,
        "the SVM must run it for the comparison to hold",
      );
      const written = simulated.postAccounts().map(({ address }) => accountKey(address));
      assert.deepEqual(
        locks.value
          .filter(({ writable }) => writable)
          .map((lock) => lock.key)
          .sort(),
        written.sort(),
      );
      demoted += keys.length - Math.min(readonly, keys.length - 1) - written.length;
    }),
    { numRuns: 500 },
  );
  assert.ok(demoted > 100, "write locks on reserved keys and programs must have been demoted");
});

test("looked-up accounts are locked after the named ones, writable ones first", () => {
  const bytes = withLookup([SYSTEM], 2, 1);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  const locks = computeLocks(decoded.value, bytes, {
    writable: LOOKED_UP.slice(0, 2),
    readonly: LOOKED_UP.slice(2),
  });
  assert.ok(locks.ok);
  assert.deepEqual(
    locks.value.map((lock) => [lock.key.charCodeAt(5), lock.writable]),
    [
      [7, true],
      [0, false],
      [101, true],
      [102, true],
      [103, false],
    ],
  );
});

test("an account that a lookup loads a second time is refused", () => {
  const bytes = withLookup([SYSTEM], 1, 1);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  for (const [writable, readonly] of [
    [SYSTEM, LOOKED_UP[0]],
    [LOOKED_UP[0], LOOKED_UP[0]],
  ] as const) {
    const locks = computeLocks(decoded.value, bytes, {
      writable: [writable ?? SYSTEM],
      readonly: [readonly ?? SYSTEM],
    });
    assert.equal(locks.ok ? "accepted" : locks.code, "ACCOUNT_LOADED_TWICE");
  }
});

test("lookups that resolve to fewer accounts than they name are refused", () => {
  const bytes = withLookup([SYSTEM], 2, 1);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  const locks = computeLocks(decoded.value, bytes, {
    writable: LOOKED_UP.slice(0, 1),
    readonly: LOOKED_UP.slice(2),
  });
  assert.equal(locks.ok ? "accepted" : locks.code, "TRANSACTION_MALFORMED");
  assert.equal(computeLocks(decoded.value, bytes).ok, false);
});

/** A v0 transaction of the payer, other static read-only keys, and one table. */
function withLookup(others: readonly Uint8Array[], writable: number, readonly: number): Buffer {
  const indexes = (count: number): Buffer =>
    Buffer.from([count, ...Array.from({ length: count }, (_, at) => at)]);
  return Buffer.concat([
    Buffer.of(1),
    Buffer.alloc(64),
    Buffer.of(0x80, 1, 0, others.length, 1 + others.length),
    PAYER,
    ...others,
    Buffer.alloc(32),
    Buffer.of(0, 1),
    Buffer.alloc(32, 50),
    indexes(writable),
    indexes(readonly),
  ]);
}
