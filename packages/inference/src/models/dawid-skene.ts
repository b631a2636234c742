/** Dawid & Skene 1979: a confusion matrix for each validator and the items' classes, found together by expectation-maximisation. */
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { computeLogPrior, countConfusion, shareRight, updatePosterior } from "./confusion.ts";
import { clampKnown, type Inference, ITERATIONS_MAX, type ModelOptions, TOLERANCE } from "./inference.ts";

/** A hundredth of a label in every cell: no probability is zero, and a cell with one label is hardly moved. */
const SMOOTHING = 0.01;

/** Nats a label: where EM crawls along a ridge of solutions that explain the labels alike. */
const GAIN_MIN = 1e-5;

export function inferDawidSkene(table: LabelTable, options: ModelOptions = {}): Inference {
  const width = table.classes.length;
  const posterior = computeVoteShares(table);
  clampKnown(posterior, width, options.known);
  let [iterations, change, objective, gain] = [0, Infinity, -Infinity, Infinity];
  const iterationsMax = options.iterationsMax ?? ITERATIONS_MAX;
  while (iterations < iterationsMax && change > TOLERANCE && gain > GAIN_MIN * table.labelCount) {
    const before = objective;
    const logConfusion = countConfusion(table, posterior, SMOOTHING);
    takeLogShares(logConfusion, width);
    const logPrior = computeLogPrior(posterior, width, SMOOTHING);
    ({ change, likelihood: objective } = updatePosterior(table, {
      posterior,
      logConfusion,
      logPrior,
      known: options.known,
    }));
    gain = objective - before;
    iterations++;
  }
  const reliability = shareRight(countConfusion(table, posterior, SMOOTHING), table.validators.length, width);
  return { method: "dawid-skene", posterior, reliability, objective, iterations };
}

/** Counts -> log probability of each label given the class, in place. */
function takeLogShares(counts: Float64Array, width: number): void {
  const block = width * width;
  for (let from = 0; from < counts.length; from += block)
    for (let cell = 0; cell < width; cell++) {
      let total = 0;
      for (let at = from + cell; at < from + block; at += width) total += counts[at] ?? 0;
      for (let at = from + cell; at < from + block; at += width)
        counts[at] = Math.log((counts[at] ?? 0) / total);
    }
}
