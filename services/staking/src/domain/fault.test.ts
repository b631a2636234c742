/** Careless faults: small, counted once, capped for a day, never below nothing; and a score that no agreement can lift past probes. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { fold, parseBaseUnits, parseUnixMs, type UnixMs } from "@mira/primitives";
import fc from "fast-check";
import { decide, type StakingCommand } from "./decide.ts";
import { deriveFaultId, type Fault } from "./fault.ts";
import { computeScoreBps } from "./standing.ts";
import { evolve, initialState, type KnownValidator, type ValidatorState } from "./validator.ts";

const at = parseUnixMs(1_800_000_000_000);
const DAY_MS = 86_400_000;
const fault: Fault = {
  validatorId: "v",
  kind: "commit-missing",
  verificationId: "one",
  round: 0,
  policy: "standard@1",
  slashBps: 10n,
};
const record = (change: Partial<Fault> = {}, when: UnixMs = at, budgetBps = 100n): StakingCommand => ({
  type: "recordFault",
  fault: { ...fault, ...change },
  budgetBps,
  at: when,
});

function run(from: ValidatorState, ...commands: readonly StakingCommand[]): KnownValidator {
  let state = from;
  for (const command of commands) {
    const decision = decide(command, state);
    assert.ok(decision.ok, decision.ok ? "" : decision.code);
    state = fold(evolve, state, decision.events);
  }
  assert.ok(state.status === "known");
  return state;
}

const bondOf = (amount: bigint): StakingCommand => ({
  type: "bond",
  validatorId: "v",
  validatorKey: new Uint8Array(32),
  operator: new Uint8Array(32),
  signer: new Uint8Array(32),
  family: "f",
  amount: parseBaseUnits(amount),
  transferId: "t",
  minimum: parseBaseUnits(1n),
  at,
});
const bonded = run(initialState, bondOf(100_000n));

test("a missed commitment costs its price, once, and bars nobody", () => {
  const once = run(bonded, record());
  assert.equal(once.bonded, 99_900n);
  assert.equal(once.tombstoned, false);
  assert.deepEqual(once.openSlashes, new Map([[deriveFaultId(fault), 100n]]));
  assert.deepEqual(run(once, record(), record({}, parseUnixMs(at + DAY_MS))), once);
});

test("another kind, another round and another verification are other faults", () => {
  const other = [{ kind: "reveal-missing" }, { round: 1 }, { verificationId: "two" }] as const;
  assert.equal(run(bonded, record(), ...other.map((change) => record(change))).bonded, 99_600n);
});

test("a day of silence costs no more than the budget, every fault of it is recorded, and the next day has its own", () => {
  const many = Array.from({ length: 30 }, (_, round) => record({ round }));
  const after = run(bonded, ...many);
  assert.equal(after.bonded, 99_000n);
  assert.equal(after.faultIds.size, 30);
  const next = run(after, record({ round: 99 }, parseUnixMs(at + DAY_MS)));
  assert.equal(next.bonded, 98_901n);
});

test("a price of something is never a price of nothing, unless the policy asks for nothing", () => {
  const small = run(initialState, bondOf(3n));
  assert.equal(run(small, record({}, at, 10_000n)).bonded, 2n);
  assert.equal(run(small, record({ slashBps: 0n })).bonded, 3n);
});

test("in any order of faults the same stake is taken, never more than there is, and none appears", () => {
  const faults = fc.array(fc.record({ round: fc.nat(20), slashBps: fc.bigInt({ min: 0n, max: 10_000n }) }), {
    maxLength: 12,
  });
  const budget = fc.bigInt({ min: 0n, max: 10_000n });
  fc.assert(
    fc.property(faults, budget, fc.bigInt({ min: 1n, max: 10n ** 12n }), (all, budgetBps, stake) => {
      const start = run(initialState, bondOf(stake));
      const apply = (order: typeof all): KnownValidator =>
        run(start, ...order.map((change) => record(change, at, budgetBps)));
      const after = apply(all);
      assert.ok(after.bonded >= 0n && after.bonded <= stake);
      const taken = [...after.openSlashes.values()].reduce((sum, slash) => sum + slash, 0n);
      assert.equal(after.bonded + taken, stake);
      assert.ok(taken <= (stake * budgetBps + 9_999n) / 10_000n);
      const distinct = all.filter(
        (one, index) => all.findIndex(({ round }) => round === one.round) === index,
      );
      assert.equal(apply(distinct.toReversed()).bonded, after.bonded);
    }),
  );
});

const nothing = { agreed: 0, disagreed: 0, probesPassed: 0, probesFailed: 0 };
test("a score begins in the middle, falls with every failed probe, and agreement weighs a quarter", () => {
  assert.equal(computeScoreBps(nothing), 5_000);
  assert.equal(computeScoreBps({ ...nothing, probesFailed: 2 }), 2_500);
  assert.equal(computeScoreBps({ ...nothing, agreed: 4 }), computeScoreBps({ ...nothing, probesPassed: 1 }));
  assert.equal(
    computeScoreBps({ ...nothing, disagreed: 4 }),
    computeScoreBps({ ...nothing, probesFailed: 1 }),
  );
});
