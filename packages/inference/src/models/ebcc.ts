/**
 * EBCC (Li, Rubinstein, Cohn: Exploiting Worker Correlation for Label Aggregation in Crowdsourcing, ICML 2019): each class is a
 * mixture of groups of items on which validators err together. Mean-field variational. One group is IBCC (Kim & Ghahramani 2012).
 */
import { createRandom } from "../numeric/random.ts";
import { softmaxRow, sum } from "../numeric/rows.ts";
import { digamma } from "../numeric/special-functions.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { computeBound } from "./ebcc-bound.ts";
import { CLASS_PRIOR, type EbccState, GROUP_PRIOR } from "./ebcc-state.ts";
import { clampKnown, type Inference, ITERATIONS_MAX, type ModelOptions, TOLERANCE } from "./inference.ts";

export type EbccOptions = ModelOptions & {
  /** Groups a class may have; unused ones empty themselves. */
  readonly groups?: number;
  readonly seed?: number;
  /** Dirichlet pseudo-labels on the diagonal and off it of each validator's confusion rows. */
  readonly rightPrior?: number;
  readonly wrongPrior?: number;
};

/** Of the paper: validators are better than chance; ten groups are more than any set needed. */
const RIGHT_PRIOR = 4;
const WRONG_PRIOR = 1;
const GROUPS = 10;

export function inferEbcc(table: LabelTable, options: EbccOptions = {}): Inference {
  const state = createState(table, options);
  const iterationsMax = options.iterationsMax ?? ITERATIONS_MAX;
  let iterations = 0;
  for (let change = Infinity; iterations < iterationsMax && change > TOLERANCE; iterations++) {
    updateParameters(state);
    change = updateItems(state);
  }
  return {
    method: state.groups === 1 ? "ibcc" : "ebcc",
    posterior: state.posterior,
    reliability: computeReliability(state),
    objective: computeBound(state),
    iterations,
  };
}

function createState(table: LabelTable, options: EbccOptions): EbccState {
  const width = table.classes.length;
  const groups = options.groups ?? GROUPS;
  const cells = width * groups;
  const posterior = computeVoteShares(table);
  clampKnown(posterior, width, options.known);
  return {
    table,
    known: options.known,
    width,
    groups,
    cells,
    rightPrior: options.rightPrior ?? RIGHT_PRIOR,
    wrongPrior: options.wrongPrior ?? WRONG_PRIOR,
    responsibility: spreadOverGroups(posterior, groups, options.seed ?? 1),
    posterior,
    confusion: new Float64Array(table.validators.length * width * cells),
    logConfusion: new Float64Array(table.validators.length * width * cells),
    cellCount: new Float64Array(cells),
    cellLog: new Float64Array(cells),
    itemBound: 0,
  };
}

/** Each class's share goes to its groups in random proportions (uniform on the simplex), to break their symmetry. */
function spreadOverGroups(posterior: Float64Array, groups: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const spread = new Float64Array(posterior.length * groups);
  for (let at = 0; at < posterior.length; at++) {
    let total = 0;
    for (let group = 0; group < groups; group++) {
      const part = -Math.log(1 - random());
      spread[at * groups + group] = part;
      total += part;
    }
    const scale = (posterior[at] ?? 0) / total;
    for (let group = 0; group < groups; group++)
      spread[at * groups + group] = (spread[at * groups + group] ?? 0) * scale;
  }
  return spread;
}

function updateParameters(state: EbccState): void {
  const { table, cells, width, responsibility, confusion } = state;
  const { start, other, label, weight } = table.byValidator;
  for (let validator = 0; validator < table.validators.length; validator++) {
    const block = validator * width * cells;
    resetToPrior(state, block);
    for (let at = start[validator] ?? 0; at < (start[validator + 1] ?? 0); at++) {
      const to = block + (label[at] ?? 0) * cells;
      const from = (other[at] ?? 0) * cells;
      const part = weight[at] ?? 0;
      for (let cell = 0; cell < cells; cell++)
        confusion[to + cell] = (confusion[to + cell] ?? 0) + part * (responsibility[from + cell] ?? 0);
    }
    takeExpectedLog(state, block);
  }
  updateCells(state);
}

