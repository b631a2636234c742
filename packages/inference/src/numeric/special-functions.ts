/** Digamma, log-gamma and the logistic function: what variational inference over Dirichlet and Beta variables needs. */

/** Below this the recurrence is used, above it the asymptotic series, whose first term left out is under 1e-12 there. */
const ASYMPTOTIC_FROM = 8;

/** Derivative of log-gamma, for x > 0 (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  let [shifted, sum] = [x, 0];
  while (shifted < ASYMPTOTIC_FROM) {
    sum -= 1 / shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series =
    square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - (square * 5) / 660))));
  return sum + Math.log(shifted) - inverse / 2 - series;
}

/** Log of the gamma function, for x > 0 (Stirling's series, A & S 6.1.41). */
export function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < ASYMPTOTIC_FROM) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series - Math.log(product);
}

const HALF_LOG_TWO_PI = 0.918_938_533_204_672_7;

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
