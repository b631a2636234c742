import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DurationMs, UnixMs } from "@mira/primitives";
import { findInReceiptIndex, packReceiptIndex } from "./receipt-index.ts";
import { decideNextStep, type ResultRefusalCode } from "./refusal-policy.ts";
import { NO_OUTFLOW, computeVelocityWait, recordOutflow } from "./velocity.ts";
import { Waiters } from "./waiters.ts";
import { parseGenesis } from "./genesis.ts";

test("property: every transaction id is found at its place, and only ids with the same beginning are candidates", () => {
  const byte = fc.constantFrom(0, 1, 255);
  const id = fc
    .array(byte, { minLength: 9, maxLength: 9 })
    .map((head) => Uint8Array.from([...head, ...new Uint8Array(55)]));
  fc.assert(
    fc.property(fc.array(id, { maxLength: 30 }), id, (ids, stranger) => {
      const bytes = Buffer.concat(ids);
      const packed = packReceiptIndex({ bytes, offsets: ids.map((_, place) => place * 64) });
      for (const wanted of [...ids, stranger]) {
        const same = ids.flatMap((other, place) =>
          Buffer.compare(other.subarray(0, 8), wanted.subarray(0, 8)) === 0 ? [place] : [],
        );
        assert.deepEqual(
          findInReceiptIndex(packed, wanted).sort((left, right) => left - right),
          same,
        );
      }
    }),
  );
});

const STEPS: ReadonlyArray<
  readonly [code: ResultRefusalCode, attempts: number, aside: boolean, work: string]
> = [
  ["RESULT_UNSIGNED", 1, false, "leave"],
  ["RESULT_WRONG_BATCH", 9, false, "leave"],
  ["RESULT_STALE_INPUT", 1, false, "publish-again"],
  ["RESULT_STALE_INPUT", 3, false, "give-no-op-receipts"],
  ["SESSION_OVERSPENT", 2, false, "publish-again"],
  ["RESULT_VALUE_NOT_CONSERVED", 1, true, "publish-again"],
  ["RESULT_UNDECLARED_WRITE", 1, true, "publish-again"],
  ["RESULT_FEE_WRONG", 1, true, "publish-again"],
  ["RESULT_INCOMPLETE", 3, true, "give-no-op-receipts"],
  ["ACCOUNT_FROZEN", 1, false, "give-no-op-receipts"],
  ["VELOCITY_EXCEEDED", 1, false, "give-no-op-receipts"],
];

for (const [code, attempts, setExecutorAside, work] of STEPS)
  test(`after ${code}, refused ${attempts} times: ${work}${setExecutorAside ? ", executor set aside" : ""}`, () =>
    assert.deepEqual(decideNextStep({ code, attempts, attemptsMax: 3 }), { setExecutorAside, work }));

test("outflow waits until the window has room, to the millisecond, and then goes", () => {
  const limit = { windowMs: 1000 as DurationMs, maxLamports: 100n };
  let state = recordOutflow(NO_OUTFLOW, { at: 0 as UnixMs, lamports: 60n }, limit);
  state = recordOutflow(state, { at: 500 as UnixMs, lamports: 40n }, limit);
  const wait = (now: number, lamports: bigint): number =>
    computeVelocityWait(state, { now: now as UnixMs, lamports, limit });
  assert.equal(wait(600, 0n), 0);
  assert.equal(wait(600, 1n), 400);
  assert.equal(wait(600, 61n), 900);
  assert.equal(wait(1000, 60n), 0);
});

test("waiters are resolved when their number is reached, in any order, and are bounded", async () => {
  const waiters = new Waiters(2);
  const signal = new AbortController().signal;
  const [late, soon] = [waiters.wait(9, signal), waiters.wait(3, signal)];
  const third = waiters.wait(1, signal);
  assert.ok(late.ok && soon.ok && !third.ok);
  assert.equal(third.code, "OVERLOADED");
  waiters.advance(5);
  assert.equal(await soon.value, true);
  assert.equal(waiters.waiting, 1);
  waiters.advance(9);
  assert.equal(await late.value, true);
  const past = waiters.wait(4, signal);
  assert.ok(past.ok);
  assert.equal(await past.value, true);
});

test("a waiter that gives up leaves its place to another", async () => {
  const waiters = new Waiters(1);
  const gone = new AbortController();
  const first = waiters.wait(3, gone.signal);
  gone.abort();
  assert.ok(first.ok);
  assert.equal(await first.value, false);
  assert.ok(waiters.wait(3, new AbortController().signal).ok);
});

test("property: every waiter is resolved exactly when the number comes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 50 }), { maxLength: 60 }),
      fc.nat({ max: 50 }),
      async (numbers, reached) => {
        const waiters = new Waiters(1000);
        const done = new Set<number>();
        numbers.forEach((number, index) => {
          const wait = waiters.wait(number, new AbortController().signal);
          if (wait.ok) void wait.value.then(() => done.add(index));
        });
        waiters.advance(reached);
        await new Promise((resolve) => setImmediate(resolve));
        numbers.forEach((number, index) => assert.equal(done.has(index), number <= reached));
      },
    ),
    { numRuns: 50 },
  );
});

test("genesis refuses what it cannot mean", () => {
  const key = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM";
  assert.ok(
    parseGenesis({ accounts: [{ key, lamports: "5" }], allocations: [{ account: "owner/a", units: "1" }] })
      .ok,
  );
  for (const bad of [
    undefined,
    [],
    { accounts: [{ key: "0", lamports: "5" }] },
    { accounts: [{ key, lamports: 5 }] },
    { accounts: [{ key, lamports: "0" }] },
    { accounts: [{ key, lamports: "-1" }] },
    {
      accounts: [
        { key, lamports: "1" },
        { key, lamports: "1" },
      ],
    },
    { accounts: [{ key, lamports: String(2n ** 63n) }] },
    { allocations: [{ account: "escrow/svm", units: "1" }] },
    { allocations: [{ account: "Owner", units: "1" }] },
    {
      allocations: [
        { account: "owner/a", units: "1" },
        { account: "owner/a", units: "2" },
      ],
    },
  ]) {
    const parsed = parseGenesis(bad);
    assert.ok(!parsed.ok, JSON.stringify(bad));
    assert.equal(parsed.code, "REQUEST_INVALID");
  }
});
