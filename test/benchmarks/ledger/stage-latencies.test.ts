/** Each transaction is counted once, from when it was due to the first word that covers it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { computeStageLatencies, toRuns } from "./stage-latencies.ts";

const TIMELINE = [
  { at: 10, upTo: 100 },
  { at: 20, upTo: 103 },
  { at: 35, upTo: 106 },
];

test("a transaction is reached by the first word beyond its own number, not by one equal to it", () => {
  const latencies = computeStageLatencies([{ first: 101, count: 4, dueAt: 5 }], TIMELINE);
  assert.deepEqual([...latencies], [15, 15, 30, 30]);
});

test("calls answered out of order are put in order, and each keeps its own due time", () => {
  const sent = [
    { first: 103, count: 1, dueAt: 30 },
    { first: 100, count: 1, dueAt: 0 },
  ];
  assert.deepEqual([...computeStageLatencies(sent, TIMELINE)], [20, 5]);
});

test("what was never reached has no latency", () => {
  assert.equal(computeStageLatencies([{ first: 104, count: 9, dueAt: 0 }], TIMELINE).length, 2);
});

test("sequence numbers are kept as runs; a gap begins another", () => {
  assert.deepEqual(toRuns([7, 8, 9, 11, 12], 3), [
    { first: 7, count: 3, dueAt: 3 },
    { first: 11, count: 2, dueAt: 3 },
  ]);
});
