/** What the labels say about whether validators err independently: the assumption on which truth without probes rests. */
import { countConfusion } from "../models/confusion.ts";
import type { LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";

export type Structure = {
  /** Log evidence that items fall in groups on which validators err together, in nats a label. */
  readonly groupEvidence: number;
  /** Mean squared standardised excess of agreement of pairs; 1 when validators err independently. */
  readonly pairDispersion: number;
  /** Pairs of validators with enough shared items. */
  readonly pairs: number;
  /** Share of all information that comes from validators who are reliably wrong. */
  readonly contraryShare: number;
  /** Share of items whose inferred class is not the one most voted for. */
  readonly overruledShare: number;
  readonly validators: number;
};

/** Fewer shared items say nothing about a pair. */
const SHARED_MIN = 5;
/** Pairs are compared among at most so many validators, those with most labels: memory stays bounded. */
const COMPARED_MAX = 256;
/** Pseudo-label spread over a confusion row, so that no agreement is expected with certainty. */
const SMOOTHING = 1;
/** Standard errors below chance from which a validator is reliably wrong: one in two hundred by luck. */
const CONTRARY_Z = -2.5;

export function measureStructure(
  table: LabelTable,
  posterior: Float64Array,
  groupEvidence: number,
): Structure {
  return {
    groupEvidence,
    ...measurePairs(table, posterior),
    contraryShare: measureContrary(table, posterior),
    overruledShare: measureOverruled(table, posterior),
    validators: table.validators.length,
  };
}

function measurePairs(table: LabelTable, posterior: Float64Array): { pairDispersion: number; pairs: number } {
  const width = table.classes.length;
  const compared = chooseCompared(table);
  const count = compared.reduce((most, at) => Math.max(most, at + 1), 0);
  const expected = expectAgreement(table, posterior, compared);
  const [shared, excess, variance] = [0, 1, 2].map(() => new Float64Array(count * count)) as Three;
  const { start, other, label } = table.byItem;
  for (let item = 0; item < table.items.length; item++)
    for (let a = start[item] ?? 0; a < (start[item + 1] ?? 0); a++) {
      const one = compared[other[a] ?? 0] ?? -1;
      if (one < 0) continue;
      for (let b = a + 1; b < (start[item + 1] ?? 0); b++) {
        const two = compared[other[b] ?? 0] ?? -1;
        if (two < 0 || two === one) continue;
        const pair = one * count + two;
        let chance = 0;
        for (let cell = 0; cell < width; cell++)
          chance += (posterior[item * width + cell] ?? 0) * (expected[pair * width + cell] ?? 0);
        shared[pair] = (shared[pair] ?? 0) + 1;
        excess[pair] = (excess[pair] ?? 0) + Number(label[a] === label[b]) - chance;
        variance[pair] = (variance[pair] ?? 0) + chance * (1 - chance);
      }
    }
  let [pairs, squares] = [0, 0];
  shared.forEach((items, pair) => {
    if (items < SHARED_MIN) return;
    pairs++;
    squares += (excess[pair] ?? 0) ** 2 / Math.max(1e-9, variance[pair] ?? 0);
  });
  return { pairDispersion: pairs === 0 ? 1 : squares / pairs, pairs };
}

type Three = [Float64Array, Float64Array, Float64Array];

/** Dense numbers for the validators with most labels, -1 for the others. */
function chooseCompared({ byValidator: { start }, validators }: LabelTable): Int32Array {
  const size = (at: number): number => (start[at + 1] ?? 0) - (start[at] ?? 0);
  const order = [...validators.keys()].sort((a, b) => size(b) - size(a) || a - b);
  const chosen = new Int32Array(validators.length).fill(-1);
  order.slice(0, COMPARED_MAX).forEach((validator, at) => (chosen[validator] = at));
  return chosen;
}

/** Probability that two validators agree given the class, if they err independently: pairs x classes. */
function expectAgreement(table: LabelTable, posterior: Float64Array, compared: Int32Array): Float64Array {
  const width = table.classes.length;
  const counts = countConfusion(table, posterior, SMOOTHING / width);
  const chosen = [...compared.keys()].filter((at) => (compared[at] ?? -1) >= 0);
  const rows = new Float64Array(chosen.length * width * width);
  for (const validator of chosen)
    setRows(rows, (compared[validator] ?? 0) * width * width, counts, validator * width * width, width);
  const expected = new Float64Array(chosen.length * chosen.length * width);
  for (let pair = 0; pair < chosen.length * chosen.length; pair++) {
    const [one, two] = [
      Math.floor(pair / chosen.length) * width * width,
      (pair % chosen.length) * width * width,
    ];
    for (let at = 0; at < width * width; at++) {
      const cell = pair * width + (at % width);
      expected[cell] = (expected[cell] ?? 0) + (rows[one + at] ?? 0) * (rows[two + at] ?? 0);
    }
  }
  return expected;
}

/** Counts (labels x classes) -> probability of each label given the class. */
function setRows(rows: Float64Array, to: number, counts: Float64Array, from: number, width: number): void {
  for (let cell = 0; cell < width; cell++) {
    let total = 0;
    for (let label = 0; label < width; label++) total += counts[from + label * width + cell] ?? 0;
    for (let label = 0; label < width; label++)
      rows[to + label * width + cell] = (counts[from + label * width + cell] ?? 0) / total;
  }
}

/** Information of a validator: labels x squared distance of its accuracy from chance. */
function measureContrary({ byValidator, validators, classes }: LabelTable, posterior: Float64Array): number {
  const { start, other, label } = byValidator;
  const chance = 1 / classes.length;
  let [contrary, all] = [0, 0];
  for (let validator = 0; validator < validators.length; validator++) {
    const [from, to] = [start[validator] ?? 0, start[validator + 1] ?? 0];
    if (from === to) continue;
    let right = 0;
    for (let at = from; at < to; at++)
      right += posterior[(other[at] ?? 0) * classes.length + (label[at] ?? 0)] ?? 0;
    const beyond = right / (to - from) - chance;
    const information = (to - from) * beyond * beyond;
    all += information;
    if (beyond * Math.sqrt((to - from) / (chance * (1 - chance))) < CONTRARY_Z) contrary += information;
  }
  return all > 0 ? contrary / all : 0;
}

function measureOverruled(table: LabelTable, posterior: Float64Array): number {
  const width = table.classes.length;
  const shares = computeVoteShares(table);
  let overruled = 0;
  for (let row = 0; row < shares.length; row += width) {
    let [inferred, most] = [row, 0];
    for (let at = row; at < row + width; at++) {
      if ((posterior[at] ?? 0) > (posterior[inferred] ?? 0)) inferred = at;
      most = Math.max(most, shares[at] ?? 0);
    }
    if ((shares[inferred] ?? 0) < most - 1e-9) overruled++;
  }
  return overruled / Math.max(1, table.items.length);
}
