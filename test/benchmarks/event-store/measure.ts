/** One short closed-loop run: so many workers, each waiting for its append before the next. */
import { randomUUID } from "node:crypto";
import type { Contestant } from "./contestant.ts";

export type Load = { readonly connections: number; readonly eventsPerAppend: number };

/** A stream is long enough to make the expected version count, and short enough to be one of many. */
const APPENDS_PER_STREAM = 50;

/** Events per second. */
export async function measureRate(contestant: Contestant, load: Load, durationMs: number): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + durationMs;
  const counts = await Promise.all(
    Array.from({ length: load.connections }, (_, worker) =>
      appendUntil(contestant, load.eventsPerAppend, worker, until),
    ),
  );
  const events = counts.reduce((sum, count) => sum + count, 0);
  return events / ((performance.now() - startedAt) / 1000);
}

async function appendUntil(
  contestant: Contestant,
  eventsPerAppend: number,
  worker: number,
  until: number,
): Promise<number> {
  let events = 0;
  while (performance.now() < until) {
    const stream = { category: `account${worker}`, id: randomUUID() };
    for (let append = 0; append < APPENDS_PER_STREAM && performance.now() < until; append += 1) {
      await contestant.append(stream, append * eventsPerAppend, eventsPerAppend);
      events += eventsPerAppend;
    }
  }
  return events;
}

export function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
