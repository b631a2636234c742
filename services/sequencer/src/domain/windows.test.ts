import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCKHASH_SLOTS, BlockhashWindow, computeSlot } from "./blockhash-window.ts";
import { DuplicateWindow } from "./duplicate-window.ts";
import { ExecutionCosts } from "./execution-cost.ts";
import { PayerFunds } from "./payer-funds.ts";
import { decideSealing, type SealingState } from "./sealing-policy.ts";

test("a blockhash is valid for 150 slots and not for one more", () => {
  const window = new BlockhashWindow((slot) => `hash ${slot}`);
  window.advance(10);
  window.advance(10 + BLOCKHASH_SLOTS - 1);
  assert.equal(window.find("hash 10"), 10);
  assert.equal(window.latest().lastValidSlot, 10 + 2 * BLOCKHASH_SLOTS - 2);
  window.advance(10 + BLOCKHASH_SLOTS);
  assert.equal(window.find("hash 10"), undefined);
  assert.equal(window.find("hash 11"), 11);
});

test("a blockhash of a slot to come is unknown, and the window never goes back", () => {
  const window = new BlockhashWindow((slot) => `hash ${slot}`);
  window.advance(200);
  assert.equal(window.find("hash 201"), undefined);
  assert.equal(window.advance(100), false);
  assert.equal(window.newestSlot, 200);
});

test("a long pause empties the window of all that expired meanwhile", () => {
  const window = new BlockhashWindow((slot) => `hash ${slot}`);
  window.advance(100);
  window.advance(10_000);
  assert.equal(window.find("hash 100"), undefined);
  assert.equal(window.find(`hash ${10_000 - BLOCKHASH_SLOTS + 1}`), 10_000 - BLOCKHASH_SLOTS + 1);
  assert.equal(window.find(`hash ${10_000 - BLOCKHASH_SLOTS}`), undefined);
});

test("slots are counted from genesis and are never negative", () => {
  const clock = { genesisAt: 1_000, slotMs: 400 };
  assert.deepEqual(
    [0, 1_000, 1_399, 1_400].map((now) => computeSlot(clock, now)),
    [0, 0, 0, 1],
  );
});

test("the duplicate window forgets exactly the messages whose blockhash has expired", () => {
  const window = new DuplicateWindow();
  window.add(1, "m1", "s1");
  window.add(2, "m2", "s2");
  window.add(2, "m2", "s2 again");
  assert.equal(window.size, 2);
  window.expireBefore(2);
  assert.equal(window.has(1, "m1"), false);
  assert.equal(window.hasSignature(2, "s2"), true);
  assert.equal(window.size, 1);
});

const FUNDS = { trustMs: 1_000, brokeMs: 100, payersMax: 4 };

test("a payer is asked for once, then pays from what is known less what is pending", () => {
  const funds = new PayerFunds(FUNDS);
  assert.equal(funds.check("p", 5_000, 0), "unknown");
  funds.record("p", 12_000, 0);
  for (let index = 0; index < 2; index++) {
    assert.equal(funds.check("p", 5_000, 10), "funded");
    funds.reserve("p", 5_000);
  }
  assert.equal(funds.check("p", 5_000, 10), "unfunded");
  assert.equal(funds.available("p"), 2_000);
});

test("a settled fee stays spent until the balance is read again", () => {
  const funds = new PayerFunds(FUNDS);
  funds.record("p", 12_000, 0);
  funds.release(funds.reserve("p", 5_000), 5_000);
  assert.equal(funds.available("p"), 7_000);
  funds.record("p", 7_000, 50);
  assert.equal(funds.available("p"), 7_000);
});

test("an old balance is not trusted, and a broke payer is looked up again only after a while", () => {
  const funds = new PayerFunds(FUNDS);
  funds.record("rich", 1e9, 0);
  assert.equal(funds.check("rich", 5_000, 1_001), "unknown");
  funds.record("broke", 0, 0);
  assert.equal(funds.check("broke", 5_000, 100), "unfunded");
  assert.equal(funds.check("broke", 5_000, 101), "unknown");
});

test("a flood of broke payers pushes out broke payers, never one with something pending", () => {
  const funds = new PayerFunds(FUNDS);
  funds.record("honest", 1e9, 0);
  funds.reserve("honest", 5_000);
  for (let index = 0; index < 1_000; index++) funds.record(`broke ${index}`, 0, 1);
  assert.ok(funds.size <= FUNDS.payersMax + 1);
  assert.equal(funds.check("honest", 5_000, 10), "funded");
});

const POLICY = { transactionsMax: 10, bytesMax: 1_000, lingerMs: 20 };
const QUIET: SealingState = {
  transactions: 1,
  bytes: 100,
  oldestAt: 100,
  lastSealedAt: 0,
  isCommitting: false,
  arriving: 0,
  isDraining: false,
};

test("sealing: at once after a pause, when full or draining; lingering under load; never two at a time", () => {
  const rows: [Partial<SealingState>, number, string][] = [
    [{}, 100, "seal"],
    [{ lastSealedAt: 80 }, 100, "seal"],
    [{ lastSealedAt: 81 }, 100, "linger"],
    [{ lastSealedAt: 99 }, 120, "seal"],
    [{ transactions: 0 }, 100, "rest"],
    [{ isCommitting: true, transactions: 10 }, 100, "rest"],
    [{ arriving: 3 }, 119, "linger"],
    [{ arriving: 3 }, 120, "seal"],
    [{ arriving: 3, transactions: 10 }, 100, "seal"],
    [{ arriving: 3, bytes: 1_000 }, 100, "seal"],
    [{ arriving: 3, isDraining: true }, 100, "seal"],
  ];
  for (const [change, now, expected] of rows)
    assert.equal(decideSealing(POLICY, { ...QUIET, ...change }, now).kind, expected, JSON.stringify(change));
});

test("a lingering batch says until when", () => {
  assert.deepEqual(decideSealing(POLICY, { ...QUIET, arriving: 1 }, 101), { kind: "linger", untilMs: 120 });
});

test("an unknown program is weighed by its limit, a known one by what it was seen to use", () => {
  const costs = new ExecutionCosts();
  const unknownUs = costs.estimateUs(1_400_000, "p");
  costs.observe("p", 10_000);
  assert.ok(costs.estimateUs(1_400_000, "p") < unknownUs / 10);
  assert.ok(costs.estimateUs(1_000, "p") < costs.estimateUs(1_400_000, "p"), "never above the limit");
});
