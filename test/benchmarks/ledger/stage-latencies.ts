/** From when a transaction was due to when its stage was known here, per transaction. */

/** A run of sequence numbers that one call was answered with. Instants are milliseconds of performance.now(). */
export type Sent = { readonly first: number; readonly count: number; readonly dueAt: number };

/** At `at` it was known that every sequence number below `upTo` has reached the stage. */
export type Reached = { readonly at: number; readonly upTo: number };

/** Milliseconds, one value for each transaction that got there. `timeline` is in the order of time. */
export function computeStageLatencies(sent: readonly Sent[], timeline: readonly Reached[]): Float64Array {
  const values: number[] = [];
  let point = 0;
  for (const { first, count, dueAt } of sent.toSorted((left, right) => left.first - right.first))
    for (let sequence = first; sequence < first + count; sequence += 1) {
      while (point < timeline.length && (timeline[point]?.upTo ?? 0) <= sequence) point += 1;
      const reached = timeline[point];
      if (reached === undefined) return Float64Array.from(values);
      values.push(reached.at - dueAt);
    }
  return Float64Array.from(values);
}

/** Runs of consecutive numbers. */
export function toRuns(sequenceNumbers: readonly number[], dueAt: number): Sent[] {
  const runs: { first: number; count: number; dueAt: number }[] = [];
  for (const sequence of sequenceNumbers) {
    const last = runs.at(-1);
    if (last !== undefined && sequence === last.first + last.count) last.count += 1;
    else runs.push({ first: sequence, count: 1, dueAt });
  }
  return runs;
}
