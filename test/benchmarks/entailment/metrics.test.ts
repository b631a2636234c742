import assert from "node:assert/strict";
import { test } from "node:test";
import {
  computeAuroc,
  computeBalancedAccuracy,
  computeBrier,
  computeCalibrationError,
  computeCoverage,
  computePrecisionRecall,
  type Scored,
} from "./metrics.ts";

const row = (probability: number, isSupported: boolean): Scored => ({
  probability,
  isSupported,
  isCalled: probability > 0.5,
});

const ROWS = [
  row(0.9, true),
  row(0.8, false),
  row(0.6, true),
  row(0.3, false),
  row(0.2, true),
  row(0.1, false),
];

test("figures of a set small enough to count by hand", () => {
  assert.equal(computeBalancedAccuracy(ROWS), 2 / 3);
  assert.deepEqual(computePrecisionRecall(ROWS), { precision: 2 / 3, recall: 2 / 3 });
  assert.equal(computeAuroc(ROWS), 6 / 9);
  assert.ok(Math.abs(computeBrier([row(0.9, true), row(0.2, false)]) - 0.025) < 1e-12);
  // Surest first: 0.9 and 0.1 are right, 0.8 and 0.2 are wrong.
  assert.equal(computeCoverage(ROWS, 0.9), 2 / 6);
  assert.equal(computeCoverage(ROWS, 0.66), 1);
});

test("ties count half, and calling all the same is worth one half", () => {
  const same = [row(0.4, true), row(0.4, false), row(0.4, false)];
  assert.equal(computeAuroc(same), 0.5);
  assert.equal(computeBalancedAccuracy(same), 0.5);
});

test("probabilities that are the shares have no calibration error, shifted ones have the shift", () => {
  const rows = Array.from({ length: 1000 }, (_, at) => row(0.25, at % 4 === 0));
  assert.ok(computeCalibrationError(rows) < 0.01);
  assert.ok(
    Math.abs(computeCalibrationError(rows.map((each) => ({ ...each, probability: 0.45 }))) - 0.2) < 0.01,
  );
});
