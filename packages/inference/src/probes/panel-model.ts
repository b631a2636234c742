/**
 * Signed, de-correlated weights for a panel from probes. Votes move along a few factors that need no truth to be found; which way
 * and how much each factor counts is learnt from the probes, averaged over the number of factors by evidence.
 */
import type { LabelTable } from "../table/types.ts";
import { fitConditionalLogit, type LogitProblem, type WeightPrior } from "./conditional-logit.ts";
import type { Panel } from "./panel.ts";

export type PanelWeights = {
  /** What a validator's vote adds to its class's log odds, in the table's order. Negative: it is reliably wrong. */
  readonly validators: Float64Array;
  /** What each class has in log odds before any vote. */
  readonly classes: Float64Array;
  /** What the log posterior of a label-free method counts for. */
  readonly prior: number;
};

export type PanelProbes = {
  /** Position in the table of each probe, and its class. */
  readonly items: Int32Array;
  readonly truth: Int32Array;
  /** Log posterior of a label-free method, items x classes, as one more witness. */
  readonly logPosterior?: Float64Array;
};

/** More factors than this were never supported by the votes of a real panel. */
const FACTORS_MAX = 6;
/** Prior variance of an item's log odds that all factors explain together: odds of e^4 are usual, e^8 are not ruled out. */
const FACTOR_VARIANCE = 16;
/** Of it outside the factors: single validators that know what the others do not. */
const RESIDUAL_VARIANCES = [0.03, 0.3, 1];
/** A class may be more frequent than the votes say; the more classes, the less one of them by itself. Divided by classes squared. */
const CLASS_VARIANCE = 8;
/** With a label-free posterior, which has the classes' frequencies in it already: only what it got wrong of them. */
const CLASS_CORRECTION_VARIANCE = 0.1;
/** Label-free posteriors are overconfident: worth half of what they say, half of it either way. */
const LABEL_FREE = { mean: 0.5, variance: 0.25 };
/** Prior odds of r factors: the drop of variance from factor r to the next, squared; a clear gap is where the panel's structure ends. */
const GAP_EXPONENT = 2;
/** Directions in which single validators may differ, those with most variance: the rest is noise, and costs time. */
const DIRECTIONS_MAX = 40;
/** Models below this share of the evidence are left out of the average. */
const SHARE_MIN = 1e-3;

export type PanelFit = {
  readonly weights: PanelWeights;
  /** The models that carried the average, best first: what a refit on some of the probes needs to look at. */
  readonly models: readonly PanelModel[];
};

export type PanelModel = {
  readonly prior: WeightPrior;
  readonly logOdds: number;
  readonly start: Float64Array;
};

/** Models that a refit looks at. */
const MODELS_KEPT = 3;

export function fitPanelWeights(
  panel: Panel | undefined,
  table: LabelTable,
  probes: PanelProbes,
  models: readonly PanelModel[] = listModels(panel, table, probes),
): PanelFit {
  const problem = buildProblem(panel, table, probes);
  let start: Float64Array | undefined;
  const fits = models.map((model) => {
    const { weights, logEvidence } = fitConditionalLogit(problem, model.prior, start ?? model.start);
    start = weights;
    return { prior: model.prior, logOdds: model.logOdds, start: weights, total: logEvidence + model.logOdds };
  });
  const kept = fits.toSorted((one, other) => other.total - one.total).slice(0, MODELS_KEPT);
  return { weights: splitWeights(averageFits(fits, problem.size), panel, table), models: kept };
}

function countDirections(panel: Panel | undefined): number {
  return panel === undefined ? 0 : Math.min(DIRECTIONS_MAX, panel.table.validators.length);
}

/** Features of each class of each probe: votes along the factors, one indicator per class, the label-free log posterior. */
function buildProblem(
  panel: Panel | undefined,
  table: LabelTable,
  { items, truth, logPosterior }: PanelProbes,
): LogitProblem {
  const width = table.classes.length;
  const factors = countDirections(panel);
  const size = factors + width + 1;
  const features = new Float64Array(items.length * width * size);
  items.forEach((item, at) => {
    const base = at * width * size;
    if (panel !== undefined) addVotes(panel, item, features.subarray(base, base + width * size), size);
    for (let cell = 0; cell < width; cell++) {
      features[base + cell * size + factors + cell] = 1;
      features[base + cell * size + size - 1] = logPosterior?.[item * width + cell] ?? 0;
    }
  });
  return { features, truth, width, size };
}

