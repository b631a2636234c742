/** Fits a support model: standardised features, ridge logistic regression, and Platt's calibration on held-out scores. */
import { computeLogit, fitLogistic, sigmoid, type LogisticRow } from "./logistic.ts";

export type SupportExample = {
  readonly features: readonly number[];
  readonly thickness: number;
  readonly isSupported: boolean;
  /** Examples of one group (the same claim with other evidence) are never split, and together count as one. */
  readonly group: string;
};

export type SupportModel = {
  /** Names the model in witnesses. */
  readonly modelId: string;
  /** In words, for a reader. */
  readonly fittedOn: string;
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  /** Intercept first. */
  readonly weights: readonly number[];
  /** Platt's: logit = slope * raw + offset. */
  readonly slope: number;
  readonly offset: number;
  /** Share of supported claims among those the model was fitted on. */
  readonly baseRate: number;
};

/** A normal prior of variance 1/10 on each standardised weight: what a few hundred claims can bear. */
const RIDGE = 10;
const CALIBRATION_FOLDS = 10;

export function fitSupportModel(
  examples: readonly SupportExample[],
  { modelId, seed = 1 }: { readonly modelId: string; readonly seed?: number },
): SupportModel {
  const raw = fitRaw(examples, modelId);
  const folds = assignFolds(examples, CALIBRATION_FOLDS, seed);
  const heldOut = Array.from({ length: CALIBRATION_FOLDS }, (_, fold) => {
    const model = fitRaw(
      examples.filter((_example, at) => folds[at] !== fold),
      modelId,
    );
    return examples.flatMap((example, at) => (folds[at] === fold ? [toRow(example, model)] : []));
  }).flat();
  const [offset = 0, slope = 1] = fitLogistic(withGroupWeights(heldOut, examples), 0);
  // A slope that is not positive means that the features say nothing here.
  return slope > 0 ? { ...raw, slope, offset } : { ...raw, slope: 0, offset: toLogit(raw.baseRate) };
}

type HeldOut = { readonly group: string; readonly isSupported: boolean; readonly logit: number };

function toRow(example: SupportExample, model: SupportModel): HeldOut {
  return {
    group: example.group,
    isSupported: example.isSupported,
    logit: computeRawLogit(model, example.features),
  };
}

function withGroupWeights(rows: readonly HeldOut[], examples: readonly SupportExample[]): LogisticRow[] {
  const sizes = countGroups(examples);
  return rows.map(({ group, isSupported, logit }) => ({
    features: [logit],
    isPositive: isSupported,
    weight: 1 / (sizes.get(group) ?? 1),
  }));
}

/** Uncalibrated: slope 1, offset 0. */
function fitRaw(examples: readonly SupportExample[], modelId: string): SupportModel {
  const sizes = countGroups(examples);
  const weights = examples.map(({ group }) => 1 / (sizes.get(group) ?? 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const average = (read: (example: SupportExample) => number): number =>
    examples.reduce((sum, example, at) => sum + read(example) * (weights[at] ?? 0), 0) / total;
  const names = examples[0]?.features.map((_, at) => at) ?? [];
  const means = names.map((at) => average(({ features }) => features[at] ?? 0));
  const deviations = names.map(
    (at) => Math.sqrt(average(({ features }) => ((features[at] ?? 0) - (means[at] ?? 0)) ** 2)) || 1,
  );
  const baseRate = average(({ isSupported }) => (isSupported ? 1 : 0));
  const model = {
    modelId,
    fittedOn: `${sizes.size} claims`,
    means,
    deviations,
    slope: 1,
    offset: 0,
    baseRate,
  };
  const rows = examples.map((example, at) => ({
    features: standardise(model, example.features),
    isPositive: example.isSupported,
    weight: weights[at] ?? 0,
  }));
  return { ...model, weights: fitLogistic(rows, RIDGE) };
}

function standardise(
  { means, deviations }: Pick<SupportModel, "means" | "deviations">,
  features: readonly number[],
): number[] {
  return features.map((value, at) => (value - (means[at] ?? 0)) / (deviations[at] ?? 1));
}

/** Probability that the evidence supports all of the claim. Thin evidence pulls it to the base rate, all that is known without any. */
export function predictSupport(
  model: SupportModel,
  { features, thickness }: Pick<SupportExample, "features" | "thickness">,
): number {
  const logit = model.slope * computeRawLogit(model, features) + model.offset;
  return sigmoid(thickness * logit + (1 - thickness) * toLogit(model.baseRate));
}

function computeRawLogit(model: SupportModel, features: readonly number[]): number {
  return computeLogit(model.weights, standardise(model, features));
}

function countGroups(examples: readonly SupportExample[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { group } of examples) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return sizes;
}

/** A fold for each example, whole groups together; the same for the same groups in any order. */
export function assignFolds(
  examples: ReadonlyArray<{ readonly group: string }>,
  folds: number,
  seed: number,
): number[] {
  const groups = [...new Set(examples.map(({ group }) => group))].sort();
  const random = createRandom(seed);
  for (let at = groups.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [groups[at], groups[other]] = [groups[other] ?? "", groups[at] ?? ""];
  }
  const places = new Map(groups.map((group, at) => [group, at % folds]));
  return examples.map(({ group }) => places.get(group) ?? 0);
}

/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function toLogit(probability: number): number {
  return Math.log(probability / (1 - probability));
}
