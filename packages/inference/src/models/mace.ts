/**
 * MACE (Hovy, Berg-Kirkpatrick, Vaswani, Hovy, NAACL 2013): a validator either knows the answer or spams from a habit of its own.
 * Variational EM with the paper's priors; it starts from the vote, so that no random restarts are needed.
 */
import { digamma } from "../numeric/special-functions.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { updatePosterior } from "./confusion.ts";
import { clampKnown, type Inference, ITERATIONS_MAX, type ModelOptions, TOLERANCE } from "./inference.ts";

/** Of the paper: Beta(0.5, 0.5) says that most validators either know or spam; Dirichlet(10) keeps a habit from being overfitted. */
const KNOWING_PRIOR = 0.5;
const HABIT_PRIOR = 10;

export function inferMace(table: LabelTable, options: ModelOptions = {}): Inference {
  const width = table.classes.length;
  const posterior = computeVoteShares(table);
  clampKnown(posterior, width, options.known);
  const logPrior = new Float64Array(width).fill(-Math.log(width));
  let model = startModel(table);
  let [iterations, change, objective] = [0, Infinity, -Infinity];
  while (iterations < (options.iterationsMax ?? ITERATIONS_MAX) && change > TOLERANCE) {
    model = updateModel(table, posterior, model);
    const logConfusion = computeLogConfusion(model, width);
    ({ change, likelihood: objective } = updatePosterior(table, {
      posterior,
      logConfusion,
      logPrior,
      known: options.known,
    }));
    iterations++;
  }
  return { method: "mace", posterior, reliability: computeReliability(model, width), objective, iterations };
}

type Model = {
  /** Weight of knowing of each validator, and of spamming with each label: validators x (1 + classes). Not normalised. */
  readonly knowing: Float64Array;
  readonly spamming: Float64Array;
};

function startModel({ validators, classes }: Pick<LabelTable, "validators" | "classes">): Model {
  return {
    knowing: new Float64Array(validators.length).fill(0.5),
    spamming: new Float64Array(validators.length * classes.length).fill(0.5 / classes.length),
  };
}

/** Splits every label into known and spammed by the present model, then re-estimates both. */
function updateModel(
  { byValidator, validators, classes }: LabelTable,
  posterior: Float64Array,
  model: Model,
): Model {
  const width = classes.length;
  const next = startModel({ validators, classes });
  const habit = new Float64Array(width);
  for (let validator = 0; validator < validators.length; validator++) {
    const know = model.knowing[validator] ?? 0;
    habit.fill(HABIT_PRIOR);
    let [known, all] = [KNOWING_PRIOR, 2 * KNOWING_PRIOR];
    for (let at = byValidator.start[validator] ?? 0; at < (byValidator.start[validator + 1] ?? 0); at++) {
      const label = byValidator.label[at] ?? 0;
      const part = byValidator.weight[at] ?? 0;
      const right = posterior[(byValidator.other[at] ?? 0) * width + label] ?? 0;
      const knew = (part * right * know) / (know + (model.spamming[validator * width + label] ?? 0));
      known += knew;
      all += part;
      habit[label] = (habit[label] ?? 0) + part - knew;
    }
    setExpected(next, validator, { known, all, habit });
  }
  return next;
}

function setExpected(
  model: Model,
  validator: number,
  { known, all, habit }: { known: number; all: number; habit: Float64Array },
): void {
  const width = habit.length;
  const base = digamma(all);
  model.knowing[validator] = Math.exp(digamma(known) - base);
  const spam = digamma(all - known) - base - digamma(habit.reduce((total, count) => total + count, 0));
  habit.forEach((count, label) => {
    model.spamming[validator * width + label] = Math.exp(digamma(count) + spam);
  });
}

function computeLogConfusion({ knowing, spamming }: Model, width: number): Float64Array {
  const logs = new Float64Array(knowing.length * width * width);
  for (let row = 0; row < spamming.length; row++) {
    const spam = spamming[row] ?? 0;
    logs.fill(Math.log(spam), row * width, (row + 1) * width);
    logs[row * width + (row % width)] = Math.log(spam + (knowing[Math.floor(row / width)] ?? 0));
  }
  return logs;
}

/** Knowing, plus spam that hits by luck: the habit's mean over classes is 1 / classes whatever it is. */
function computeReliability({ knowing, spamming }: Model, width: number): Float64Array {
  return knowing.map((know, validator) => {
    let spam = 0;
    for (let label = 0; label < width; label++) spam += spamming[validator * width + label] ?? 0;
    return (know + spam / width) / (know + spam);
  });
}
