/** E-step of every model whose validators have a confusion matrix: labels weigh by the log of how likely each class makes them. */
import { softmaxRow } from "../numeric/rows.ts";
import type { LabelTable } from "../table/types.ts";

export type ConfusionStep = {
  /** Written: items x classes. */
  readonly posterior: Float64Array;
  /** Log probability of a label given the class: validators x labels x classes. */
  readonly logConfusion: Float64Array;
  readonly logPrior: Float64Array;
  readonly known: Int32Array | undefined;
};

/** New posteriors of all items. Returns the largest change and the sum of log normalisers: the log likelihood. */
export function updatePosterior(
  table: LabelTable,
  step: ConfusionStep,
): { change: number; likelihood: number } {
  const width = table.classes.length;
  const before = new Float64Array(width);
  let [change, likelihood] = [0, 0];
  for (let item = 0; item < table.items.length; item++) {
    const row = item * width;
    for (let cell = 0; cell < width; cell++) before[cell] = step.posterior[row + cell] ?? 0;
    addLogLikelihood(table, step, item);
    likelihood += softmaxRow(step.posterior, row, width);
    for (let cell = 0; cell < width; cell++)
      change = Math.max(change, Math.abs((step.posterior[row + cell] ?? 0) - (before[cell] ?? 0)));
  }
  return { change, likelihood };
}

function addLogLikelihood({ byItem, classes }: LabelTable, step: ConfusionStep, item: number): void {
  const { posterior, logConfusion, logPrior, known } = step;
  const width = classes.length;
  const row = item * width;
  for (let cell = 0; cell < width; cell++) posterior[row + cell] = logPrior[cell] ?? 0;
  const end = byItem.start[item + 1] ?? 0;
  for (let at = byItem.start[item] ?? 0; at < end; at++) {
    const from = ((byItem.other[at] ?? 0) * width + (byItem.label[at] ?? 0)) * width;
    const part = byItem.weight[at] ?? 0;
    for (let cell = 0; cell < width; cell++)
      posterior[row + cell] = (posterior[row + cell] ?? 0) + part * (logConfusion[from + cell] ?? 0);
  }
  const truth = known?.[item] ?? -1;
  if (truth >= 0)
    for (let cell = 0; cell < width; cell++) if (cell !== truth) posterior[row + cell] = -Infinity;
}

/** Expected number of times each validator gave each label to each class: validators x labels x classes, `prior` added. */
export function countConfusion(
  { byValidator, validators, classes }: LabelTable,
  posterior: Float64Array,
  prior: number,
): Float64Array {
  const width = classes.length;
  const counts = new Float64Array(validators.length * width * width).fill(prior);
  for (let validator = 0; validator < validators.length; validator++)
    for (let at = byValidator.start[validator] ?? 0; at < (byValidator.start[validator + 1] ?? 0); at++) {
      const to = (validator * width + (byValidator.label[at] ?? 0)) * width;
      const from = (byValidator.other[at] ?? 0) * width;
      const part = byValidator.weight[at] ?? 0;
      for (let cell = 0; cell < width; cell++)
        counts[to + cell] = (counts[to + cell] ?? 0) + part * (posterior[from + cell] ?? 0);
    }
  return counts;
}

/** Share of each validator's counted labels that were right. */
export function shareRight(counts: Float64Array, validatorCount: number, width: number): Float64Array {
  const shares = new Float64Array(validatorCount);
  for (let validator = 0; validator < validatorCount; validator++) {
    let [right, all] = [0, 0];
    for (let label = 0; label < width; label++)
      for (let cell = 0; cell < width; cell++) {
        const count = counts[(validator * width + label) * width + cell] ?? 0;
        all += count;
        if (cell === label) right += count;
      }
    shares[validator] = all > 0 ? right / all : 1 / width;
  }
  return shares;
}

/** Log of each class's share of the posterior, `prior` pseudo-items added to each. */
export function computeLogPrior(posterior: Float64Array, width: number, prior: number): Float64Array {
  const counts = new Float64Array(width).fill(prior);
  for (let at = 0; at < posterior.length; at += width)
    for (let cell = 0; cell < width; cell++) counts[cell] = (counts[cell] ?? 0) + (posterior[at + cell] ?? 0);
  const total = posterior.length / width + width * prior;
  return counts.map((count) => Math.log(count / total));
}
