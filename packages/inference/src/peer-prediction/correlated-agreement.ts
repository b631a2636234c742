/**
 * Correlated Agreement (Shnayder, Agarwal, Frongillo, Parkes, EC 2016): pays a validator for agreeing with its peers on one item
 * more than its labels agree with theirs on another, so that labels which do not depend on the item earn nothing.
 */
import type { LabelTable } from "../table/types.ts";

export type PeerScores = {
  /** By validator, -1..1: agreement beyond what its habits explain. 0 when fewer than two of its items have peers. */
  readonly score: Float64Array;
  /** Items on which the validator had peers. */
  readonly scoredItems: Int32Array;
};

/**
 * Every peer and every pair of distinct items is averaged over, instead of drawn: no randomness, and the least variance. Which
 * labels count as agreeing is learnt from the others' labels alone, so that nobody writes the rule by which it is paid. Shares
 * of one validator's repeated labels are used as they are. O(labels x classes).
 */
export function scoreCorrelatedAgreement(table: LabelTable): PeerScores {
  const width = table.classes.length;
  const counts = countByItem(table);
  const all = countPairs(counts, width);
  const score = new Float64Array(table.validators.length);
  const scoredItems = new Int32Array(table.validators.length);
  for (let validator = 0; validator < table.validators.length; validator++) {
    const own = collectOwn(table, counts, validator);
    const agrees = findAgreeing(withoutOwn(all, own, width), width);
    scoredItems[validator] = own.items;
    score[validator] = scoreOwn(own, agrees, width);
  }
  return { score, scoredItems };
}

/** Weight of each class among an item's labels: items x classes. */
function countByItem({ byItem, items, classes }: LabelTable): Float64Array {
  const counts = new Float64Array(items.length * classes.length);
  for (let item = 0; item < items.length; item++)
    for (let at = byItem.start[item] ?? 0; at < (byItem.start[item + 1] ?? 0); at++) {
      const cell = item * classes.length + (byItem.label[at] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + (byItem.weight[at] ?? 0);
    }
  return counts;
}

type PairCounts = { readonly joint: Float64Array; readonly single: Float64Array };

/** How often labels a and b stand on one item, and how often each stands at all. */
function countPairs(counts: Float64Array, width: number): PairCounts {
  const pairs = { joint: new Float64Array(width * width), single: new Float64Array(width) };
  for (let row = 0; row < counts.length; row += width) addPairs(pairs, counts.subarray(row, row + width), 1);
  return pairs;
}

/** Shares over the labels of one item, so that an item with many labels counts once for each label and not for each pair. */
function addPairs({ joint, single }: PairCounts, labels: Float64Array, sign: number): void {
  const width = labels.length;
  let total = 0;
  for (const count of labels) total += count;
  if (total <= 1) return;
  for (let a = 0; a < width; a++) {
    const count = labels[a] ?? 0;
    if (count === 0) continue;
    single[a] = (single[a] ?? 0) + sign * count;
    for (let b = 0; b < width; b++) {
      const others = Math.max(0, (labels[b] ?? 0) - (a === b ? 1 : 0));
      joint[a * width + b] = (joint[a * width + b] ?? 0) + (sign * count * others) / (total - 1);
    }
  }
}

type Own = {
  readonly items: number;
  /** Per item with peers: the validator's label shares, the peers' shares; then label weights with and without the validator. */
  readonly labels: Float64Array;
  readonly peers: Float64Array;
  readonly counts: Float64Array;
  readonly others: Float64Array;
};

function collectOwn({ byValidator, classes }: LabelTable, counts: Float64Array, validator: number): Own {
  const width = classes.length;
  const [from, to] = [byValidator.start[validator] ?? 0, byValidator.start[validator + 1] ?? 0];
  const own = {
    items: 0,
    labels: new Float64Array((to - from) * width),
    peers: new Float64Array((to - from) * width),
    counts: new Float64Array((to - from) * width),
    others: new Float64Array((to - from) * width),
  };
  for (let at = from; at < to;) {
    const item = byValidator.other[at] ?? 0;
    const row = own.items * width;
    own.labels.fill(0, row, row + width);
    for (; at < to && byValidator.other[at] === item; at++) {
      const cell = row + (byValidator.label[at] ?? 0);
      own.labels[cell] = (own.labels[cell] ?? 0) + (byValidator.weight[at] ?? 0);
    }
    if (setPeers(own, counts, item, width)) own.items++;
  }
  return own;
}

/** Fills the row of one item. False when nobody else labelled it. */
function setPeers(own: Own, counts: Float64Array, item: number, width: number): boolean {
  const row = own.items * width;
  let [peers, mine] = [0, 0];
  for (let label = 0; label < width; label++) {
    const count = counts[item * width + label] ?? 0;
    const rest = count - (own.labels[row + label] ?? 0);
    own.counts[row + label] = count;
    own.others[row + label] = Math.max(0, rest);
    own.peers[row + label] = Math.max(0, rest);
    peers += Math.max(0, rest);
    mine += own.labels[row + label] ?? 0;
  }
  if (peers < 1e-9 || mine < 1e-9) return false;
  for (let label = 0; label < width; label++) {
    own.peers[row + label] = (own.peers[row + label] ?? 0) / peers;
    own.labels[row + label] = (own.labels[row + label] ?? 0) / mine;
  }
  return true;
}

/** Pair counts as they would be had this validator never labelled. */
function withoutOwn(all: PairCounts, { items, counts, others }: Own, width: number): PairCounts {
  const rest = { joint: all.joint.slice(), single: all.single.slice() };
  for (let row = 0; row < items * width; row += width) {
    addPairs(rest, counts.subarray(row, row + width), -1);
    addPairs(rest, others.subarray(row, row + width), 1);
  }
  return rest;
}

/** Labels a and b agree when they stand together more often than apart: 1, else 0. Nothing known: a label agrees with itself. */
function findAgreeing({ joint, single }: PairCounts, width: number): Float64Array {
  let total = 0;
  for (const count of joint) total += count;
  const agrees = new Float64Array(width * width);
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) {
      const beyond = (joint[a * width + b] ?? 0) * total - (single[a] ?? 0) * (single[b] ?? 0);
      agrees[a * width + b] = total < 1e-9 ? Number(a === b) : Number(beyond > 1e-9 * total * total);
    }
  return agrees;
}

/** Mean agreement on the same item, less mean agreement over all pairs of distinct items. */
function scoreOwn({ items, labels, peers }: Own, agrees: Float64Array, width: number): number {
  if (items < 2) return 0;
  const [mine, theirs] = [new Float64Array(width), new Float64Array(width)];
  let same = 0;
  for (let row = 0; row < items * width; row += width) {
    same += agree(labels, peers, row, agrees);
    for (let label = 0; label < width; label++) {
      mine[label] = (mine[label] ?? 0) + (labels[row + label] ?? 0);
      theirs[label] = (theirs[label] ?? 0) + (peers[row + label] ?? 0);
    }
  }
  const apart = agree(mine, theirs, 0, agrees) - same;
  return same / items - apart / (items * (items - 1));
}

function agree(labels: Float64Array, peers: Float64Array, row: number, agrees: Float64Array): number {
  const width = Math.sqrt(agrees.length);
  let total = 0;
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++)
      total += (labels[row + a] ?? 0) * (peers[row + b] ?? 0) * (agrees[a * width + b] ?? 0);
  return total;
}
