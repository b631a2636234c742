/** Solving with a symmetric positive definite matrix, which lies flat, row after row. */

/** Lower triangle L with L L' = matrix, in place (the upper triangle is left as it was). Returns the log determinant of the matrix. */
export function factorize(matrix: Float64Array, size: number): number {
  let logDeterminant = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let value = matrix[row * size + column] ?? 0;
      for (let at = 0; at < column; at++)
        value -= (matrix[row * size + at] ?? 0) * (matrix[column * size + at] ?? 0);
      if (row === column) {
        // Rounding may push a pivot of a nearly singular matrix below zero; it is then as good as zero.
        const pivot = Math.sqrt(Math.max(value, 1e-12));
        matrix[row * size + row] = pivot;
        logDeterminant += 2 * Math.log(pivot);
      } else matrix[row * size + column] = value / (matrix[column * size + column] ?? 1);
    }
  }
  return logDeterminant;
}

/** Solves L L' x = right, in place, with the L of `factorize`. */
export function solveFactorized(factor: Float64Array, size: number, right: Float64Array): void {
  for (let row = 0; row < size; row++) {
    let value = right[row] ?? 0;
    for (let at = 0; at < row; at++) value -= (factor[row * size + at] ?? 0) * (right[at] ?? 0);
    right[row] = value / (factor[row * size + row] ?? 1);
  }
  for (let row = size - 1; row >= 0; row--) {
    let value = right[row] ?? 0;
    for (let at = row + 1; at < size; at++) value -= (factor[at * size + row] ?? 0) * (right[at] ?? 0);
    right[row] = value / (factor[row * size + row] ?? 1);
  }
}