function resetToPrior(
  { confusion, cells, width, groups, rightPrior, wrongPrior }: EbccState,
  block: number,
): void {
  confusion.fill(wrongPrior, block, block + width * cells);
  for (let label = 0; label < width; label++) {
    const from = block + label * cells + label * groups;
    confusion.fill(rightPrior, from, from + groups);
  }
}

function takeExpectedLog({ confusion, logConfusion, cells, width }: EbccState, block: number): void {
  for (let cell = 0; cell < cells; cell++) {
    let total = 0;
    for (let label = 0; label < width; label++) total += confusion[block + label * cells + cell] ?? 0;
    const base = digamma(total);
    for (let label = 0; label < width; label++) {
      const at = block + label * cells + cell;
      logConfusion[at] = digamma(confusion[at] ?? 0) - base;
    }
  }
}

/** Expected log of a class's and of its groups' shares. */
function updateCells({ responsibility, cellCount, cellLog, cells, groups, width }: EbccState): void {
  cellCount.fill(0);
  for (let at = 0; at < responsibility.length; at += cells)
    for (let cell = 0; cell < cells; cell++)
      cellCount[cell] = (cellCount[cell] ?? 0) + (responsibility[at + cell] ?? 0);
  const all = digamma(sum(cellCount) + CLASS_PRIOR * width);
  for (let label = 0; label < width; label++) {
    const counts = cellCount.subarray(label * groups, (label + 1) * groups);
    const inClass = sum(counts);
    const base = digamma(CLASS_PRIOR + inClass) - all - digamma(GROUP_PRIOR + inClass);
    counts.forEach((count, group) => {
      cellLog[label * groups + group] = digamma(GROUP_PRIOR / groups + count) + base;
    });
  }
}

/** New responsibilities from the expected logs. Returns the largest change of a class posterior. */
function updateItems(state: EbccState): number {
  const { table, cells, width, groups, logConfusion, responsibility, cellLog } = state;
  const { start, other, label, weight } = table.byItem;
  const block = width * cells;
  let change = 0;
  state.itemBound = 0;
  for (let item = 0; item < table.items.length; item++) {
    const to = item * cells;
    responsibility.set(cellLog, to);
    for (let at = start[item] ?? 0; at < (start[item + 1] ?? 0); at++) {
      const from = (other[at] ?? 0) * block + (label[at] ?? 0) * cells;
      const part = weight[at] ?? 0;
      for (let cell = 0; cell < cells; cell++)
        responsibility[to + cell] =
          (responsibility[to + cell] ?? 0) + part * (logConfusion[from + cell] ?? 0);
    }
    keepKnown(state, item);
    state.itemBound += softmaxRow(responsibility, to, cells);
    change = Math.max(change, sumGroups(state, item, groups));
  }
  return change;
}

/** A known item can only be in the groups of its class. */
function keepKnown({ known, responsibility, cells, groups }: EbccState, item: number): void {
  const truth = known?.[item] ?? -1;
  if (truth < 0) return;
  const row = item * cells;
  responsibility.fill(-Infinity, row, row + truth * groups);
  responsibility.fill(-Infinity, row + (truth + 1) * groups, row + cells);
}

function sumGroups(
  { posterior, responsibility, width, cells }: EbccState,
  item: number,
  groups: number,
): number {
  let change = 0;
  for (let label = 0; label < width; label++) {
    let total = 0;
    const from = item * cells + label * groups;
    for (let group = 0; group < groups; group++) total += responsibility[from + group] ?? 0;
    change = Math.max(change, Math.abs(total - (posterior[item * width + label] ?? 0)));
    posterior[item * width + label] = total;
  }
  return change;
}

/** Share of labels that are right, expected, with the prior. */
function computeReliability({ table, confusion, cells, width, groups }: EbccState): Float64Array {
  return Float64Array.from(table.validators, (_, validator) => {
    const block = validator * width * cells;
    let [right, all] = [0, 0];
    for (let label = 0; label < width; label++)
      for (let cell = 0; cell < cells; cell++) {
        const count = confusion[block + label * cells + cell] ?? 0;
        all += count;
        if (Math.floor(cell / groups) === label) right += count;
      }
    return right / all;
  });
}
