import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "./random.fixture.ts";
import { computeExpectedProbes, computeSprtLimits, SPRT_START, updateSprt, type SprtPlan } from "./sprt.ts";

const makePlan = (honestAccuracy: number, faultyAccuracy: number, falseConviction = 1e-4): SprtPlan => ({
  honestAccuracy,
  faultyAccuracy,
  falseConviction,
  missedFault: 1e-2,
});

/** Computed independently: honest, faulty, mean probes to convict and to clear. */
const EXPECTED: ReadonlyArray<readonly [number, number, number, number]> = [
  [0.9, 0.5, 18, 13],
  [0.8, 0.5, 41, 24],
  [0.7, 0.5, 104, 56],
  [0.7, 0.25, 21, 10],
  [0.63, 0.1, 15, 6],
  [0.63, 0.44, 122, 63],
];
for (const [honest, faulty, toConvict, toClear] of EXPECTED)
  test(`${honest} against ${faulty}: ${toConvict} probes to convict, ${toClear} to clear`, () => {
    const expected = computeExpectedProbes(makePlan(honest, faulty));
    assert.deepEqual([Math.round(expected.toConvict), Math.round(expected.toClear)], [toConvict, toClear]);
  });

/** Share convicted within `probes`, and the mean probes until conviction of those who were. */
function simulate(plan: SprtPlan, accuracy: number, probes: number, validators: number, seed: number) {
  const random = createRandom(seed);
  let [convicted, used] = [0, 0];
  for (let validator = 0; validator < validators; validator++) {
    let state = SPRT_START;
    while (state.probes < probes && state.verdict === "open")
      state = updateSprt(plan, state, random() < accuracy);
    if (state.verdict === "convicted") [convicted, used] = [convicted + 1, used + state.probes];
  }
  return { share: convicted / validators, meanProbes: used / convicted };
}

test("the honest are convicted no more often than allowed, over a life of 500 probes and all restarts", () => {
  const plan = makePlan(0.8, 0.5, 0.05);
  const { share } = simulate(plan, 0.8, 500, 2_000, 11);
  assert.ok(share > 0 && share <= 0.05, `convicted ${share}`);
});

test("better than honest is safer still", () => {
  assert.equal(simulate(makePlan(0.8, 0.5, 0.05), 0.95, 500, 200, 12).share, 0);
});

test("a guesser is convicted, within twice the mean of the test", () => {
  const plan = makePlan(0.8, 0.5);
  const { share, meanProbes } = simulate(plan, 0.5, 5_000, 1_000, 13);
  assert.equal(share, 1);
  assert.ok(meanProbes < 2 * computeExpectedProbes(plan).toConvict, `took ${meanProbes}`);
});

test("each round may spend less of the error, and all rounds together no more than all of it", () => {
  const plan = makePlan(0.8, 0.5, 0.01);
  let [spent, before] = [0, 0];
  for (let round = 0; round < 1_000; round++) {
    const { convictAt, clearAt } = computeSprtLimits(plan, round);
    assert.ok(convictAt > before && clearAt < 0);
    [spent, before] = [spent + Math.exp(-convictAt), convictAt];
  }
  assert.ok(spent <= plan.falseConviction && spent > 0.99 * plan.falseConviction);
});

test("a conviction is final", () => {
  let state = SPRT_START;
  while (state.verdict === "open") state = updateSprt(makePlan(0.9, 0.5), state, false);
  for (let probe = 0; probe < 100; probe++) assert.equal(updateSprt(makePlan(0.9, 0.5), state, true), state);
});

test("within a round the order of probes makes no difference", () => {
  const plan = makePlan(0.8, 0.5);
  const fold = (answers: readonly boolean[]) =>
    answers.reduce((state, it) => updateSprt(plan, state, it), SPRT_START);
  /** Two right and three wrong at most: neither limit is within reach. */
  const answers = fc.subarray([true, true, true, false, false, false]);
  const pair = answers.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(pair, ([all, mixed]) => {
      assert.equal(fold(all).rounds, 0);
      assert.ok(Math.abs(fold(all).logRatio - fold(mixed).logRatio) < 1e-12);
    }),
  );
});

test("a wrong answer never helps", () => {
  const plan = makePlan(0.8, 0.5);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (answers) => {
      const state = answers.reduce((state, it) => updateSprt(plan, state, it), SPRT_START);
      fc.pre(state.verdict === "open");
      assert.ok(updateSprt(plan, state, false).logRatio > state.logRatio);
    }),
  );
});

test("a plan that proves nothing is a bug", () => {
  assert.throws(() => computeSprtLimits(makePlan(0.5, 0.5)), /faulty < honest/);
  assert.throws(() => computeExpectedProbes(makePlan(0.8, 0.5, 0)), /error rate/);
});
