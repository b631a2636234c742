/** Any interleaving of writers, found by fast-check, leaves whole streams and rising positions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import type { EventStore } from "@mira/event-store";
import { assertRisingPositions, makeEvents, openStore } from "../fixture.ts";

test("property: any interleaving of appends gives contiguous versions and rising positions", async () => {
  await using fresh = await openStore();
  let run = 0;
  const step = fc.record({
    streams: fc.subarray(["a", "b", "c"], { minLength: 1 }),
    count: fc.integer({ min: 1, max: 4 }),
    any: fc.boolean(),
    lagMs: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
      async (writers) => {
        run += 1;
        const counts = await Promise.all(
          writers.map((steps) => writeSteps(fresh.store, `run-${run}`, steps)),
        );
        await assertWholeStreams(fresh.store, `run-${run}`, counts.flat());
      },
    ),
    { numRuns: 40 },
  );
  await assertRisingPositions(fresh.store);
});

type Step = { streams: string[]; count: number; any: boolean; lagMs: number };

/** How many events of each stream were acknowledged. */
async function writeSteps(target: EventStore, prefix: string, steps: Step[]): Promise<[string, number][]> {
  const written: [string, number][] = [];
  for (const { streams, count, any, lagMs } of steps) {
    const appends = await Promise.all(
      streams.map(async (name) => {
        const stream = `${prefix}-${name}`;
        const expectedVersion = any ? ("any" as const) : (await target.readStream(stream)).length;
        return { stream, expectedVersion, events: makeEvents(count) };
      }),
    );
    const also = lagMs === 0 ? {} : { also: () => sleep(lagMs) };
    const result = await target.appendBatch(appends, also);
    if (result.ok) for (const { stream } of appends) written.push([stream, count]);
    else assert.ok(!any && result.code === "CONCURRENT_CHANGE");
  }
  return written;
}

async function assertWholeStreams(
  target: EventStore,
  prefix: string,
  written: [string, number][],
): Promise<void> {
  for (const name of ["a", "b", "c"]) {
    const stream = `${prefix}-${name}`;
    const events = await target.readStream(stream);
    const acknowledged = written.reduce((sum, [of, count]) => sum + (of === stream ? count : 0), 0);
    assert.deepEqual(
      events.map((event) => event.version),
      Array.from({ length: acknowledged }, (_, index) => index + 1),
    );
    assert.ok(
      events.every((event, index) => index === 0 || event.position > (events[index - 1]?.position ?? 0n)),
    );
  }
}
