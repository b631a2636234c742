/** The truth from labels alone: several models of validators, weighed by how well each explains the labels. */
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { inferEbcc } from "../models/ebcc.ts";
import type { Inference } from "../models/inference.ts";
import { inferOneCoin } from "../models/one-coin.ts";
import type { LabelTable } from "../table/types.ts";
import { measureStructure, type Structure } from "./structure.ts";
import { judgeStructure, showsGroups, type Trust } from "./trust.ts";

export type LabelFree = {
  /** Items x classes. The vote shares when the structure is not to be trusted. */
  readonly posterior: Float64Array;
  readonly reliability: Float64Array;
  readonly structure: Structure;
  readonly trust: Trust;
  /** Share of each model in the posterior. */
  readonly shares: ReadonlyArray<{ readonly method: string; readonly share: number }>;
};

/** What log odds of a label-free method are worth on average: models of independent errors say about twice too much. */
export const LABEL_FREE_EXPONENT = 0.5;

/** Starts of EBCC: its solutions differ, and their evidence says which are good. */
const SEEDS = [1, 2, 3];
/** Cells (classes x groups) of one item's responsibilities: more cost time and never held a better solution. */
const CELLS_MAX = 64;
const GROUPS_MAX = 10;
const ITERATIONS = 200;
/** The bound only rises: groups that already explain the labels better after these iterations are there. */
const GLIMPSE = 30;

export function inferLabelFree(table: LabelTable): LabelFree {
  const groups = Math.max(2, Math.min(GROUPS_MAX, Math.floor(CELLS_MAX / Math.max(1, table.classes.length))));
  const independent = [inferOneCoin(table), inferEbcc(table, { groups: 1 })];
  const glimpse = inferEbcc(table, { groups, seed: 1, iterationsMax: GLIMPSE });
  if (showsGroups(compareEvidence(table, independent, [glimpse])))
    return describe(table, [...independent, glimpse], compareEvidence(table, independent, [glimpse]));
  const grouped = SEEDS.map((seed) => inferEbcc(table, { groups, seed, iterationsMax: ITERATIONS }));
  return describe(table, [...independent, ...grouped], compareEvidence(table, independent, grouped));
}

/** How much better the best model with groups explains the labels than the best without, in nats a label. */
function compareEvidence(
  table: LabelTable,
  independent: readonly Inference[],
  grouped: readonly Inference[],
): number {
  const best = (models: readonly Inference[]): number =>
    Math.max(...models.map(({ objective }) => objective));
  return (best(grouped) - best(independent)) / Math.max(1, table.labelCount);
}

function describe(table: LabelTable, models: readonly Inference[], groupEvidence: number): LabelFree {
  const shares = computeShares(models, table.labelCount);
  const posterior = mix(models, shares, "posterior");
  const structure = measureStructure(table, posterior, groupEvidence);
  const trust = judgeStructure(structure);
  return {
    posterior: trust.modelled ? posterior : computeVoteShares(table),
    reliability: mix(models, shares, "reliability"),
    structure,
    trust,
    shares: models.map(({ method }, at) => ({ method, share: shares[at] ?? 0 })),
  };
}

/**
 * Shares go with the exponential of the evidence in units of its own sampling noise, which grows with the root of the number of
 * labels: a model that explains the labels clearly better takes all, models that explain them alike are averaged.
 */
function computeShares(models: readonly Inference[], labelCount: number): Float64Array {
  const most = models.reduce((best, { objective }) => Math.max(best, objective), -Infinity);
  const noise = Math.sqrt(Math.max(1, labelCount));
  const shares = Float64Array.from(models, ({ objective }) => Math.exp((objective - most) / noise));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

function mix(
  models: readonly Inference[],
  shares: Float64Array,
  what: "posterior" | "reliability",
): Float64Array {
  const mixed = new Float64Array(models[0]?.[what].length ?? 0);
  models.forEach((model, at) => {
    const share = shares[at] ?? 0;
    model[what].forEach((value, cell) => {
      mixed[cell] = (mixed[cell] ?? 0) + share * value;
    });
  });
  return mixed;
}
