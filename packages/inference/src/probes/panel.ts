/** How a panel's validators agree with each other: the factors along which their votes move together, found without any truth. */
import { decomposeSymmetric, type Eigen } from "../numeric/eigen.ts";
import type { LabelTable } from "../table/types.ts";

/** Pairs of more validators than this cost too much to compare, and no panel that all see the same items is so large. */
export const PANEL_VALIDATORS_MAX = 256;

/** Share of all (item, validator) cells that must be filled before agreement between pairs means anything. */
export const PANEL_DENSITY_MIN = 0.3;

export type Panel = {
  readonly table: LabelTable;
  /** Of the agreement matrix: validators x validators. */
  readonly factors: Eigen;
};

/** Absent when the table is no panel: too many validators, or too few items that they share. */
export function findPanel(table: LabelTable): Panel | undefined {
  const [validators, items] = [table.validators.length, table.items.length];
  if (validators < 2 || validators > PANEL_VALIDATORS_MAX) return undefined;
  if (table.labelCount < PANEL_DENSITY_MIN * validators * items) return undefined;
  return { table, factors: decomposeSymmetric(computeAgreement(table), validators) };
}

/** Mean over items of (labels agree) - 1 / classes, 0 where either is silent: the covariance of the votes as class indicators. */
function computeAgreement({ byItem, items, validators, classes }: LabelTable): Float64Array {
  const size = validators.length;
  const agreement = new Float64Array(size * size);
  const chance = 1 / Math.max(1, classes.length);
  const { start, other, label, weight } = byItem;
  for (let item = 0; item < items.length; item++) {
    const end = start[item + 1] ?? 0;
    for (let a = start[item] ?? 0; a < end; a++) {
      const row = (other[a] ?? 0) * size;
      for (let b = start[item] ?? 0; b < end; b++) {
        const to = row + (other[b] ?? 0);
        const agrees = Number(label[a] === label[b]) - chance;
        agreement[to] = (agreement[to] ?? 0) + (agrees * (weight[a] ?? 0) * (weight[b] ?? 0)) / items.length;
      }
    }
  }
  return agreement;
}
