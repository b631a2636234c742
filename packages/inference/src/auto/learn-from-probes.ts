/** Weights from probes, checked on probes they were not learnt from: the calibration, and the answer to whether the panel knows anything. */
import { applyPanelWeights } from "../probes/apply-weights.ts";
import { fitConditionalLogit } from "../probes/conditional-logit.ts";
import {
  fitPanelWeights,
  type PanelModel,
  type PanelProbes,
  type PanelWeights,
} from "../probes/panel-model.ts";
import type { LabelTable } from "../table/types.ts";
import { createRandom } from "../numeric/random.ts";
import type { Prepared, Probes } from "./prepare.ts";
import type { Trust } from "./trust.ts";

export type Learnt = {
  readonly posterior: Float64Array;
  readonly trust: Trust;
  readonly weights: PanelWeights;
};

const FOLDS = 5;
/** Standard errors by which the panel must beat guessing by class frequency, on probes held out. */
const GAIN_Z_MIN = 2;
/** Prior of the calibration's exponent: about 1, seldom below .6 or above 1.6. The weights are shrunk already. */
const EXPONENT_VARIANCE = 0.05;
/** Log posteriors are cut here: a label-free method is never worth more than odds of a million. */
const LOG_MIN = Math.log(1e-6);

export function learnFromProbes({ table, panel, labelFree }: Prepared, probes: Probes): Learnt {
  const useLabelFree = panel === undefined || labelFree.trust.modelled;
  const logPosterior = useLabelFree
    ? labelFree.posterior.map((p) => Math.max(LOG_MIN, Math.log(p)))
    : undefined;
  const all: PanelProbes = logPosterior === undefined ? probes : { ...probes, logPosterior };
  const { weights, models } = fitPanelWeights(panel, table, all);
  const heldOut = crossFit({ table, panel }, all, models);
  const exponent = fitExponent(heldOut, probes.truth, table.classes.length);
  const calibrated = scaleWeights(weights, exponent);
  return {
    posterior: applyPanelWeights(table, calibrated, logPosterior),
    trust: judgeProbes(heldOut, probes.truth, table.classes.length),
    weights: calibrated,
  };
}

/** Posterior of each probe from weights that never saw it: probes x classes. */
function crossFit(
  { table, panel }: Pick<Prepared, "table" | "panel">,
  probes: PanelProbes,
  models: readonly PanelModel[],
): Float64Array {
  const width = table.classes.length;
  const fold = assignFolds(probes.items.length);
  const heldOut = new Float64Array(probes.items.length * width);
  for (let out = 0; out < FOLDS; out++) {
    const kept = fold.map((number, at) => (number === out ? -1 : at)).filter((at) => at >= 0);
    const { weights } = fitPanelWeights(panel, table, pick(probes, kept), models);
    fold.forEach((number, at) => {
      if (number === out) setPosterior(heldOut, at, { table, probes, weights });
    });
  }
  return heldOut;
}

/** Folds of equal size in an order that only the number of probes decides. */
function assignFolds(count: number): Int32Array {
  const fold = Int32Array.from({ length: count }, (_, at) => at % FOLDS);
  const random = createRandom(count);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [fold[at], fold[other]] = [fold[other] ?? 0, fold[at] ?? 0];
  }
  return fold;
}

function pick(probes: PanelProbes, kept: Int32Array): PanelProbes {
  const items = kept.map((at) => probes.items[at] ?? 0);
  return { ...probes, items, truth: kept.map((at) => probes.truth[at] ?? 0) };
}

type Held = { readonly table: LabelTable; readonly probes: PanelProbes; readonly weights: PanelWeights };

function setPosterior(heldOut: Float64Array, at: number, { table, probes, weights }: Held): void {
  const width = table.classes.length;
  const item = probes.items[at] ?? 0;
  const [from, to] = [table.byItem.start[item] ?? 0, table.byItem.start[item + 1] ?? 0];
  const { other, label, weight } = table.byItem;
  const one: LabelTable = {
    ...table,
    items: table.items.slice(item, item + 1),
    byItem: {
      start: Int32Array.of(0, to - from),
      other: other.subarray(from, to),
      label: label.subarray(from, to),
      weight: weight.subarray(from, to),
    },
  };
  const logs = probes.logPosterior?.subarray(item * width, (item + 1) * width);
  heldOut.set(applyPanelWeights(one, weights, logs), at * width);
}

/** Temperature scaling on held-out posteriors: P is raised to the exponent under which the probes' truth was most likely. */
function fitExponent(heldOut: Float64Array, truth: Int32Array, width: number): number {
  const features = heldOut.map((p) => Math.max(LOG_MIN, Math.log(p)));
  const prior = { mean: Float64Array.of(1), variance: Float64Array.of(EXPONENT_VARIANCE) };
  const { weights } = fitConditionalLogit({ features, truth, width, size: 1 }, prior);
  return Math.max(0, weights[0] ?? 1);
}

function scaleWeights({ validators, classes, prior }: PanelWeights, exponent: number): PanelWeights {
  return {
    validators: validators.map((weight) => weight * exponent),
    classes: classes.map((weight) => weight * exponent),
    prior: prior * exponent,
  };
}

/** The panel fails its probes when held-out log loss does not clearly beat the best constant guess. */
function judgeProbes(heldOut: Float64Array, truth: Int32Array, width: number): Trust {
  const frequency = new Float64Array(width).fill(1);
  for (const label of truth) frequency[label] = (frequency[label] ?? 0) + 1;
  const gains = Float64Array.from(truth, (label, at) => {
    const guess = (frequency[label] ?? 1) / (truth.length + width);
    return Math.log(Math.max(1e-6, heldOut[at * width + label] ?? 0)) - Math.log(guess);
  });
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  const z = mean / Math.sqrt(variance / gains.length + 1e-12);
  const said = `${gains.length} probes, ${mean.toFixed(3)} nats a probe over guessing, z ${z.toFixed(1)}`;
  return z >= GAIN_Z_MIN
    ? { trusted: true, modelled: true, reason: `passes its probes (${said})` }
    : { trusted: false, modelled: true, reason: `fails its probes (${said})` };
}
