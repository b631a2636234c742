/**
 * GLAD (Whitehill, Ruvolo, Wu, Bergsma, Movellan, NIPS 2009): a label is right with probability sigmoid(ability x ease), ability of
 * the validator and ease of the item. EM; the M-step takes diagonal Newton steps, which need no learning rate.
 */
import { sigmoid } from "../numeric/special-functions.ts";
import { softmaxRow } from "../numeric/rows.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { clampKnown, type Inference, ITERATIONS_MAX, type ModelOptions, TOLERANCE } from "./inference.ts";

/** Of the paper: abilities and log eases are normal around 1 with variance 1. */
const PRIOR_MEAN = 1;
const PRIOR_VARIANCE = 1;
/** Newton steps in one M-step: EM needs no exact maximum. */
const STEPS = 2;
/** No step goes further than this, where the quadratic no longer holds. */
const STEP_MAX = 1;

export function inferGlad(table: LabelTable, options: ModelOptions = {}): Inference {
  const width = table.classes.length;
  const posterior = computeVoteShares(table);
  clampKnown(posterior, width, options.known);
  const ability = new Float64Array(table.validators.length).fill(PRIOR_MEAN);
  const logEase = new Float64Array(table.items.length).fill(PRIOR_MEAN);
  let [iterations, change, objective] = [0, Infinity, -Infinity];
  while (iterations < (options.iterationsMax ?? ITERATIONS_MAX) && change > TOLERANCE) {
    for (let step = 0; step < STEPS; step++) {
      moveAbilities(table, posterior, ability, logEase);
      moveEases(table, posterior, ability, logEase);
    }
    ({ change, objective } = updateItems(table, posterior, { ability, logEase, known: options.known }));
    iterations++;
  }
  return {
    method: "glad",
    posterior,
    reliability: ability.map((value) => sigmoid(value * Math.E)),
    objective,
    iterations,
  };
}

function moveAbilities(
  table: LabelTable,
  posterior: Float64Array,
  ability: Float64Array,
  logEase: Float64Array,
): void {
  const { start, other, label, weight } = table.byValidator;
  const width = table.classes.length;
  for (let validator = 0; validator < ability.length; validator++) {
    const value = ability[validator] ?? 0;
    let slope = (PRIOR_MEAN - value) / PRIOR_VARIANCE;
    let curvature = 1 / PRIOR_VARIANCE;
    for (let at = start[validator] ?? 0; at < (start[validator + 1] ?? 0); at++) {
      const item = other[at] ?? 0;
      const ease = Math.exp(logEase[item] ?? 0);
      const right = sigmoid(value * ease);
      const part = weight[at] ?? 0;
      slope += part * ((posterior[item * width + (label[at] ?? 0)] ?? 0) - right) * ease;
      curvature += part * right * (1 - right) * ease * ease;
    }
    ability[validator] = value + limitStep(slope / curvature);
  }
}

function moveEases(
  table: LabelTable,
  posterior: Float64Array,
  ability: Float64Array,
  logEase: Float64Array,
): void {
  const { start, other, label, weight } = table.byItem;
  const width = table.classes.length;
  for (let item = 0; item < logEase.length; item++) {
    const ease = Math.exp(logEase[item] ?? 0);
    let slope = (PRIOR_MEAN - (logEase[item] ?? 0)) / PRIOR_VARIANCE;
    let curvature = 1 / PRIOR_VARIANCE;
    for (let at = start[item] ?? 0; at < (start[item + 1] ?? 0); at++) {
      const pull = (ability[other[at] ?? 0] ?? 0) * ease;
      const right = sigmoid(pull);
      const part = weight[at] ?? 0;
      slope += part * ((posterior[item * width + (label[at] ?? 0)] ?? 0) - right) * pull;
      curvature += part * right * (1 - right) * pull * pull;
    }
    logEase[item] = (logEase[item] ?? 0) + limitStep(slope / curvature);
  }
}

function limitStep(step: number): number {
  return Math.max(-STEP_MAX, Math.min(STEP_MAX, step));
}

type Model = {
  readonly ability: Float64Array;
  readonly logEase: Float64Array;
  readonly known: Int32Array | undefined;
};

function updateItems(
  table: LabelTable,
  posterior: Float64Array,
  { ability, logEase, known }: Model,
): { change: number; objective: number } {
  const { start, other, label, weight } = table.byItem;
  const width = table.classes.length;
  const before = posterior.slice();
  let [change, objective] = [0, 0];
  for (let item = 0; item < logEase.length; item++) {
    const row = item * width;
    const ease = Math.exp(logEase[item] ?? 0);
    posterior.fill(-Math.log(width), row, row + width);
    for (let at = start[item] ?? 0; at < (start[item + 1] ?? 0); at++) {
      const pull = (ability[other[at] ?? 0] ?? 0) * ease;
      const part = weight[at] ?? 0;
      // log sigmoid(pull) against log(sigmoid(-pull) / (classes - 1)): their difference goes to the label, the rest to all.
      const cell = row + (label[at] ?? 0);
      posterior[cell] = (posterior[cell] ?? 0) + part * (pull + Math.log(Math.max(1, width - 1)));
      objective += part * (Math.log(Math.max(1e-300, sigmoid(-pull))) - Math.log(Math.max(1, width - 1)));
    }
    const truth = known?.[item] ?? -1;
    if (truth >= 0)
      for (let cell = 0; cell < width; cell++) if (cell !== truth) posterior[row + cell] = -Infinity;
    objective += softmaxRow(posterior, row, width);
    for (let cell = row; cell < row + width; cell++)
      change = Math.max(change, Math.abs((posterior[cell] ?? 0) - (before[cell] ?? 0)));
  }
  return { change, objective };
}
