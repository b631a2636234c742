/** The EWMA of errors (Roberts 1959), with the run length of its chart by a Markov chain (Lucas and Saccucci 1990). */
import { invariant } from "@mira/primitives";
import { solveRunLength } from "./run-length.ts";

export type Ewma = {
  /** Error rate in control: where the average starts. */
  readonly p0: number;
  /** Weight of the newest observation, in (0, 1]. */
  readonly lambda: number;
  /** Alarm when the average stands this many of its own standard deviations above p0. */
  readonly width: number;
};

export type EwmaStep = { readonly average: number; readonly alarm: boolean };

export function updateEwma(chart: Ewma, average: number, isError: boolean): EwmaStep {
  const next = average + chart.lambda * ((isError ? 1 : 0) - average);
  return { average: next, alarm: next >= computeEwmaLimit(chart) };
}

export function computeEwmaLimit({ p0, lambda, width }: Ewma): number {
  return p0 + width * Math.sqrt((lambda / (2 - lambda)) * p0 * (1 - p0));
}

/** The range below the limit is cut into this many cells, finer than the smallest step of any lambda in use. */
const CELLS = 401;

/** Mean observations to an alarm at `errorRate`, to the width of a cell: within a few per cent for lambda of .02 and more. */
export function computeEwmaArl(chart: Ewma, errorRate: number): number {
  invariant(chart.lambda > 0 && chart.lambda <= 1, `lambda must lie in (0, 1], got ${chart.lambda}`);
  const limit = computeEwmaLimit(chart);
  const cell = limit / CELLS;
  const stateOf = (value: number) => Math.min(CELLS, Math.floor(value / cell));
  return solveRunLength(CELLS, stateOf(chart.p0), (state, go) => {
    const decayed = (1 - chart.lambda) * (state + 0.5) * cell;
    go(stateOf(decayed), 1 - errorRate);
    go(stateOf(decayed + chart.lambda), errorRate);
  });
}
