/** The rate of a slice leaves out its first fifth, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { computeRate } from "./slice-rate.ts";

const SLICE = { sent: [{ first: 1_000, count: 1_000, dueAt: 0 }], endSequence: 2_000, startedAt: 50 };
const SETTLED = [
  { at: 400, upTo: 1_100 },
  { at: 500, upTo: 1_200 },
  { at: 900, upTo: 1_900 },
  { at: 1_000, upTo: 2_000 },
  { at: 5_000, upTo: 2_001 },
];

test("the clock starts when a fifth has settled and stops when all have", () => {
  assert.equal(computeRate(SLICE, SETTLED), 1_600);
});

test("a later stage is charged for what it lags, not for what it must wait", () => {
  const finalized = [
    { at: 2_900, upTo: 1_999 },
    { at: 3_000, upTo: 2_000 },
  ];
  assert.equal(computeRate(SLICE, SETTLED, finalized, 2_000), 1_600);
  assert.equal(computeRate(SLICE, SETTLED, finalized, 500), 400);
});

test("a slice that one word covers is counted from its start", () => {
  assert.equal(computeRate(SLICE, [{ at: 250, upTo: 2_000 }]), 5_000);
});

test("a slice that is not through has no rate", () => {
  assert.ok(Number.isNaN(computeRate(SLICE, [{ at: 250, upTo: 1_999 }])));
});
