import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../numeric/random.ts";
import { createLabelTable } from "../table/label-table.ts";
import type { Label } from "../table/types.ts";
import { scoreCorrelatedAgreement } from "./correlated-agreement.ts";

type Strategy = (truth: boolean, random: () => number) => string;
const honest =
  (accuracy: number): Strategy =>
  (truth, random) =>
    String(random() < accuracy ? truth : !truth);
const always: Strategy = () => "true";
const baseRate: Strategy = (_, random) => String(random() < 0.7);

/** Scores by validator over items that are true 7 times in 10. */
function score(strategies: Record<string, Strategy>, items: number, seed: number): Map<string, number> {
  const random = createRandom(seed);
  const labels: Label[] = [];
  for (let item = 0; item < items; item++) {
    const truth = random() < 0.7;
    for (const [validator, strategy] of Object.entries(strategies))
      labels.push({ item: `i${item}`, validator, label: strategy(truth, random) });
  }
  const table = createLabelTable(labels);
  const { score } = scoreCorrelatedAgreement(table);
  return new Map(table.validators.map((validator, at) => [validator, score[at] ?? Number.NaN]));
}

const committee = { a: honest(0.9), b: honest(0.8), c: honest(0.85), d: honest(0.75) };

test("a validator that always says true earns exactly nothing, whatever the others say", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 60 }), (seed, items) => {
      const scores = score({ ...committee, lazy: always }, items, seed);
      assert.ok(Math.abs(scores.get("lazy") ?? 1) < 1e-12);
    }),
  );
});

test("a validator that says true at the base rate earns nothing, within four standard errors", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const scores = score({ ...committee, lazy: baseRate }, 2_000, seed);
      assert.ok(Math.abs(scores.get("lazy") ?? 1) < 4 * (0.5 / Math.sqrt(2_000)));
    }),
    { numRuns: 30 },
  );
});

test("honest validators earn in the order of their accuracy, and a constant bloc does not change that", () => {
  const scores = score({ ...committee, l1: always, l2: always, l3: always }, 4_000, 7);
  const at = (name: string): number => scores.get(name) ?? Number.NaN;
  assert.ok(at("a") > at("c") && at("c") > at("b") && at("b") > at("d"));
  assert.ok(at("d") > 0.02);
});

test("a validator that says the opposite loses", () => {
  assert.ok((score({ ...committee, contrary: honest(0.1) }, 1_000, 3).get("contrary") ?? 1) < -0.1);
});

test("nobody to compare with, or one item: no score", () => {
  assert.deepEqual([...score({ a: always }, 5, 1).values()], [0]);
  assert.deepEqual([...score(committee, 1, 1).values()], [0, 0, 0, 0]);
});
