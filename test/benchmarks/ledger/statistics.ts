/** What a row of figures says: medians over slices, percentiles over transactions. */

export function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Nearest rank: the smallest value that at least `share` of all values do not exceed. Sorts `values` in place. */
export function computePercentiles(values: Float64Array, shares: readonly number[]): number[] {
  values.sort();
  return shares.map((share) => values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN);
}

export function round(value: number, digits = 0): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
