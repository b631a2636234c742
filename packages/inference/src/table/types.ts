/** The shapes of labels going in, and of the canonical table they become. */

/** What one validator said about one item. */
export type Label = {
  readonly item: string;
  readonly validator: string;
  /** Absent or null: the validator abstained. It is known, and says nothing. */
  readonly label?: string | null;
  /** 0..1, share of a label this one counts for; absent: 1. */
  readonly confidence?: number;
};

/** Compressed rows: the labels of row r stand at `start[r]` up to `start[r + 1]`. */
export type LabelRows = {
  readonly start: Int32Array;
  /** The validator of each label in rows by item, the item in rows by validator. */
  readonly other: Int32Array;
  /** Index into `classes`. */
  readonly label: Int32Array;
  /** How much of a label this is: confidence, shared among repeated labels of one validator on one item. */
  readonly weight: Float64Array;
};

export type LabelTable = {
  readonly items: readonly string[];
  readonly validators: readonly string[];
  readonly classes: readonly string[];
  readonly labelCount: number;
  readonly byItem: LabelRows;
  readonly byValidator: LabelRows;
};

/** More classes than this is free text, and needs another kind of aggregation. */
export const CLASSES_MAX = 256;
