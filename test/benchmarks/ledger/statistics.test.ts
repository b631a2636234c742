/** Percentiles by nearest rank, against values worked out by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { computeMedian, computePercentiles, round } from "./statistics.ts";

test("percentiles are the nearest rank, never an interpolation and never the value before", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(computePercentiles(hundred, [0, 0.5, 0.99, 1]), [1, 50, 99, 100]);
  assert.deepEqual(computePercentiles(Float64Array.of(3, 1, 2), [0.5, 0.67, 0.99]), [2, 3, 3]);
});

test("a number sorts as a number", () => {
  assert.deepEqual(computePercentiles(Float64Array.of(10, 9, 100), [0.5]), [10]);
  assert.equal(computeMedian([10, 9, 100]), 10);
});

test("the median of an even count lies between the two in the middle; of none it is not a number", () => {
  assert.equal(computeMedian([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(computeMedian([])));
  assert.ok(Number.isNaN(computePercentiles(new Float64Array(), [0.5])[0]));
});

test("rounding keeps the digits asked for", () => {
  assert.equal(round(1.256, 2), 1.26);
  assert.equal(round(1234.5), 1235);
});
