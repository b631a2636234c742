/** What EBCC holds between its steps. */
import type { LabelTable } from "../table/types.ts";

/** Of the paper: few groups are wanted, every class may occur. */
export const GROUP_PRIOR = 0.1;
export const CLASS_PRIOR = 1;

export type EbccState = {
  readonly table: LabelTable;
  readonly known: Int32Array | undefined;
  readonly width: number;
  readonly groups: number;
  /** classes x groups: the width of one row of responsibilities. */
  readonly cells: number;
  readonly rightPrior: number;
  readonly wrongPrior: number;
  /** items x cells. */
  readonly responsibility: Float64Array;
  readonly posterior: Float64Array;
  /** Expected counts, prior included: validators x labels x cells. */
  readonly confusion: Float64Array;
  /** Expected log of the confusion, same layout. */
  readonly logConfusion: Float64Array;
  readonly cellCount: Float64Array;
  readonly cellLog: Float64Array;
  itemBound: number;
};
