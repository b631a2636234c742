import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { factorize, solveFactorized } from "./cholesky.ts";
import { decomposeSymmetric } from "./eigen.ts";
import { digamma, logGamma } from "./special-functions.ts";

const near = (value: number, expected: number, slack = 1e-9): void =>
  assert.ok(Math.abs(value - expected) < slack, `${value} is not ${expected}`);

test("digamma and log-gamma at points known in closed form", () => {
  near(digamma(1), -0.577_215_664_901_532_9);
  near(digamma(0.5), -0.577_215_664_901_532_9 - 2 * Math.LN2);
  near(digamma(0.01), -100.560_885_457_868_7, 1e-8);
  near(logGamma(0.5), Math.log(Math.sqrt(Math.PI)));
  near(logGamma(11), Math.log(3_628_800));
});

/** A matrix with positive eigenvalues: B B' + identity. */
const matrices = fc
  .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 16, maxLength: 16 })
  .map((cells) => {
    const matrix = new Float64Array(16);
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++)
        for (let at = 0; at < 4; at++)
          matrix[row * 4 + column] =
            (matrix[row * 4 + column] ?? 0) +
            (cells[row * 4 + at] ?? 0) * (cells[column * 4 + at] ?? 0) +
            (at === 0 && row === column ? 1 : 0);
    return matrix;
  });

test("what is solved is a solution, and the determinant is the product of the eigenvalues", () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const [factor, solution] = [matrix.slice(), Float64Array.of(1, -2, 3, 0.5)];
      const logDeterminant = factorize(factor, 4);
      solveFactorized(factor, 4, solution);
      for (const [row, expected] of [1, -2, 3, 0.5].entries()) {
        let value = 0;
        for (let column = 0; column < 4; column++)
          value += (matrix[row * 4 + column] ?? 0) * (solution[column] ?? 0);
        near(value, expected, 1e-6);
      }
      const { values } = decomposeSymmetric(matrix, 4);
      near(
        values.reduce((sum, value) => sum + Math.log(value), 0),
        logDeterminant,
        1e-6,
      );
    }),
  );
});

test("eigenvectors times their values are the matrix times them, largest first", () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const { values, vectors } = decomposeSymmetric(matrix, 4);
      assert.deepEqual(values.toSorted().toReversed(), values);
      for (let factor = 0; factor < 4; factor++)
        for (let row = 0; row < 4; row++) {
          let value = 0;
          for (let at = 0; at < 4; at++)
            value += (matrix[row * 4 + at] ?? 0) * (vectors[at * 4 + factor] ?? 0);
          near(value, (values[factor] ?? 0) * (vectors[row * 4 + factor] ?? 0), 1e-7);
        }
    }),
  );
});
