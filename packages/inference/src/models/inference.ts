/** What every method answers, and what it may be told. */

export type Inference = {
  readonly method: string;
  /** Probability of each class for each item: items x classes, row after row, in the table's order. */
  readonly posterior: Float64Array;
  /** Each validator's estimated probability to be right, averaged over classes as they occur. Below 1 / classes: reliably wrong. */
  readonly reliability: Float64Array;
  /**
   * What the method maximised. For EBCC, IBCC and one-coin a lower bound of the log evidence of all labels, comparable between
   * them on one table; for the others a log likelihood, comparable between runs of one method.
   */
  readonly objective: number;
  readonly iterations: number;
};

export type ModelOptions = {
  /** Known class of each item, -1 where unknown: probes. They are held fixed, and teach. */
  readonly known?: Int32Array;
  readonly iterationsMax?: number;
};

export const ITERATIONS_MAX = 500;

/** Iteration stops when no posterior moves by more than this: far below what changes a verdict. */
export const TOLERANCE = 1e-3;

/** Puts known items at certainty, in place. */
export function clampKnown(posterior: Float64Array, width: number, known: Int32Array | undefined): void {
  known?.forEach((truth, item) => {
    if (truth < 0) return;
    posterior.fill(0, item * width, (item + 1) * width);
    posterior[item * width + truth] = 1;
  });
}
