/** Fits on nine tenths of the claims, scores the rest, several times over; a claim's rows are never on both sides. */
import {
  assignFolds,
  createRandom,
  fitSupportModel,
  predictSupport,
  SUPPORT_FEATURES,
  SUPPORT_MODEL,
} from "@mira/claims";
import type { LabelledExample } from "./examples.ts";
import {
  average,
  computeAuroc,
  computeBalancedAccuracy,
  computeBrier,
  computeCalibrationError,
  computeCoverage,
  computePrecisionRecall,
  type Scored,
} from "./metrics.ts";

const FOLDS = 10;
const SEEDS = 10;
const RESAMPLES = 1000;
const PRECISION = 0.9;

type Judge = { readonly judge: (example: LabelledExample) => number; readonly baseRate: number };
type Method = { readonly name: string; readonly fit: (training: readonly LabelledExample[]) => Judge };

const SCORER: Method = {
  name: "lexical-figures-names",
  fit: (training) => {
    const model = fitSupportModel(training, { modelId: "cross-validated" });
    return { judge: (example) => predictSupport(model, example), baseRate: model.baseRate };
  },
};

/** Word overlap alone, put through the same regression. */
const OVERLAP: Method = {
  name: "word-overlap",
  fit: (training) => {
    const reduce = (example: LabelledExample) => ({ ...example, features: [example.overlap], thickness: 1 });
    const model = fitSupportModel(training.map(reduce), { modelId: "overlap" });
    return { judge: (example) => predictSupport(model, reduce(example)), baseRate: model.baseRate };
  },
};

/** Says of every claim that it is not supported: most are not. */
const MAJORITY: Method = { name: "majority", fit: () => ({ judge: () => 0, baseRate: 1 }) };

export function crossValidate(examples: readonly LabelledExample[]) {
  const groups = new Set(examples.map(({ group }) => group));
  return {
    rows: examples.length,
    claims: groups.size,
    supported_rows: examples.filter(({ isSupported }) => isSupported).length,
    features: SUPPORT_FEATURES,
    folds: FOLDS,
    seeds: SEEDS,
    bootstrap: RESAMPLES,
    ...report(SCORER, examples),
    baselines: [report(OVERLAP, examples), report(MAJORITY, examples)],
    shipped_model: reportShipped(examples),
  };
}

function report(method: Method, examples: readonly LabelledExample[]) {
  const runs = Array.from({ length: SEEDS }, (_, seed) => scoreHeldOut(method, examples, seed + 1));
  return { method: method.name, ...summarise(runs), ...bootstrap(runs, examples) };
}

/** What is called supported is more likely than a claim taken at random: errors on either side then count alike. */
function scoreHeldOut(method: Method, examples: readonly LabelledExample[], seed: number): Scored[] {
  const folds = assignFolds(examples, FOLDS, seed);
  const judges = Array.from({ length: FOLDS }, (_, fold) =>
    method.fit(examples.filter((_example, at) => folds[at] !== fold)),
  );
  return examples.map((example, at) => {
    const judge = judges[folds[at] ?? 0];
    const probability = judge?.judge(example) ?? 0;
    return { probability, isSupported: example.isSupported, isCalled: probability > (judge?.baseRate ?? 1) };
  });
}

function summarise(runs: ReadonlyArray<readonly Scored[]>) {
  const mean = (measure: (rows: readonly Scored[]) => number): number => round(average(runs.map(measure)));
  return {
    balanced_accuracy: mean(computeBalancedAccuracy),
    auroc: mean(computeAuroc),
    ece: mean(computeCalibrationError),
    brier: mean(computeBrier),
    precision: mean((rows) => computePrecisionRecall(rows).precision),
    recall: mean((rows) => computePrecisionRecall(rows).recall),
    coverage_at_90: mean((rows) => computeCoverage(rows, PRECISION)),
  };
}

/** Resamples claims, not rows: the rows of a claim stand or fall together. */
function bootstrap(runs: ReadonlyArray<readonly Scored[]>, examples: readonly LabelledExample[]) {
  const random = createRandom(1);
  const groups = [...Map.groupBy(examples.keys(), (at) => examples[at]?.group ?? "").values()];
  const [accuracies, areas]: [number[], number[]] = [[], []];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const drawn = groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? []);
    const run = runs[resample % runs.length] ?? [];
    const rows = drawn.flatMap((at) => run[at] ?? []);
    accuracies.push(computeBalancedAccuracy(rows));
    areas.push(computeAuroc(rows));
  }
  return { balanced_accuracy_95: interval(accuracies), auroc_95: interval(areas) };
}

function interval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return [at(0.025), at(0.975)];
}

/** Means something only on claims that it was not fitted on. */
function reportShipped(examples: readonly LabelledExample[]) {
  const rows = examples.flatMap(({ shipped, isSupported }) =>
    shipped === undefined
      ? []
      : [{ probability: shipped, isSupported, isCalled: shipped > SUPPORT_MODEL.baseRate }],
  );
  const answered = round(rows.length / examples.length);
  return { model: SUPPORT_MODEL.modelId, fitted_on: SUPPORT_MODEL.fittedOn, answered, ...summarise([rows]) };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
