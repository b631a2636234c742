/**
 * Bayesian conditional logit: P(class) is proportional to exp(features of the class . weights), weights with independent normal
 * priors. Maximum a posteriori by Newton's method, evidence by Laplace's approximation (MacKay 1992).
 */
import { factorize, solveFactorized } from "../numeric/cholesky.ts";
import { softmaxRow } from "../numeric/rows.ts";

export type LogitProblem = {
  /** cases x width x size. */
  readonly features: Float64Array;
  /** Class of each case. */
  readonly truth: Int32Array;
  readonly width: number;
  readonly size: number;
};

/** Variance 0 fixes a weight at its mean. */
export type WeightPrior = { readonly mean: Float64Array; readonly variance: Float64Array };

export type LogitFit = { readonly weights: Float64Array; readonly logEvidence: number };

const NEWTON_STEPS_MAX = 40;
const HALVINGS_MAX = 20;
const GAIN_MIN = 1e-8;

export function fitConditionalLogit(
  problem: LogitProblem,
  prior: WeightPrior,
  start: Float64Array = prior.mean,
): LogitFit {
  const free = Int32Array.from(prior.variance.keys()).filter((at) => (prior.variance[at] ?? 0) > 0);
  const fit: Fit = { problem, prior, free, weights: prior.mean.slice() };
  for (const at of free) fit.weights[at] = start[at] ?? 0;
  let objective = computeObjective(fit, fit.weights);
  const hessian = new Float64Array(free.length * free.length);
  const gradient = new Float64Array(free.length);
  let logDeterminant = 0;
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    accumulate(fit, gradient, hessian);
    logDeterminant = factorize(hessian, free.length);
    solveFactorized(hessian, free.length, gradient);
    const moved = moveUphill(fit, gradient, objective);
    const gain = moved - objective;
    objective = moved;
    if (gain < GAIN_MIN) break;
  }
  let priorVolume = 0;
  for (const at of free) priorVolume += Math.log(prior.variance[at] ?? 1);
  return { weights: fit.weights, logEvidence: objective - (logDeterminant + priorVolume) / 2 };
}

type Fit = {
  readonly problem: LogitProblem;
  readonly prior: WeightPrior;
  readonly free: Int32Array;
  weights: Float64Array;
};

/** Log likelihood of the cases plus log prior density, constants left out. */
function computeObjective({ problem, prior, free }: Fit, weights: Float64Array): number {
  const { truth, width } = problem;
  const scores = new Float64Array(width);
  let total = 0;
  for (let at = 0; at < truth.length; at++) {
    computeScores(problem, weights, at, scores);
    const chosen = scores[truth[at] ?? 0] ?? 0;
    total += chosen - softmaxRow(scores, 0, width);
  }
  for (const at of free)
    total -= ((weights[at] ?? 0) - (prior.mean[at] ?? 0)) ** 2 / (2 * (prior.variance[at] ?? 1));
  return total;
}

function computeScores(
  { features, width, size }: LogitProblem,
  weights: Float64Array,
  at: number,
  scores: Float64Array,
): void {
  for (let cell = 0; cell < width; cell++) {
    const row = (at * width + cell) * size;
    let score = 0;
    for (let feature = 0; feature < size; feature++)
      score += (features[row + feature] ?? 0) * (weights[feature] ?? 0);
    scores[cell] = score;
  }
}

/** Gradient of the objective and negated Hessian (lower triangle) at the present weights. */
function accumulate(
  { problem, prior, free, weights }: Fit,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const { features, truth, width, size } = problem;
  const count = free.length;
  hessian.fill(0);
  free.forEach((feature, at) => {
    const variance = prior.variance[feature] ?? 1;
    gradient[at] = ((prior.mean[feature] ?? 0) - (weights[feature] ?? 0)) / variance;
    hessian[at * count + at] = 1 / variance;
  });
  const scores = new Float64Array(width);
  const mean = new Float64Array(count);
  const centered = new Float64Array(count);
  for (let at = 0; at < truth.length; at++) {
    computeScores(problem, weights, at, scores);
    softmaxRow(scores, 0, width);
    mean.fill(0);
    for (let cell = 0; cell < width; cell++) {
      const row = (at * width + cell) * size;
      const share = scores[cell] ?? 0;
      for (let i = 0; i < count; i++)
        mean[i] = (mean[i] ?? 0) + share * (features[row + (free[i] ?? 0)] ?? 0);
    }
    const chosen = (at * width + (truth[at] ?? 0)) * size;
    for (let i = 0; i < count; i++)
      gradient[i] = (gradient[i] ?? 0) + (features[chosen + (free[i] ?? 0)] ?? 0) - (mean[i] ?? 0);
    for (let cell = 0; cell < width; cell++) {
      const row = (at * width + cell) * size;
      for (let i = 0; i < count; i++) centered[i] = (features[row + (free[i] ?? 0)] ?? 0) - (mean[i] ?? 0);
      addOuter(hessian, centered, scores[cell] ?? 0);
    }
  }
}

/** Adds scale x vector vector' to the lower triangle. */
function addOuter(matrix: Float64Array, vector: Float64Array, scale: number): void {
  const size = vector.length;
  if (scale < 1e-12) return;
  for (let row = 0; row < size; row++) {
    const factor = scale * (vector[row] ?? 0);
    if (factor === 0) continue;
    const base = row * size;
    for (let column = 0; column <= row; column++)
      matrix[base + column] = (matrix[base + column] ?? 0) + factor * (vector[column] ?? 0);
  }
}

/** Goes along the step, half as far each time it would lead down. Returns the objective reached. */
function moveUphill(fit: Fit, step: Float64Array, objective: number): number {
  for (let [scale, halvings] = [1, 0]; halvings < HALVINGS_MAX; scale /= 2, halvings++) {
    const next = fit.weights.slice();
    fit.free.forEach((feature, at) => {
      next[feature] = (next[feature] ?? 0) + scale * (step[at] ?? 0);
    });
    const reached = computeObjective(fit, next);
    if (reached >= objective) {
      fit.weights = next;
      return reached;
    }
  }
  return objective;
}
