/** Logistic regression with a ridge penalty, fitted by Newton's method (iteratively reweighted least squares). */

export type LogisticRow = {
  readonly features: readonly number[];
  readonly isPositive: boolean;
  readonly weight: number;
};

/** `weights[0]` is the intercept, which is not penalised. */
export type LogisticWeights = readonly number[];

const STEPS_MAX = 50;
const CHANGE_MIN = 1e-10;
/** Keeps the system solvable where the fit is certain. */
const CURVATURE_MIN = 1e-6;

/** Minimises the weighted log loss plus `ridge`/2 times the squares of the weights. */
export function fitLogistic(rows: readonly LogisticRow[], ridge: number): LogisticWeights {
  const size = (rows[0]?.features.length ?? 0) + 1;
  let weights = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS_MAX; step++) {
    const change = computeStep(rows, weights, ridge);
    weights = weights.map((weight, at) => weight + (change[at] ?? 0));
    if (Math.max(...change.map(Math.abs)) < CHANGE_MIN) break;
  }
  return weights;
}

function computeStep(rows: readonly LogisticRow[], weights: readonly number[], ridge: number): number[] {
  const size = weights.length;
  const curvature = weights.map((_, row) => weights.map((__, at) => (row === at && row > 0 ? ridge : 0)));
  const gradient = weights.map((weight, at) => (at > 0 ? -ridge * weight : 0));
  for (const { features, isPositive, weight } of rows) {
    const inputs = [1, ...features];
    const probability = sigmoid(computeLogit(weights, features));
    const slope = weight * ((isPositive ? 1 : 0) - probability);
    const scale = weight * Math.max(probability * (1 - probability), CURVATURE_MIN);
    for (let row = 0; row < size; row++) {
      const input = inputs[row] ?? 0;
      gradient[row] = (gradient[row] ?? 0) + slope * input;
      const line = curvature[row] ?? [];
      for (let at = 0; at < size; at++) line[at] = (line[at] ?? 0) + scale * input * (inputs[at] ?? 0);
    }
  }
  return solve(curvature, gradient);
}

/** Gaussian elimination with the largest pivot. A column without one leaves its unknown at 0. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((line, at) => [...line, right[at] ?? 0]);
  const size = right.length;
  for (let column = 0; column < size; column++) {
    const pivotAt = findPivot(lines, column);
    const pivot = lines[pivotAt] ?? [];
    lines[pivotAt] = lines[column] ?? [];
    lines[column] = pivot;
    const head = pivot[column] ?? 0;
    if (head === 0) continue;
    for (const [at, line] of lines.entries()) {
      if (at === column) continue;
      const factor = (line[column] ?? 0) / head;
      for (let next = column; next <= size; next++)
        line[next] = (line[next] ?? 0) - factor * (pivot[next] ?? 0);
    }
  }
  return lines.map((line, at) => ((line[at] ?? 0) === 0 ? 0 : (line[size] ?? 0) / (line[at] ?? 1)));
}

function findPivot(lines: readonly (readonly number[])[], column: number): number {
  let best = column;
  for (let at = column + 1; at < lines.length; at++)
    if (Math.abs(lines[at]?.[column] ?? 0) > Math.abs(lines[best]?.[column] ?? 0)) best = at;
  return best;
}

export function computeLogit(
  [intercept = 0, ...weights]: LogisticWeights,
  features: readonly number[],
): number {
  return weights.reduce((sum, weight, at) => sum + weight * (features[at] ?? 0), intercept);
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
