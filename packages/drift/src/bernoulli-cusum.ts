/** The Bernoulli CUSUM (Page 1954; Reynolds and Stoumbos 1999): errors, one at a time, against an error rate that was agreed on. */
import { invariant } from "@mira/primitives";

/**
 * S <- max(0, S + x - 1/m), alarm at S >= limit/m. Kept in units of 1/m, so that every value is a whole number: the chart's states are
 * then exactly those of a Markov chain, and no rounding separates two machines.
 */
export type BernoulliCusum = {
  /** The allowance is 1/m: between the error rate in control and the one to be found. */
  readonly m: number;
  /** Alarm when the sum reaches this many units of 1/m. */
  readonly limit: number;
};

export type CusumStep = { readonly sum: number; readonly alarm: boolean };

/** `sum` starts at 0 and comes back from each step; after an alarm the caller decides whether to start again at 0. */
export function updateBernoulliCusum(chart: BernoulliCusum, sum: number, isError: boolean): CusumStep {
  const next = Math.max(0, sum + (isError ? chart.m - 1 : -1));
  return { sum: next, alarm: next >= chart.limit };
}

export type BernoulliDesign = BernoulliCusum & {
  /** The limit as it is usually written: limit/m. */
  readonly h: number;
  /** Exact mean observations to an alarm at the error rate in control, and at the one to be found. */
  readonly arl0: number;
  readonly arl1: number;
};

/** No chart in use comes near; it keeps a search for an absurd run length finite. */
const LIMIT_MAX = 20_000;

/** The m nearest to the likelihood ratio's own allowance, and the smallest limit whose exact run length in control is at least `arl0`. */
export function designBernoulliCusum(aim: { p0: number; p1: number; arl0: number }): BernoulliDesign {
  const { p0, p1, arl0 } = aim;
  invariant(0 < p0 && p0 < p1 && p1 < 1, `needed 0 < p0 < p1 < 1, got ${p0} and ${p1}`);
  const m = Math.max(2, Math.round(computeReciprocalAllowance(p0, p1)));
  const at = (limit: number) => computeBernoulliArl({ m, limit }, p0);
  let [low, high] = [0, m];
  while (at(high) < arl0) {
    [low, high] = [high, high * 2];
    invariant(high <= LIMIT_MAX, `a run length of ${arl0} needs a limit above ${LIMIT_MAX} units`);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(middle) < arl0) low = middle;
    else high = middle;
  }
  const chart = { m, limit: high };
  return { ...chart, h: high / m, arl0: at(high), arl1: computeBernoulliArl(chart, p1) };
}

function computeReciprocalAllowance(p0: number, p1: number): number {
  const perError = Math.log((p1 * (1 - p0)) / (p0 * (1 - p1)));
  const perSuccess = Math.log((1 - p0) / (1 - p1));
  return perError / perSuccess;
}

/**
 * Exact mean observations from S = 0 to an alarm, when errors come independently at `errorRate`. The sum moves one unit down or m-1 up, so
 * run lengths L satisfy L[s] = 1 + (1-p) L[max(0, s-1)] + p L[s+m-1], with L = 0 at and beyond the limit. Only one diagonal lies below the
 * main one: elimination from 0 upwards leaves each L[s] in terms of the m-1 above it, which takes limit * m steps.
 */
export function computeBernoulliArl({ m, limit }: BernoulliCusum, errorRate: number): number {
  invariant(Number.isInteger(m) && m >= 2, `m must be a whole number of at least 2, got ${m}`);
  invariant(
    Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX,
    `limit must be in 1..${LIMIT_MAX}, got ${limit}`,
  );
  invariant(errorRate > 0 && errorRate <= 1, `an error rate must be above 0 and at most 1, got ${errorRate}`);
  const { constants, above } = eliminate(m, limit, errorRate);
  const lengths = new Float64Array(limit + m);
  for (let state = limit - 1; state >= 0; state--) {
    let length = constants[state] ?? 0;
    for (let up = 1; up < m; up++) length += (above[state * m + up] ?? 0) * (lengths[state + up] ?? 0);
    lengths[state] = length;
  }
  return lengths[0] ?? 0;
}

/**
 * Row s becomes L[s] = constants[s] + sum over up in 1..m-1 of above[s*m + up] * L[s + up], the places beyond the limit included, so that
 * those coefficients add up to 1. The pivot 1 - (1-p) above[1] is therefore p + (1-p) (above[2] + ...): sums of what is positive, which
 * keep every digit however long the run (Grassmann, Taksar and Heyman 1985).
 */
function eliminate(m: number, limit: number, p: number) {
  const [constants, above] = [new Float64Array(limit), new Float64Array(limit * m)];
  for (let state = 0; state < limit; state++) {
    const below = (state - 1) * m;
    const coefficientBelow = (up: number) => (state === 0 || up >= m ? 0 : (above[below + up] ?? 0));
    let pivot = p;
    for (let up = 2; up < m; up++) pivot += (1 - p) * coefficientBelow(up);
    constants[state] = (1 + (state === 0 ? 0 : (1 - p) * (constants[state - 1] ?? 0))) / pivot;
    for (let up = 1; up < m; up++)
      above[state * m + up] = ((1 - p) * coefficientBelow(up + 1) + (up === m - 1 ? p : 0)) / pivot;
  }
  return { constants, above };
}
