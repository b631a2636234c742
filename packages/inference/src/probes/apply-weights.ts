/** Weights -> posterior of every item: one pass over the labels. */
import { softmaxRow } from "../numeric/rows.ts";
import type { LabelTable } from "../table/types.ts";
import type { PanelWeights } from "./panel-model.ts";

export function applyPanelWeights(
  table: LabelTable,
  weights: PanelWeights,
  logPosterior?: Float64Array,
): Float64Array {
  const width = table.classes.length;
  const { start, other, label, weight } = table.byItem;
  const posterior = new Float64Array(table.items.length * width);
  for (let item = 0; item < table.items.length; item++) {
    const row = item * width;
    for (let cell = 0; cell < width; cell++)
      posterior[row + cell] =
        (weights.classes[cell] ?? 0) + weights.prior * (logPosterior?.[row + cell] ?? 0);
    for (let at = start[item] ?? 0; at < (start[item + 1] ?? 0); at++) {
      const cell = row + (label[at] ?? 0);
      posterior[cell] =
        (posterior[cell] ?? 0) + (weight[at] ?? 0) * (weights.validators[other[at] ?? 0] ?? 0);
    }
    softmaxRow(posterior, row, width);
  }
  return posterior;
}
