/**
 * One-coin model: each validator has one probability to be right, errors fall on the other classes alike. Mean-field variational
 * with Beta priors (Zhang et al. 2014 have the EM; the priors keep a validator with three labels from being called perfect).
 */
import { softmaxRow, sum } from "../numeric/rows.ts";
import { digamma, logGamma } from "../numeric/special-functions.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { clampKnown, type Inference, ITERATIONS_MAX, type ModelOptions, TOLERANCE } from "./inference.ts";

export type OneCoinOptions = ModelOptions & {
  /** Pseudo-labels that were right and wrong, of every validator. */
  readonly rightPrior?: number;
  readonly wrongPrior?: number;
};

/** As in the confusion rows of EBCC: better than chance is expected, and four labels outweigh it. */
const RIGHT_PRIOR = 4;
const WRONG_PRIOR = 1;
const CLASS_PRIOR = 1;

export function inferOneCoin(table: LabelTable, options: OneCoinOptions = {}): Inference {
  const width = table.classes.length;
  const prior = {
    right: options.rightPrior ?? RIGHT_PRIOR,
    wrong: (options.wrongPrior ?? WRONG_PRIOR) * Math.max(1, width - 1),
  };
  const posterior = computeVoteShares(table);
  clampKnown(posterior, width, options.known);
  let [iterations, change, itemBound] = [0, Infinity, 0];
  let [coins, classes] = [countRight(table, posterior, prior), countClasses(posterior, width)];
  while (iterations < (options.iterationsMax ?? ITERATIONS_MAX) && change > TOLERANCE) {
    ({ change, itemBound } = updateItems(table, { posterior, coins, classes, known: options.known }));
    iterations++;
    if (change > TOLERANCE)
      [coins, classes] = [countRight(table, posterior, prior), countClasses(posterior, width)];
  }
  return {
    method: "one-coin",
    posterior,
    reliability: coins.right.map((right, at) => right / (right + (coins.wrong[at] ?? 0))),
    objective: itemBound - coinDivergence(table, coins, prior) - classDivergence(classes),
    iterations,
  };
}

type Coins = { readonly right: Float64Array; readonly wrong: Float64Array };
type Prior = { readonly right: number; readonly wrong: number };

/** Expected right and wrong labels of each validator, prior included. */
function countRight(
  { byValidator, validators, classes }: LabelTable,
  posterior: Float64Array,
  prior: Prior,
): Coins {
  const [right, wrong] = [new Float64Array(validators.length), new Float64Array(validators.length)];
  const { start, other, label, weight } = byValidator;
  for (let validator = 0; validator < validators.length; validator++) {
    let [hits, all] = [0, 0];
    for (let at = start[validator] ?? 0; at < (start[validator + 1] ?? 0); at++) {
      const part = weight[at] ?? 0;
      hits += part * (posterior[(other[at] ?? 0) * classes.length + (label[at] ?? 0)] ?? 0);
      all += part;
    }
    right[validator] = prior.right + hits;
    wrong[validator] = prior.wrong + all - hits;
  }
  return { right, wrong };
}

function countClasses(posterior: Float64Array, width: number): Float64Array {
  const counts = new Float64Array(width).fill(CLASS_PRIOR);
  for (let at = 0; at < posterior.length; at++)
    counts[at % width] = (counts[at % width] ?? 0) + (posterior[at] ?? 0);
  return counts;
}

type Expectations = {
  readonly posterior: Float64Array;
  readonly coins: Coins;
  readonly classes: Float64Array;
  readonly known: Int32Array | undefined;
};

function updateItems(
  { byItem, items, classes: names }: LabelTable,
  { posterior, coins, classes, known }: Expectations,
): { change: number; itemBound: number } {
  const width = names.length;
  const before = posterior.slice();
  const spread = Math.log(Math.max(1, width - 1));
  const all = digamma(sum(classes));
  const classLog = classes.map((count) => digamma(count) - all);
  const wrongLog = coins.wrong.map(
    (wrong, at) => digamma(wrong) - digamma(wrong + (coins.right[at] ?? 0)) - spread,
  );
  const gain = coins.right.map(
    (right, at) => digamma(right) - digamma(right + (coins.wrong[at] ?? 0)) - (wrongLog[at] ?? 0),
  );
  let [change, itemBound] = [0, 0];
  for (let item = 0; item < items.length; item++) {
    const row = item * width;
    posterior.set(classLog, row);
    let base = 0;
    for (let at = byItem.start[item] ?? 0; at < (byItem.start[item + 1] ?? 0); at++) {
      const [validator, part] = [byItem.other[at] ?? 0, byItem.weight[at] ?? 0];
      const cell = row + (byItem.label[at] ?? 0);
      posterior[cell] = (posterior[cell] ?? 0) + part * (gain[validator] ?? 0);
      base += part * (wrongLog[validator] ?? 0);
    }
    const truth = known?.[item] ?? -1;
    if (truth >= 0)
      for (let label = 0; label < width; label++) if (label !== truth) posterior[row + label] = -Infinity;
    itemBound += base + softmaxRow(posterior, row, width);
    for (let at = row; at < row + width; at++)
      change = Math.max(change, Math.abs((posterior[at] ?? 0) - (before[at] ?? 0)));
  }
  return { change, itemBound };
}

/** Divergence of the coins' posterior from their prior, beta against beta. */
function coinDivergence({ validators }: LabelTable, coins: Coins, prior: Prior): number {
  const priorNorm = logGamma(prior.right + prior.wrong) - logGamma(prior.right) - logGamma(prior.wrong);
  let divergence = 0;
  for (let at = 0; at < validators.length; at++) {
    const [right, wrong] = [coins.right[at] ?? 0, coins.wrong[at] ?? 0];
    const all = digamma(right + wrong);
    divergence += logGamma(right + wrong) - logGamma(right) - logGamma(wrong) - priorNorm;
    divergence +=
      (right - prior.right) * (digamma(right) - all) + (wrong - prior.wrong) * (digamma(wrong) - all);
  }
  return divergence;
}

function classDivergence(counts: Float64Array): number {
  const [total, width] = [sum(counts), counts.length];
  let divergence = logGamma(total) - logGamma(width * CLASS_PRIOR);
  for (const count of counts)
    divergence +=
      logGamma(CLASS_PRIOR) - logGamma(count) + (count - CLASS_PRIOR) * (digamma(count) - digamma(total));
  return divergence;
}
