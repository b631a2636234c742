/** Codes -> compressed rows by item and by validator, sorted with two counting sorts: time and memory in proportion to labels. */
import { invariant } from "../invariant.ts";
import { CLASSES_MAX, type LabelRows, type LabelTable } from "./types.ts";

type Columns = {
  readonly items: readonly string[];
  readonly validators: readonly string[];
  readonly classes: readonly string[];
  readonly item: Int32Array;
  readonly validator: Int32Array;
  readonly label: Int32Array;
  readonly confidence: Float64Array | undefined;
};

export function buildTable(columns: Columns): LabelTable {
  const { items, validators, classes } = columns;
  assertColumns(columns);
  const order = sortLabels(columns);
  const byItem = mergeRepeats(gather(columns, order));
  return {
    items,
    validators,
    classes,
    labelCount: byItem.other.length,
    byItem,
    byValidator: transpose(byItem, validators.length),
  };
}

/** Positions of the labels that say something, by item, then validator, then class, then confidence. */
function sortLabels({ items, validators, classes, item, validator, label, confidence }: Columns): Int32Array {
  let order = findSaid(label);
  if (confidence !== undefined) order = order.sort((a, b) => (confidence[a] ?? 0) - (confidence[b] ?? 0));
  order = countingSort(order, label, classes.length);
  order = countingSort(order, validator, validators.length);
  return countingSort(order, item, items.length);
}

function findSaid(label: Int32Array): Int32Array {
  const said = new Int32Array(label.length);
  let count = 0;
  for (let at = 0; at < label.length; at++) if ((label[at] ?? -1) >= 0) said[count++] = at;
  return said.subarray(0, count);
}

/** Stable. */
function countingSort(order: Int32Array, keys: Int32Array, keyCount: number): Int32Array {
  const next = new Int32Array(keyCount + 1);
  for (let at = 0; at < order.length; at++) {
    const key = keys[order[at] ?? 0] ?? 0;
    next[key + 1] = (next[key + 1] ?? 0) + 1;
  }
  for (let key = 0; key < keyCount; key++) next[key + 1] = (next[key + 1] ?? 0) + (next[key] ?? 0);
  const sorted = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const from = order[at] ?? 0;
    const key = keys[from] ?? 0;
    const to = next[key] ?? 0;
    sorted[to] = from;
    next[key] = to + 1;
  }
  return sorted;
}

function gather({ items, item, validator, label, confidence }: Columns, order: Int32Array): LabelRows {
  const start = new Int32Array(items.length + 1);
  const other = new Int32Array(order.length);
  const labels = new Int32Array(order.length);
  const weight = new Float64Array(order.length);
  for (let to = 0; to < order.length; to++) {
    const at = order[to] ?? 0;
    const row = (item[at] ?? 0) + 1;
    start[row] = (start[row] ?? 0) + 1;
    other[to] = validator[at] ?? 0;
    labels[to] = label[at] ?? 0;
    weight[to] = confidence === undefined ? 1 : (confidence[at] ?? 1);
  }
  for (let row = 0; row < items.length; row++) start[row + 1] = (start[row + 1] ?? 0) + (start[row] ?? 0);
  return { start, other, label: labels, weight };
}

/** A validator that labels an item r times has one voice there, not r: one entry for each label it gave, with its share. */
function mergeRepeats({ start, other, label, weight }: LabelRows): LabelRows {
  let to = 0;
  for (let row = 0; row + 1 < start.length; row++) {
    const [from, end] = [start[row] ?? 0, start[row + 1] ?? 0];
    start[row] = to;
    for (let at = from; at < end;) {
      let next = at + 1;
      while (next < end && other[next] === other[at]) next++;
      const repeats = next - at;
      for (; at < next; to++) {
        const [validator, said] = [other[at] ?? 0, label[at] ?? 0];
        let total = 0;
        for (; at < next && label[at] === said; at++) total += weight[at] ?? 0;
        other[to] = validator;
        label[to] = said;
        weight[to] = total / repeats;
      }
    }
  }
  start[start.length - 1] = to;
  if (to === other.length) return { start, other, label, weight };
  return { start, other: other.slice(0, to), label: label.slice(0, to), weight: weight.slice(0, to) };
}

/** Rows by item -> rows by validator, items in order within each. */
function transpose(rows: LabelRows, validatorCount: number): LabelRows {
  const count = rows.other.length;
  const start = new Int32Array(validatorCount + 1);
  for (const validator of rows.other) start[validator + 1] = (start[validator + 1] ?? 0) + 1;
  for (let row = 0; row < validatorCount; row++) start[row + 1] = (start[row + 1] ?? 0) + (start[row] ?? 0);
  const next = start.slice();
  const [other, label, weight] = [new Int32Array(count), new Int32Array(count), new Float64Array(count)];
  for (let item = 0; item + 1 < rows.start.length; item++)
    for (let at = rows.start[item] ?? 0; at < (rows.start[item + 1] ?? 0); at++) {
      const validator = rows.other[at] ?? 0;
      const to = next[validator] ?? 0;
      next[validator] = to + 1;
      other[to] = item;
      label[to] = rows.label[at] ?? 0;
      weight[to] = rows.weight[at] ?? 0;
    }
  return { start, other, label, weight };
}

function assertColumns({ items, validators, classes, item, validator, label, confidence }: Columns): void {
  invariant(
    classes.length <= CLASSES_MAX,
    () => `classes: needed at most ${CLASSES_MAX}, got ${classes.length}`,
  );
  invariant(
    item.length === label.length && validator.length === label.length,
    () => `columns: needed one length, got ${item.length}, ${validator.length}, ${label.length}`,
  );
  assertCodes("item", item, 0, items.length);
  assertCodes("validator", validator, 0, validators.length);
  assertCodes("label", label, -1, classes.length);
  invariant(
    confidence?.every((value) => value >= 0 && value <= 1) ?? true,
    () => "confidence: needed 0..1, got a value outside",
  );
}

function assertCodes(what: string, codes: Int32Array, from: number, below: number): void {
  let [least, most] = [from, from];
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code < least) least = code;
    if (code > most) most = code;
  }
  invariant(
    codes.length === 0 || (least >= from && most < below),
    () => `${what}: needed codes from ${from} below ${below}, got ${least} to ${most}`,
  );
}
