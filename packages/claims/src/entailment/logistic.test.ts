import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeLogit, fitLogistic, sigmoid } from "./logistic.ts";

const row = fc.record({
  features: fc.tuple(
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.double({ min: -3, max: 3, noNaN: true }),
  ),
  isPositive: fc.boolean(),
  weight: fc.double({ min: 0.1, max: 1, noNaN: true }),
});

test("where the fit ends, the gradient of the penalised loss is zero", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 4, maxLength: 40 }), (rows) => {
      if (new Set(rows.map(({ isPositive }) => isPositive)).size < 2) return;
      const weights = fitLogistic(rows, 1);
      for (let at = 0; at < 3; at++) {
        const slope = rows.reduce((sum, { features, isPositive, weight }) => {
          const error = (isPositive ? 1 : 0) - sigmoid(computeLogit(weights, features));
          return sum + weight * error * (at === 0 ? 1 : (features[at - 1] ?? 0));
        }, 0);
        assert.ok(Math.abs(slope - (at === 0 ? 0 : (weights[at] ?? 0))) < 1e-6, `slope ${slope}`);
      }
    }),
  );
});

test("without features the intercept is the logit of the weighted share", () => {
  const rows = [
    { features: [], isPositive: true, weight: 3 },
    { features: [], isPositive: false, weight: 1 },
  ];
  assert.ok(Math.abs((fitLogistic(rows, 1)[0] ?? 0) - Math.log(3)) < 1e-9);
});

test("a penalty keeps the weights of separable data finite", () => {
  const rows = [-2, -1, 1, 2].map((x) => ({ features: [x], isPositive: x > 0, weight: 1 }));
  const [, weight = 0] = fitLogistic(rows, 1);
  assert.ok(weight > 0.5 && weight < 5, String(weight));
});
