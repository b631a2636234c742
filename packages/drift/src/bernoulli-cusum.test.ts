import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeBernoulliArl, designBernoulliCusum, updateBernoulliCusum } from "./bernoulli-cusum.ts";
import { createRandom } from "./random.fixture.ts";

/** Computed independently: p0, p1, m, limit, then run lengths at error rates. */
const TABLE: ReadonlyArray<
  readonly [number, number, number, number, ReadonlyArray<readonly [number, number]>]
> = [
  [
    0.05,
    0.1,
    14,
    54,
    [
      [0.05, 1060],
      [0.1, 103.7],
      [0.15, 47.1],
      [0.2, 30.3],
      [0.3, 17.8],
      [0.5, 10],
    ],
  ],
  [
    0.05,
    0.1,
    14,
    82,
    [
      [0.05, 5235],
      [0.1, 172.3],
      [0.15, 72.5],
      [0.2, 45.9],
      [0.3, 26.5],
    ],
  ],
  [
    0.1,
    0.2,
    7,
    31,
    [
      [0.1, 1044],
      [0.15, 152.4],
      [0.2, 63.1],
      [0.3, 27.5],
      [0.5, 12.9],
    ],
  ],
  [
    0.1,
    0.2,
    7,
    45,
    [
      [0.1, 5393],
      [0.15, 287.4],
      [0.2, 97.8],
      [0.3, 40.2],
      [0.5, 18.5],
    ],
  ],
  [
    0.1,
    0.3,
    5,
    16,
    [
      [0.1, 1252],
      [0.2, 76.8],
      [0.3, 26.6],
      [0.5, 10.8],
    ],
  ],
  [
    0.2,
    0.35,
    4,
    24,
    [
      [0.2, 1060],
      [0.3, 88.5],
      [0.35, 53.1],
      [0.5, 23.6],
    ],
  ],
  [
    0.2,
    0.35,
    4,
    35,
    [
      [0.2, 5516],
      [0.35, 80.5],
      [0.5, 34.6],
    ],
  ],
];
for (const [p0, p1, m, limit, lengths] of TABLE)
  test(`run lengths of m = ${m}, h = ${limit}/${m} are those of the table to 1 %, and the design finds the chart`, () => {
    for (const [errorRate, expected] of lengths) {
      const computed = computeBernoulliArl({ m, limit }, errorRate);
      assert.ok(Math.abs(computed / expected - 1) < 0.01, `at ${errorRate}: ${computed}, not ${expected}`);
    }
    const designed = designBernoulliCusum({ p0, p1, arl0: (lengths[0]?.[1] ?? 0) < 5_000 ? 1_000 : 5_000 });
    assert.deepEqual([designed.m, designed.limit], [m, limit]);
  });

test("run lengths are those that a simulation has", () => {
  const [chart, random] = [{ m: 5, limit: 16 }, createRandom(1)];
  let observations = 0;
  for (let run = 0; run < 2_000; run++)
    for (let step = { sum: 0, alarm: false }; !step.alarm; observations++)
      step = updateBernoulliCusum(chart, step.sum, random() < 0.2);
  assert.ok(Math.abs(observations / 2_000 / computeBernoulliArl(chart, 0.2) - 1) < 0.05);
});

test("a chart that alarms on its first error waits for one: 1/p", () => {
  assert.ok(Math.abs(computeBernoulliArl({ m: 5, limit: 4 }, 0.25) - 4) < 1e-9);
  assert.equal(computeBernoulliArl({ m: 2, limit: 3 }, 1), 3);
});

test("an error never lowers the sum, nor leaves it below what a success would", () => {
  const chart = fc.record({ m: fc.integer({ min: 2, max: 40 }), limit: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(chart, fc.nat(400), (chart, sum) => {
      const [bad, good] = [updateBernoulliCusum(chart, sum, true), updateBernoulliCusum(chart, sum, false)];
      assert.ok(bad.sum > sum && good.sum <= sum && good.sum >= 0);
      assert.equal(bad.alarm, bad.sum >= chart.limit);
    }),
  );
});

test("a higher limit waits longer, a higher error rate shorter", () => {
  const m = fc.integer({ min: 2, max: 20 });
  const rate = fc.double({ min: 0.02, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(m, fc.integer({ min: 1, max: 60 }), rate, (m, limit, errorRate) => {
      const arl = computeBernoulliArl({ m, limit }, errorRate);
      assert.ok(computeBernoulliArl({ m, limit: limit + 1 }, errorRate) >= arl * (1 - 1e-9));
      assert.ok(computeBernoulliArl({ m, limit }, errorRate + 0.05) <= arl * (1 + 1e-9));
      assert.ok(arl >= 1);
    }),
  );
});

test("what is no chart is a bug", () => {
  assert.throws(() => computeBernoulliArl({ m: 1, limit: 5 }, 0.1), /at least 2/);
  assert.throws(() => computeBernoulliArl({ m: 4, limit: 0 }, 0.1), /limit must be/);
  assert.throws(() => computeBernoulliArl({ m: 4, limit: 5 }, 0), /error rate/);
  assert.throws(() => designBernoulliCusum({ p0: 0.2, p1: 0.1, arl0: 100 }), /0 < p0 < p1/);
});
