/** Mean time to absorption of a Markov chain: what every average run length comes down to (Brook and Evans 1972). */

/** Calls `go(next, probability)` for each way out of `state`; a `next` of `states` or more is the alarm. */
export type Transitions = (state: number, go: (next: number, probability: number) => void) => void;

/** Solves (I - Q) L = 1 by elimination without pivoting, which is safe for such a matrix, and returns L at `start`. states^3 / 3 steps. */
export function solveRunLength(states: number, start: number, transitions: Transitions): number {
  const rows = Array.from({ length: states }, (_, state) => buildRow(states, state, transitions));
  for (const [pivot, pivotRow] of rows.entries())
    for (let below = pivot + 1; below < states; below++) subtractRow(rows[below], pivotRow, pivot);
  return substituteBack(rows)[start] ?? 0;
}

/** Coefficients, then the right-hand side in the last place. */
function buildRow(states: number, state: number, transitions: Transitions): Float64Array {
  const row = new Float64Array(states + 1);
  row[state] = 1;
  row[states] = 1;
  transitions(state, (next, probability) => {
    if (next < states) row[next] = (row[next] ?? 0) - probability;
  });
  return row;
}

function subtractRow(row: Float64Array | undefined, pivotRow: Float64Array, pivot: number): void {
  const own = row?.[pivot];
  if (row === undefined || own === undefined || own === 0) return;
  const factor = own / (pivotRow[pivot] ?? 1);
  for (let column = pivot; column < row.length; column++)
    row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0);
}

function substituteBack(rows: readonly Float64Array[]): Float64Array {
  const states = rows.length;
  const lengths = new Float64Array(states);
  for (let state = states - 1; state >= 0; state--) {
    const row = rows[state];
    let length = row?.[states] ?? 0;
    for (let column = state + 1; column < states; column++)
      length -= (row?.[column] ?? 0) * (lengths[column] ?? 0);
    lengths[state] = length / (row?.[state] ?? 1);
  }
  return lengths;
}
