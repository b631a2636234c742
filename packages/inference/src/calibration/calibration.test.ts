import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../numeric/random.ts";
import { sigmoid } from "../numeric/special-functions.ts";
import { applyIsotonic, fitIsotonic } from "./isotonic.ts";
import { applyPlatt, fitPlatt } from "./platt.ts";
import {
  computeCoverageCurve,
  findCoverageAt,
  scoreAccuracy,
  scoreBrier,
  scoreCalibrationError,
} from "./scores.ts";

function makeScores(
  count: number,
  slope: number,
  offset: number,
): { scores: Float64Array; outcomes: Uint8Array } {
  const random = createRandom(11);
  const scores = Float64Array.from({ length: count }, () => 8 * random() - 4);
  return {
    scores,
    outcomes: Uint8Array.from(scores, (score) => Number(random() < sigmoid(slope * score + offset))),
  };
}

test("Platt's curve is found again", () => {
  const { scores, outcomes } = makeScores(20_000, 0.6, -0.8);
  const curve = fitPlatt(scores, outcomes);
  assert.ok(Math.abs(curve.slope - 0.6) < 0.03 && Math.abs(curve.offset + 0.8) < 0.05);
  assert.ok(Math.abs(applyPlatt(curve, 1) - sigmoid(-0.2)) < 0.02);
});

test("outcomes that a flat prior would follow to infinity stay finite", () => {
  const curve = fitPlatt(Float64Array.of(-1, 1), Uint8Array.of(0, 1), {
    slopeVariance: 1,
    offsetVariance: 1,
  });
  assert.ok(curve.slope > 0.5 && curve.slope < 3 && Math.abs(curve.offset) < 1e-6);
});

test("an isotonic curve never falls, and keeps the mean", () => {
  const pair = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(0, 1));
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 40 }), (pairs) => {
      const scores = Float64Array.from(pairs, ([score]) => score);
      const outcomes = Uint8Array.from(pairs, ([, outcome]) => outcome);
      const curve = fitIsotonic(scores, outcomes);
      assert.deepEqual(curve.value.toSorted(), curve.value);
      const fitted = scores.reduce((sum, score) => sum + applyIsotonic(curve, score), 0);
      assert.ok(Math.abs(fitted - outcomes.reduce((sum, outcome) => sum + outcome, 0)) < 1e-9);
    }),
  );
});

const posterior = Float64Array.of(0.1, 0.9, 0.5, 0.5, 0.8, 0.2, 0.3, 0.7);
const judged = { posterior, truth: Int32Array.of(1, 0, 1, -1), width: 2 };

test("a tie is half right, and an item of unknown truth is not scored", () => {
  assert.ok(Math.abs(scoreAccuracy(judged) - 1.5 / 3) < 1e-12);
  assert.ok(Math.abs(scoreBrier(judged) - (0.01 + 0.25 + 0.64) / 3) < 1e-12);
  assert.ok(Math.abs(scoreCalibrationError(judged) - (0.1 + 0.5 + 0.8) / 3) < 1e-12);
});

test("being too sure of true and of false does not cancel out", () => {
  const sure = { posterior: Float64Array.of(0, 1, 1, 0), truth: Int32Array.of(0, 1), width: 2 };
  assert.equal(scoreCalibrationError(sure), 1);
});

test("coverage counts what can be taken at a precision, items of one confidence together", () => {
  const rows = [0.9, 0.8, 0.8, 0.6];
  const table = {
    posterior: Float64Array.from(rows.flatMap((p) => [1 - p, p])),
    truth: Int32Array.of(1, 0, 1, 1),
    width: 2,
  };
  const curve = computeCoverageCurve(table, 1);
  assert.equal(findCoverageAt(curve, 0.9), 0.25);
  assert.equal(findCoverageAt(curve, 0.6), 1);
  assert.equal(findCoverageAt(curve, 1.01), 0);
});
