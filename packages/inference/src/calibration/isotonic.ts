/** Isotonic regression by pooling adjacent violators: the best non-decreasing step curve from scores to probabilities. */

/** Step `i` holds from `from[i]` (a score) on, up to the next. */
export type IsotonicCurve = { readonly from: Float64Array; readonly value: Float64Array };

/** Needs many more outcomes than Platt scaling, and assumes nothing but order: from about a thousand on it is the better. */
export function fitIsotonic(scores: Float64Array, outcomes: Uint8Array): IsotonicCurve {
  const order = [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
  const pools: { from: number; sum: number; count: number }[] = [];
  for (const at of order) {
    pools.push({ from: scores[at] ?? 0, sum: outcomes[at] ?? 0, count: 1 });
    poolViolators(pools);
  }
  return {
    from: Float64Array.from(pools, ({ from }) => from),
    value: Float64Array.from(pools, ({ sum, count }) => sum / count),
  };
}

/** Joins the last two pools while they stand in the wrong order or on one score. */
function poolViolators(pools: { from: number; sum: number; count: number }[]): void {
  for (;;) {
    const [last, before] = [pools.at(-1), pools.at(-2)];
    if (last === undefined || before === undefined) return;
    if (last.from > before.from && last.sum * before.count > before.sum * last.count) return;
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
