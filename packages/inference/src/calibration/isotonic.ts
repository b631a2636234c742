/** Isotonic regression by pooling adjacent violators: the best non-decreasing step curve from scores to probabilities. */

/** Step `i` holds from `from[i]` (a score) on, up to the next. */
export type IsotonicCurve = { readonly from: Float64Array; readonly value: Float64Array };

/** Needs many more outcomes than Platt scaling, and assumes nothing but order: from about a thousand on it is the better. */
export function fitIsotonic(scores: Float64Array, outcomes: Uint8Array): IsotonicCurve {
  const order = [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
  const pools: Pool[] = [];
  for (const group of groupEqual(scores, outcomes, order)) {
    pools.push(group);
    poolViolators(pools);
  }
  return {
    from: Float64Array.from(pools, ({ from }) => from),
    value: Float64Array.from(pools, ({ sum, count }) => sum / count),
  };
}

type Pool = { readonly from: number; readonly sum: number; readonly count: number };

/** Outcomes of one score can only share a value. */
function groupEqual(scores: Float64Array, outcomes: Uint8Array, order: readonly number[]): Pool[] {
  const groups: Pool[] = [];
  for (const at of order) {
    const [from, sum] = [scores[at] ?? 0, outcomes[at] ?? 0];
    const last = groups.at(-1);
    if (last?.from !== from) groups.push({ from, sum, count: 1 });
    else groups[groups.length - 1] = { from, sum: last.sum + sum, count: last.count + 1 };
  }
  return groups;
}

/** Joins the last two pools while they stand in the wrong order. */
function poolViolators(pools: Pool[]): void {
  for (;;) {
    const [last, before] = [pools.at(-1), pools.at(-2)];
    if (last === undefined || before === undefined) return;
    if (last.sum * before.count > before.sum * last.count) return;
    pools.splice(-2, 2, { from: before.from, sum: before.sum + last.sum, count: before.count + last.count });
  }
}

/** Below the first step its value holds. */
export function applyIsotonic({ from, value }: IsotonicCurve, score: number): number {
  let [low, high] = [0, from.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((from[middle] ?? 0) <= score) low = middle;
    else high = middle - 1;
  }
  return value[low] ?? 0.5;
}
