/**
 * The plain way to use probes: each validator's log odds of being right, signed, from a Beta prior and what it said on the probes;
 * a family of validators that err together weighs as one of them. `aggregate` does better; this can be checked by hand.
 */
import { nameFamilies } from "../families/collapse-families.ts";
import { findFamilies } from "../families/find-families.ts";
import type { Inference } from "../models/inference.ts";
import type { LabelTable } from "../table/types.ts";
import { applyPanelWeights } from "./apply-weights.ts";

export type ProbeWeightedOptions = {
  /** Known families, a number for each validator. Absent: found from co-errors. */
  readonly families?: Int32Array;
  /** Beta pseudo-probes answered right and wrong. Equal: a validator without probes weighs nothing. */
  readonly rightPrior?: number;
  readonly wrongPrior?: number;
};

/** `known`: class of each item that is a probe, -1 elsewhere. */
export function inferProbeWeighted(
  table: LabelTable,
  known: Int32Array,
  options: ProbeWeightedOptions = {},
): Inference {
  const reliability = computeReliability(table, known, options);
  const width = table.classes.length;
  const weights = reliability.map((p) => Math.log((p * Math.max(1, width - 1)) / (1 - p)));
  const posterior = apply(table, weights);
  const families = options.families ?? findFamilies(table, posterior);
  return {
    method: "probe-weighted",
    posterior: apply(table, shareWithinFamilies(table, weights, families)),
    reliability,
    objective: Number.NaN,
    iterations: 1,
  };
}

/** Posterior mean of each validator's probability to be right; with wrong answers spread over classes as chance would. */
function computeReliability(
  { byValidator, validators, classes }: LabelTable,
  known: Int32Array,
  { rightPrior = 1, wrongPrior = 1 }: ProbeWeightedOptions,
): Float64Array {
  const { start, other, label, weight } = byValidator;
  const wrongStart = wrongPrior * Math.max(1, classes.length - 1);
  return Float64Array.from(validators, (_, validator) => {
    let [right, all] = [rightPrior, rightPrior + wrongStart];
    for (let at = start[validator] ?? 0; at < (start[validator + 1] ?? 0); at++) {
      const truth = known[other[at] ?? 0] ?? -1;
      if (truth < 0) continue;
      all += weight[at] ?? 0;
      if (label[at] === truth) right += weight[at] ?? 0;
    }
    return right / all;
  });
}

function shareWithinFamilies(table: LabelTable, weights: Float64Array, families: Int32Array): Float64Array {
  const { codes, names } = nameFamilies(table, families);
  const size = new Int32Array(names.length);
  for (const code of codes) size[code] = (size[code] ?? 0) + 1;
  return weights.map((weight, validator) => weight / (size[codes[validator] ?? 0] ?? 1));
}

function apply(table: LabelTable, validators: Float64Array): Float64Array {
  return applyPanelWeights(table, { validators, classes: new Float64Array(table.classes.length), prior: 0 });
}
