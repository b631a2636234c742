/** How good posteriors are: accuracy with ties split, Brier score, expected calibration error, coverage at a precision. */

export type Judged = {
  /** Items x width. */
  readonly posterior: Float64Array;
  /** Class of each item, -1 where it is not known or not to be scored. */
  readonly truth: Int32Array;
  readonly width: number;
};

const TIE = 1e-9;

/** Share of items whose most probable class is right; classes that tie share the item. */
export function scoreAccuracy(judged: Judged): number {
  let right = 0;
  const count = forEachScored(judged, (row, truth) => {
    const most = row.reduce((best, value) => Math.max(best, value), 0);
    if ((row[truth] ?? 0) < most - TIE) return;
    right += 1 / row.reduce((tied, value) => tied + Number(value >= most - TIE), 0);
  });
  return right / Math.max(1, count);
}

/** Mean over items of half the squared distance to the truth: for two classes, (P(true) - outcome) squared. */
export function scoreBrier(judged: Judged): number {
  let total = 0;
  const count = forEachScored(judged, (row, truth) => {
    row.forEach((value, at) => (total += (value - Number(at === truth)) ** 2 / 2));
  });
  return total / Math.max(1, count);
}

const BINS = 10;

/**
 * Expected calibration error over ten bins of equal width. With two classes of the probability of the second, so that being too
 * sure one way is not hidden by being too unsure the other; with more, of the most probable class (Guo et al. 2017).
 */
export function scoreCalibrationError(judged: Judged, bins: number = BINS): number {
  const gaps = new Float64Array(bins);
  const count = forEachScored(judged, (row, truth) => {
    let top = judged.width === 2 ? 1 : 0;
    if (judged.width !== 2) row.forEach((value, at) => (top = value > (row[top] ?? 0) ? at : top));
    const confidence = row[top] ?? 0;
    const bin = Math.min(bins - 1, Math.floor(confidence * bins));
    gaps[bin] = (gaps[bin] ?? 0) + confidence - Number(truth === top);
  });
  return gaps.reduce((total, gap) => total + Math.abs(gap), 0) / Math.max(1, count);
}

/** One point for each number of items taken, surest first. */
export type CoverageCurve = { readonly coverage: Float64Array; readonly precision: Float64Array };

/** With `accepting` a class, items are taken by its probability (claims accepted as true); without, by the most probable class's. */
export function computeCoverageCurve(judged: Judged, accepting?: number): CoverageCurve {
  const taken: { confidence: number; right: number }[] = [];
  forEachScored(judged, (row, truth) => {
    let top = accepting ?? 0;
    if (accepting === undefined) row.forEach((value, at) => (top = value > (row[top] ?? 0) ? at : top));
    taken.push({ confidence: row[top] ?? 0, right: Number(truth === top) });
  });
  taken.sort((one, other) => other.confidence - one.confidence);
  return accumulate(taken);
}

/** Items of one confidence can only be taken together, so they share their precision. */
function accumulate(taken: readonly { confidence: number; right: number }[]): CoverageCurve {
  const [coverage, precision] = [new Float64Array(taken.length), new Float64Array(taken.length)];
  let right = 0;
  for (let from = 0; from < taken.length;) {
    let to = from;
    for (; to < taken.length && taken[to]?.confidence === taken[from]?.confidence; to++)
      right += taken[to]?.right ?? 0;
    precision.fill(right / to, from, to);
    coverage.fill(to / taken.length, from, to);
    from = to;
  }
  return { coverage, precision };
}

/** Largest share of items that can be taken, surest first, with at least this precision. */
export function findCoverageAt(curve: CoverageCurve, precision: number): number {
  let most = 0;
  curve.precision.forEach((value, at) => {
    if (value >= precision) most = Math.max(most, curve.coverage[at] ?? 0);
  });
  return most;
}

function forEachScored(
  { posterior, truth, width }: Judged,
  visit: (row: Float64Array, truth: number) => void,
): number {
  let count = 0;
  truth.forEach((label, item) => {
    if (label < 0) return;
    count++;
    visit(posterior.subarray(item * width, (item + 1) * width), label);
  });
  return count;
}
