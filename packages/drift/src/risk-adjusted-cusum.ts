/** The risk-adjusted CUSUM (Steiner et al. 2000): each case scored against what was to be expected of it, so that hard work is no offence. */
import { invariant } from "@mira/primitives";
import { solveRunLength } from "./run-length.ts";

/** log-likelihood ratio of one outcome when the odds of an error are `oddsRatio` times what `risk` says. */
export function computeRiskAdjustedScore(isError: boolean, risk: number, oddsRatio: number): number {
  return Math.log((isError ? oddsRatio : 1) / (1 - risk + oddsRatio * risk));
}

/** S <- max(0, S + score). Works for any log-likelihood ratio, less an allowance for what the model of the risk itself gets wrong. */
export function accumulate(sum: number, score: number, allowance = 0): number {
  return Math.max(0, sum + score - allowance);
}

/**
 * The smallest limit that guarantees mean observations to a false alarm of at least `arl0`, for any scores that are log-likelihood ratios
 * against the truth, also ones learnt on the way: the Shiryaev-Roberts sum R - n is a martingale and exceeds e^S (Pollak 1987). The true
 * run length is several times longer; where the risks are known, `designRiskAdjustedCusum` finds it.
 */
export function computeGuaranteedLimit(arl0: number): number {
  invariant(arl0 >= 1, `a run length is at least 1 observation, got ${arl0}`);
  return Math.log(arl0);
}

/** A kind of case: its risk of an error in control, and its share of the work. Shares need not add up to 1. */
export type RiskShare = { readonly risk: number; readonly share: number };

export type RiskAdjustedDesign = { readonly limit: number; readonly arl0: number };

/** Width of a cell over the limit's range; run lengths come out within 2 % of simulation at this fineness. */
const CELLS = 160;
const LIMIT_MAX = 30;
const LIMIT_STEP = 0.01;

/** The smallest limit, to .01, with at least `arl0` mean observations to a false alarm on this mix of risks. */
export function designRiskAdjustedCusum(aim: {
  risks: readonly RiskShare[];
  oddsRatio: number;
  arl0: number;
}): RiskAdjustedDesign {
  let [low, high] = [0, Math.ceil(computeGuaranteedLimit(aim.arl0) / LIMIT_STEP)];
  invariant(high * LIMIT_STEP <= LIMIT_MAX, `a run length of ${aim.arl0} is beyond any chart`);
  const at = (units: number) => computeRiskAdjustedArl({ ...aim, limit: units * LIMIT_STEP });
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(middle) < aim.arl0) low = middle;
    else high = middle;
  }
  return { limit: high * LIMIT_STEP, arl0: at(high) };
}

/**
 * Mean observations to an alarm; with `actualOddsRatio` other than 1, when errors are that much likelier than the risks say. Scores fall
 * between cells: each is split over its two neighbours in proportion, which keeps the mean of every step exact.
 */
export function computeRiskAdjustedArl(chart: {
  risks: readonly RiskShare[];
  oddsRatio: number;
  limit: number;
  actualOddsRatio?: number;
}): number {
  const cell = chart.limit / CELLS;
  const steps = listSteps(chart.risks, chart.oddsRatio, chart.actualOddsRatio ?? 1);
  return solveRunLength(CELLS, 0, (state, go) => {
    for (const { score, probability } of steps) {
      const place = Math.max(0, state + score / cell);
      const floor = Math.floor(place);
      go(floor, probability * (1 - (place - floor)));
      go(floor + 1, probability * (place - floor));
    }
  });
}

function listSteps(risks: readonly RiskShare[], oddsRatio: number, actual: number) {
  const total = risks.reduce((sum, { share }) => sum + share, 0);
  invariant(total > 0, "a mix of risks needs at least one with a share");
  return risks.flatMap(({ risk, share }) => {
    const errorRate = (actual * risk) / (1 - risk + actual * risk);
    return [true, false].map((isError) => ({
      score: computeRiskAdjustedScore(isError, risk, oddsRatio),
      probability: ((isError ? errorRate : 1 - errorRate) * share) / total,
    }));
  });
}
