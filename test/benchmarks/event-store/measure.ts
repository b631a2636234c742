/** One short closed-loop run: so many workers, each waiting for its append before the next. */
import { randomUUID } from "node:crypto";
import type { Contestant } from "./contestant.ts";
import { readCpuMs } from "./cpu-time.ts";

export type Load = {
  readonly connections: number;
  readonly eventsPerAppend: number;
  /** Above 1: appends of one event to so many streams are asked for together. */
  readonly streamsPerBatch: number;
};

/** A stream is long enough to make the expected version count, and short enough to be one of many. */
const APPENDS_PER_STREAM = 50;

export type Run = {
  readonly eventsPerSecond: number;
  /** Of client and server together; undefined where it cannot be read. */
  readonly cpuUsPerEvent: number | undefined;
};

export async function measureRun(
  contestant: Contestant,
  load: Load,
  { durationMs, serverPid }: { readonly durationMs: number; readonly serverPid: number },
): Promise<Run> {
  const cpuBefore = await readCpuMs(serverPid);
  const startedAt = performance.now();
  const counts = await Promise.all(
    Array.from({ length: load.connections }, (_, worker) =>
      load.streamsPerBatch > 1
        ? appendToManyUntil(contestant, load.streamsPerBatch, worker, startedAt + durationMs)
        : appendUntil(contestant, load.eventsPerAppend, worker, startedAt + durationMs),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuAfter = await readCpuMs(serverPid);
  const events = counts.reduce((sum, count) => sum + count, 0);
  const isKnown = cpuBefore !== undefined && cpuAfter !== undefined;
  return {
    eventsPerSecond: events / seconds,
    cpuUsPerEvent: isKnown ? ((cpuAfter - cpuBefore) * 1000) / events : undefined,
  };
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

/** A store without a call for it is given all the appends at once, over all its connections. */
async function appendToManyUntil(
  contestant: Contestant,
  streamsPerBatch: number,
  worker: number,
  until: number,
): Promise<number> {
  let events = 0;
  while (performance.now() < until) {
    const streams = Array.from({ length: streamsPerBatch }, () => ({
      category: `account${worker}`,
      id: randomUUID(),
    }));
    if (contestant.appendToMany !== undefined) await contestant.appendToMany(streams);
    else await Promise.all(streams.map((stream) => contestant.append(stream, 0, 1)));
    events += streamsPerBatch;
  }
  return events;
}

export function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
