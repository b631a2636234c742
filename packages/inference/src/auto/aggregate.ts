/** The method to use when in doubt: picks and blends by what the data supports, calibrates, and leaves unresolved what it cannot know. */
import { clampKnown } from "../models/inference.ts";
import type { PanelWeights } from "../probes/panel-model.ts";
import type { LabelTable } from "../table/types.ts";
import { learnFromProbes } from "./learn-from-probes.ts";
import { LABEL_FREE_EXPONENT } from "./label-free.ts";
import { prepare, type Prepared, type Probes } from "./prepare.ts";
import type { Trust } from "./trust.ts";

export const UNRESOLVED = -1;

export type AggregateOptions = {
  /** Class of each item that is a probe, -1 elsewhere, in the table's order: see `findProbes`. */
  readonly probes?: Int32Array;
  /** Calibrated confidence from which on a verdict is given. The policy's. */
  readonly confidenceMin?: number;
  /** Known families, a number for each validator: one voice each. Absent: copies are found from the labels. */
  readonly families?: Int32Array;
  /** What `prepare` found, when the same labels are aggregated with several sets of probes. */
  readonly prepared?: Prepared;
};

export type Aggregation = {
  /** Items x classes. Probes stand at what is known of them. */
  readonly posterior: Float64Array;
  /** Class of each item, or UNRESOLVED: below the policy's confidence, or the panel is not to be trusted. */
  readonly verdicts: Int32Array;
  readonly trust: Trust;
  /** What the posterior was made from. */
  readonly method: "probes" | "label-free" | "vote";
  /** By family: what a vote counts for, in log odds. Absent without probes. */
  readonly weights?: PanelWeights & { readonly families: readonly string[] };
};

/** Confidence asked for when no policy says otherwise. */
const CONFIDENCE_MIN = 0.9;
/** Fewer probes cannot show whether they helped. */
const PROBES_MIN = 8;

export function aggregate(table: LabelTable, options: AggregateOptions = {}): Aggregation {
  const prepared = options.prepared ?? prepare(table, options.families);
  const probes = collectProbes(options.probes);
  const answer = probes.items.length < PROBES_MIN ? useLabelsAlone(prepared) : useProbes(prepared, probes);
  clampKnown(answer.posterior, table.classes.length, options.probes);
  const verdicts = decide(table, answer, options.confidenceMin ?? CONFIDENCE_MIN);
  options.probes?.forEach((truth, item) => {
    if (truth >= 0) verdicts[item] = truth;
  });
  return { ...answer, verdicts };
}

/** Probes by name -> classes by item, -1 where nothing is known. Names that are not in the table are left out. */
export function findProbes(table: LabelTable, truth: ReadonlyMap<string, string>): Int32Array {
  const classes = new Map(table.classes.map((name, at) => [name, at]));
  return Int32Array.from(table.items, (item) => classes.get(truth.get(item) ?? "") ?? -1);
}

type Answer = Omit<Aggregation, "verdicts">;

function useLabelsAlone({ labelFree, table, vote }: Prepared): Answer {
  const { trust } = labelFree;
  return {
    posterior: trust.modelled ? temper(labelFree.posterior, table.classes.length) : vote.slice(),
    trust,
    method: trust.modelled ? "label-free" : "vote",
  };
}

function useProbes(prepared: Prepared, probes: Probes): Answer {
  const { posterior, trust, weights } = learnFromProbes(prepared, probes);
  return { posterior, trust, method: "probes", weights: { ...weights, families: prepared.table.validators } };
}

function collectProbes(known: Int32Array | undefined): Probes {
  if (known === undefined) return { items: new Int32Array(0), truth: new Int32Array(0) };
  const items = Int32Array.from(known.keys()).filter((item) => (known[item] ?? -1) >= 0);
  return { items, truth: items.map((item) => known[item] ?? 0) };
}

/** Posteriors of models that assume independence are too sure: their log odds count for half. */
function temper(posterior: Float64Array, width: number): Float64Array {
  const tempered = posterior.map((value) => value ** LABEL_FREE_EXPONENT);
  for (let row = 0; row < tempered.length; row += width) {
    const total = tempered.subarray(row, row + width).reduce((sum, value) => sum + value, 0);
    for (let at = row; at < row + width; at++) tempered[at] = (tempered[at] ?? 0) / total;
  }
  return tempered;
}

function decide(
  { classes, items }: LabelTable,
  { posterior, trust }: Answer,
  confidenceMin: number,
): Int32Array {
  const verdicts = new Int32Array(items.length).fill(UNRESOLVED);
  if (!trust.trusted) return verdicts;
  const width = classes.length;
  for (let item = 0; item < items.length; item++) {
    const row = posterior.subarray(item * width, (item + 1) * width);
    const most = row.reduce((best, value) => Math.max(best, value), 0);
    const tied = row.reduce((count, value) => count + Number(value === most), 0);
    if (tied === 1 && most >= confidenceMin) verdicts[item] = row.indexOf(most);
  }
  return verdicts;
}
