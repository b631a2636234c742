/** Small operations on rows of a matrix that lies flat in one array. */

/** Turns `width` log weights from `from` on into probabilities, in place. Returns the log of their sum. */
export function softmaxRow(values: Float64Array, from: number, width: number): number {
  let most = -Infinity;
  for (let at = from; at < from + width; at++) most = Math.max(most, values[at] ?? 0);
  let sum = 0;
  for (let at = from; at < from + width; at++) {
    const weight = Math.exp((values[at] ?? 0) - most);
    values[at] = weight;
    sum += weight;
  }
  for (let at = from; at < from + width; at++) values[at] = (values[at] ?? 0) / sum;
  return most + Math.log(sum);
}

/** Scales a row to sum to one; a row of zeros becomes uniform: nothing is known. */
export function normalizeRow(values: Float64Array, from: number, width: number): void {
  let sum = 0;
  for (let at = from; at < from + width; at++) sum += values[at] ?? 0;
  if (sum > 0) for (let at = from; at < from + width; at++) values[at] = (values[at] ?? 0) / sum;
  else values.fill(1 / width, from, from + width);
}

export function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
