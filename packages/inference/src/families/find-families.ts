/** Families among validators, found from what they say: copies of one another, and those that make the same mistakes. */
import { computeVoteShares } from "../votes/weighted-vote.ts";
import type { LabelTable } from "../table/types.ts";

/** Pairs are compared among at most so many validators: memory and time stay bounded. */
const COMPARED_MAX = 512;
/** Shared items from which on pairs are compared at all. */
const SHARED_MIN = 30;
/** Copies say the same nearly always, whatever the panel says. */
const COPY_AGREEMENT = 0.99;
/** Two that nearly always say the same one thing are no copies: so many of their common labels must be another. */
const UNUSUAL_MIN = 5;
/** Errors from which on two validators' mistakes are compared. */
const ERRORS_MIN = 5;
/** More than half of all mistakes of either made by both, with the same label: one mind. */
const CO_ERROR_SHARE = 0.5;

/** A family number for each validator: validators that say the same, in varied words, on 99 of 100 shared items stand together. */
export function findCopies(table: LabelTable): Int32Array {
  return join(table, comparePairs(table, undefined), (pair) => (isCopy(pair) ? pair.same / pair.shared : 0));
}

/**
 * The same for copies and for validators whose mistakes coincide. What is a mistake is read from `posterior` (absent: the vote),
 * which is as good as that is: with probes, take the posterior that they taught.
 */
export function findFamilies(
  table: LabelTable,
  posterior: Float64Array = computeVoteShares(table),
): Int32Array {
  return join(table, comparePairs(table, posterior), (pair) => {
    if (pair.shared < SHARED_MIN) return 0;
    if (isCopy(pair)) return 1;
    const { either, both } = pair;
    return either >= ERRORS_MIN && both > CO_ERROR_SHARE * either ? both / either : 0;
  });
}

function isCopy({ shared, same, unusual }: Pair): boolean {
  return shared >= SHARED_MIN && same >= COPY_AGREEMENT * shared && unusual >= UNUSUAL_MIN;
}

type Pair = {
  readonly shared: number;
  readonly same: number;
  /** Items on which either errs, and on which both do with one label. */
  readonly either: number;
  readonly both: number;
  /** Items on which both say the same, and it is not what the first mostly says. */
  readonly unusual: number;
};
type Pairs = { readonly count: number; readonly values: Float64Array };
const FIELDS = 5;

function comparePairs(table: LabelTable, posterior: Float64Array | undefined): Pairs {
  const count = Math.min(table.validators.length, COMPARED_MAX);
  const values = new Float64Array(count * count * FIELDS);
  const width = table.classes.length;
  const usual = findUsual(table);
  const { start, other, label } = table.byItem;
  for (let item = 0; item < table.items.length; item++) {
    const right = posterior === undefined ? -1 : findTop(posterior, item * width, width);
    for (let a = start[item] ?? 0; a < (start[item + 1] ?? 0); a++)
      for (let b = a + 1; b < (start[item + 1] ?? 0); b++) {
        const [one, two] = [other[a] ?? 0, other[b] ?? 0];
        if (one >= count || two >= count || one === two) continue;
        const at = (one * count + two) * FIELDS;
        const same = label[a] === label[b];
        values[at] = (values[at] ?? 0) + 1;
        if (same) {
          values[at + 1] = (values[at + 1] ?? 0) + 1;
          if (label[a] !== usual[one]) values[at + 4] = (values[at + 4] ?? 0) + 1;
        }
        if (right < 0 || (label[a] === right && label[b] === right)) continue;
        values[at + 2] = (values[at + 2] ?? 0) + 1;
        if (same) values[at + 3] = (values[at + 3] ?? 0) + 1;
      }
  }
  return { count, values };
}

/** The most probable class, -1 when two tie: then nobody is known to be wrong. */
function findTop(posterior: Float64Array, from: number, width: number): number {
  const row = posterior.subarray(from, from + width);
  const top = row.indexOf(row.reduce((most, value) => Math.max(most, value), 0));
  return row.indexOf(row[top] ?? 0, top + 1) < 0 ? top : -1;
}

/** What each validator says most. */
function findUsual({ byValidator: { start, label }, validators, classes }: LabelTable): Int32Array {
  const counts = new Int32Array(classes.length);
  return Int32Array.from(validators, (_, validator) => {
    counts.fill(0);
    for (let at = start[validator] ?? 0; at < (start[validator + 1] ?? 0); at++)
      counts[label[at] ?? 0] = (counts[label[at] ?? 0] ?? 0) + 1;
    return counts.indexOf(Math.max(...counts));
  });
}

/** Closest pairs first, two families become one when every pair across them is close: no chain of half-likeness joins strangers. */
function join(table: LabelTable, { count, values }: Pairs, closeness: (pair: Pair) => number): Int32Array {
  const close = new Float64Array(count * count);
  const edges: { one: number; two: number; value: number }[] = [];
  for (let one = 0; one < count; one++)
    for (let two = one + 1; two < count; two++) {
      const at = (one * count + two) * FIELDS;
      const [shared = 0, same = 0, either = 0, both = 0, unusual = 0] = values.subarray(at, at + FIELDS);
      const value = closeness({ shared, same, either, both, unusual });
      if (value <= 0) continue;
      close[one * count + two] = value;
      close[two * count + one] = value;
      edges.push({ one, two, value });
    }
  edges.sort((a, b) => b.value - a.value || a.one - b.one || a.two - b.two);
  const family = Int32Array.from(table.validators.keys());
  const members = new Map<number, number[]>(Array.from(family, (at) => [at, [at]]));
  for (const { one, two } of edges) mergeFamilies(family, members, { one, two, close, count });
  return family;
}

type Edge = {
  readonly one: number;
  readonly two: number;
  readonly close: Float64Array;
  readonly count: number;
};

function mergeFamilies(
  family: Int32Array,
  members: Map<number, number[]>,
  { one, two, close, count }: Edge,
): void {
  const [left, right] = [family[one] ?? 0, family[two] ?? 0];
  if (left === right) return;
  const [ours, theirs] = [members.get(left) ?? [], members.get(right) ?? []];
  if (!ours.every((a) => theirs.every((b) => (close[a * count + b] ?? 0) > 0))) return;
  const [into, from] = left < right ? [left, right] : [right, left];
  members.set(into, [...ours, ...theirs]);
  members.delete(from);
  family.forEach((number, at) => {
    if (number === from) family[at] = into;
  });
}