function addVotes({ table, factors }: Panel, item: number, rows: Float64Array, size: number): void {
  const [count, directions] = [table.validators.length, countDirections({ table, factors })];
  const { start, other, label, weight } = table.byItem;
  for (let at = start[item] ?? 0; at < (start[item + 1] ?? 0); at++) {
    const row = (label[at] ?? 0) * size;
    const from = (other[at] ?? 0) * count;
    const part = weight[at] ?? 0;
    for (let factor = 0; factor < directions; factor++)
      rows[row + factor] = (rows[row + factor] ?? 0) + part * (factors.vectors[from + factor] ?? 0);
  }
}

/** One model for each number of factors and residual variance; the label-free posterior alone; and both. */
function listModels(panel: Panel | undefined, table: LabelTable, probes: PanelProbes): PanelModel[] {
  const blank = { panel, width: table.classes.length };
  const models: PanelModel[] = [];
  if (probes.logPosterior !== undefined)
    models.push(createModel(blank, { labelFree: true, factors: 0, residual: 0 }));
  if (panel === undefined) return models;
  const factorsMax = Math.min(FACTORS_MAX, panel.table.validators.length - 1);
  for (let factors = 1; factors <= factorsMax; factors++)
    for (const residual of RESIDUAL_VARIANCES)
      models.push(createModel(blank, { labelFree: false, factors, residual }));
  return models;
}

type ModelShape = { readonly labelFree: boolean; readonly factors: number; readonly residual: number };

function createModel(
  { panel, width }: { panel: Panel | undefined; width: number },
  { labelFree, factors, residual }: ModelShape,
): PanelModel {
  const directions = countDirections(panel);
  const size = directions + width + 1;
  const mean = new Float64Array(size);
  const variance = new Float64Array(size).fill(
    labelFree ? CLASS_CORRECTION_VARIANCE : CLASS_VARIANCE / width ** 2,
  );
  const values = panel?.factors.values ?? new Float64Array(0);
  const trace = values.reduce((total, value) => total + value, 0);
  for (let at = 0; at < directions; at++) {
    const own = at < factors ? FACTOR_VARIANCE / (factors * Math.max(values[at] ?? 1, 1e-9)) : 0;
    variance[at] = factors === 0 ? 0 : own + residual / trace;
  }
  variance[size - 1] = labelFree ? LABEL_FREE.variance : 0;
  mean[size - 1] = labelFree ? LABEL_FREE.mean : 0;
  const gap = factors === 0 ? 1 : (values[factors - 1] ?? 1) / Math.max(values[factors] ?? 1, 1e-9);
  return { prior: { mean, variance }, logOdds: GAP_EXPONENT * Math.log(gap), start: mean };
}

type Weighed = { readonly start: Float64Array; readonly total: number };

function averageFits(fits: readonly Weighed[], size: number): Float64Array {
  const most = fits.reduce((best, { total }) => Math.max(best, total), -Infinity);
  const weights = new Float64Array(size);
  let all = 0;
  for (const { start, total } of fits) {
    const share = Math.exp(total - most);
    if (share < SHARE_MIN) continue;
    all += share;
    start.forEach((weight, at) => {
      weights[at] = (weights[at] ?? 0) + share * weight;
    });
  }
  return weights.map((weight) => weight / all);
}

/** Weights on factors -> weights on validators. */
function splitWeights(
  weights: Float64Array,
  panel: Panel | undefined,
  { validators, classes }: LabelTable,
): PanelWeights {
  const [count, directions] = [validators.length, countDirections(panel)];
  const own = new Float64Array(count);
  for (let validator = 0; validator < count; validator++)
    for (let at = 0; at < directions; at++)
      own[validator] =
        (own[validator] ?? 0) + (panel?.factors.vectors[validator * count + at] ?? 0) * (weights[at] ?? 0);
  return {
    validators: own,
    classes: weights.slice(directions, directions + classes.length),
    prior: weights[directions + classes.length] ?? 0,
  };
}
