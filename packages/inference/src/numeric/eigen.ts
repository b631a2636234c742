/** Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations: slow for thousands of rows, exact for hundreds. */

export type Eigen = {
  /** Largest first. */
  readonly values: Float64Array;
  /** Column f of this matrix, rows x rows, belongs to value f; signs are fixed by the sum of the column. */
  readonly vectors: Float64Array;
};

const SWEEPS_MAX = 30;

export function decomposeSymmetric(matrix: Float64Array, size: number): Eigen {
  const work = matrix.slice();
  const rotated = new Float64Array(size * size);
  for (let at = 0; at < size; at++) rotated[at * size + at] = 1;
  const enough = 1e-20 * (sumOfSquares(work) + 1e-300);
  for (let sweep = 0; sweep < SWEEPS_MAX && offDiagonal(work, size) > enough; sweep++)
    for (let p = 0; p < size - 1; p++)
      for (let q = p + 1; q < size; q++) rotate(work, rotated, size, { p, q });
  return sortByValue(work, rotated, size);
}

function rotate(
  work: Float64Array,
  rotated: Float64Array,
  size: number,
  { p, q }: { p: number; q: number },
): void {
  const off = work[p * size + q] ?? 0;
  if (Math.abs(off) < 1e-300) return;
  const theta = ((work[q * size + q] ?? 0) - (work[p * size + p] ?? 0)) / (2 * off);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let at = 0; at < size; at++) turn(work, at * size + p, at * size + q, c, s);
  for (let at = 0; at < size; at++) turn(work, p * size + at, q * size + at, c, s);
  for (let at = 0; at < size; at++) turn(rotated, at * size + p, at * size + q, c, s);
}

function turn(values: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [values[p] ?? 0, values[q] ?? 0];
  values[p] = c * x - s * y;
  values[q] = s * x + c * y;
}

function sumOfSquares(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value * value;
  return total;
}

function offDiagonal(work: Float64Array, size: number): number {
  let total = 0;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < row; column++) total += 2 * (work[row * size + column] ?? 0) ** 2;
  return total;
}

function sortByValue(work: Float64Array, rotated: Float64Array, size: number): Eigen {
  const diagonal = Float64Array.from({ length: size }, (_, at) => work[at * size + at] ?? 0);
  const order = [...diagonal.keys()].sort((a, b) => (diagonal[b] ?? 0) - (diagonal[a] ?? 0) || a - b);
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => {
    let total = 0;
    for (let row = 0; row < size; row++) total += rotated[row * size + from] ?? 0;
    const sign = total < 0 ? -1 : 1;
    for (let row = 0; row < size; row++) vectors[row * size + to] = sign * (rotated[row * size + from] ?? 0);
  });
  return { values: Float64Array.from(order, (at) => diagonal[at] ?? 0), vectors };
}
