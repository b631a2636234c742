import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeEwmaArl, computeEwmaLimit, updateEwma } from "./ewma.ts";
import { createRandom } from "./random.fixture.ts";

const chart = { p0: 0.1, lambda: 0.05, width: 3.17 };

function simulateArl(errorRate: number, runs: number): number {
  const random = createRandom(9);
  let observations = 0;
  for (let run = 0; run < runs; run++)
    for (let step = { average: chart.p0, alarm: false }; !step.alarm; observations++)
      step = updateEwma(chart, step.average, random() < errorRate);
  return observations / runs;
}

test("run lengths are those of a simulation, in control and out", () => {
  for (const [errorRate, runs] of [
    [0.1, 1_000],
    [0.2, 2_000],
    [0.5, 2_000],
  ] as const) {
    const [computed, simulated] = [computeEwmaArl(chart, errorRate), simulateArl(errorRate, runs)];
    assert.ok(
      Math.abs(computed / simulated - 1) < 0.1,
      `at ${errorRate}: ${computed}, simulated ${simulated}`,
    );
  }
});

test("the average stays between what it was and what was seen", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (average, isError) => {
      const next = updateEwma(chart, average, isError);
      assert.ok(
        isError ? next.average >= average && next.average <= 1 : next.average <= average && next.average >= 0,
      );
      assert.equal(next.alarm, next.average >= computeEwmaLimit(chart));
    }),
  );
});

test("a weight outside (0, 1] is a bug", () => {
  assert.throws(() => computeEwmaArl({ ...chart, lambda: 0 }, 0.1), /lambda/);
});
