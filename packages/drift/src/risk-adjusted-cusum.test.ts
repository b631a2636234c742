import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeBernoulliArl } from "./bernoulli-cusum.ts";
import { createRandom } from "./random.fixture.ts";
import {
  accumulate,
  computeGuaranteedLimit,
  computeRiskAdjustedArl,
  computeRiskAdjustedScore,
  designRiskAdjustedCusum,
} from "./risk-adjusted-cusum.ts";

const risks = [
  { risk: 0.05, share: 3 },
  { risk: 0.3, share: 2 },
  { risk: 0.6, share: 1 },
];

function simulateArl(limit: number, actualOddsRatio: number, runs: number): number {
  const random = createRandom(5);
  let observations = 0;
  for (let run = 0; run < runs; run++)
    for (let sum = 0; sum < limit; observations++) {
      const drawn = random() * 6;
      const risk = drawn < 3 ? 0.05 : drawn < 5 ? 0.3 : 0.6;
      const errorRate = (actualOddsRatio * risk) / (1 - risk + actualOddsRatio * risk);
      sum = accumulate(sum, computeRiskAdjustedScore(random() < errorRate, risk, 2));
    }
  return observations / runs;
}

test("run lengths over mixed risks are those of a simulation, in control and out", () => {
  for (const actualOddsRatio of [1, 2]) {
    const computed = computeRiskAdjustedArl({ risks, oddsRatio: 2, limit: 2.5, actualOddsRatio });
    const simulated = simulateArl(2.5, actualOddsRatio, 2_000);
    assert.ok(Math.abs(computed / simulated - 1) < 0.06, `${computed}, simulated ${simulated}`);
  }
});

test("with one risk it is the Bernoulli CUSUM in other units", () => {
  /** The odds ratio at which an error weighs exactly six times what a success takes off: m = 7 at a risk of .1. */
  let [low, high] = [1.5, 4];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    const weight =
      computeRiskAdjustedScore(true, 0.1, middle) / -computeRiskAdjustedScore(false, 0.1, middle);
    if (weight > 6) low = middle;
    else high = middle;
  }
  const limit = -31 * computeRiskAdjustedScore(false, 0.1, low);
  const adjusted = computeRiskAdjustedArl({ risks: [{ risk: 0.1, share: 1 }], oddsRatio: low, limit });
  const bernoulli = computeBernoulliArl({ m: 7, limit: 31 }, 0.1);
  assert.ok(Math.abs(adjusted / bernoulli - 1) < 0.06, `${adjusted}, ${bernoulli}`);
});

test("the guaranteed limit keeps its promise, and the designed one is lower", () => {
  for (const arl0 of [100, 1_000, 5_000]) {
    const guaranteed = computeGuaranteedLimit(arl0);
    assert.ok(computeRiskAdjustedArl({ risks, oddsRatio: 2, limit: guaranteed }) >= arl0);
    const designed = designRiskAdjustedCusum({ risks, oddsRatio: 2, arl0 });
    assert.ok(designed.limit < guaranteed && designed.arl0 >= arl0);
    assert.ok(computeRiskAdjustedArl({ risks, oddsRatio: 2, limit: designed.limit - 0.02 }) < arl0);
  }
});

test("in control the likelihood ratio is 1 on average, whatever the risk", () => {
  const [rate, ratio] = [
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    fc.double({ min: 1.01, max: 9, noNaN: true }),
  ];
  fc.assert(
    fc.property(rate, ratio, (risk, oddsRatio) => {
      const mean =
        risk * Math.exp(computeRiskAdjustedScore(true, risk, oddsRatio)) +
        (1 - risk) * Math.exp(computeRiskAdjustedScore(false, risk, oddsRatio));
      assert.ok(Math.abs(mean - 1) < 1e-9);
      /** An error on easy work weighs more than one on hard work. */
      const harder = computeRiskAdjustedScore(true, Math.min(0.995, risk + 0.005), oddsRatio);
      assert.ok(harder < computeRiskAdjustedScore(true, risk, oddsRatio));
    }),
  );
});

test("what is no chart is a bug", () => {
  assert.throws(() => computeGuaranteedLimit(0.5), /at least 1/);
  assert.throws(() => computeRiskAdjustedArl({ risks: [], oddsRatio: 2, limit: 3 }), /at least one/);
});
