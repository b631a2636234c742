/** Platt scaling (1999): a logistic curve from scores to probabilities, fitted on scores whose outcome is known. */
import { factorize, solveFactorized } from "../numeric/cholesky.ts";
import { sigmoid } from "../numeric/special-functions.ts";

/** P(true) = sigmoid(slope x score + offset). */
export type PlattCurve = { readonly slope: number; readonly offset: number };

export type PlattOptions = {
  /** Normal prior around slope `slope` and offset 0; absent: nearly flat around slope 1. */
  readonly slope?: number;
  readonly slopeVariance?: number;
  readonly offsetVariance?: number;
};

const STEPS_MAX = 50;

/** Scores are log odds or anything that grows with them. Few outcomes and a flat prior give a steep curve: set a prior. */
export function fitPlatt(scores: Float64Array, outcomes: Uint8Array, options: PlattOptions = {}): PlattCurve {
  const { slope: mean = 1, slopeVariance = 100, offsetVariance = 100 } = options;
  let [slope, offset] = [mean, 0];
  for (let step = 0; step < STEPS_MAX; step++) {
    const gradient = Float64Array.of((mean - slope) / slopeVariance, -offset / offsetVariance);
    const hessian = Float64Array.of(1 / slopeVariance, 0, 0, 1 / offsetVariance);
    scores.forEach((score, at) => {
      const p = sigmoid(slope * score + offset);
      const [error, spread] = [(outcomes[at] ?? 0) - p, Math.max(1e-6, p * (1 - p))];
      gradient[0] = (gradient[0] ?? 0) + error * score;
      gradient[1] = (gradient[1] ?? 0) + error;
      hessian[0] = (hessian[0] ?? 0) + spread * score * score;
      hessian[2] = (hessian[2] ?? 0) + spread * score;
      hessian[3] = (hessian[3] ?? 0) + spread;
    });
    factorize(hessian, 2);
    solveFactorized(hessian, 2, gradient);
    const [turn, shift] = [gradient[0] ?? 0, gradient[1] ?? 0];
    const scale = 1 / Math.max(1, Math.abs(turn), Math.abs(shift));
    slope += turn * scale;
    offset += shift * scale;
    if (Math.abs(turn) + Math.abs(shift) < 1e-9) break;
  }
  return { slope, offset };
}

export function applyPlatt({ slope, offset }: PlattCurve, score: number): number {
  return sigmoid(slope * score + offset);
}
