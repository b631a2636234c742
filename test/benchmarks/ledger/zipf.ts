/** Skewed popularity: rank r is drawn with a probability proportional to r to the power of minus the exponent (Zipf's law). */

/** `random` is in [0, 1). The answer is a rank counted from 0, the most popular. */
export function createZipfSampler(count: number, exponent: number, random: () => number): () => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) cumulative[rank] = sum += (rank + 1) ** -exponent;
  return () => findRank(cumulative, random() * sum);
}

/** The first rank whose cumulative weight exceeds `at`. */
function findRank(cumulative: Float64Array, at: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
