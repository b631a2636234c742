/** Majority and weighted votes: each item's shares of the vote, a tie split and not broken. */
import { normalizeRow } from "../numeric/rows.ts";
import type { LabelTable } from "../table/types.ts";

/** Shares of the votes, items x classes. An item without votes is uniform. */
export function computeVoteShares(table: LabelTable): Float64Array {
  return computeWeightedShares(table, undefined);
}

/** The same with a weight for each validator, in the table's order; 0 or more. Stake is such a weight. */
export function computeWeightedShares(table: LabelTable, weights: Float64Array | undefined): Float64Array {
  const { byItem, classes, items } = table;
  const width = classes.length;
  const shares = new Float64Array(items.length * width);
  for (let item = 0; item < items.length; item++) {
    const row = item * width;
    for (let at = byItem.start[item] ?? 0; at < (byItem.start[item + 1] ?? 0); at++) {
      const cell = row + (byItem.label[at] ?? 0);
      const scale = weights === undefined ? 1 : (weights[byItem.other[at] ?? 0] ?? 0);
      shares[cell] = (shares[cell] ?? 0) + (byItem.weight[at] ?? 0) * scale;
    }
    normalizeRow(shares, row, width);
  }
  return shares;
}
