import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scoreAccuracy } from "../calibration/scores.ts";
import { findProbes } from "../auto/aggregate.ts";
import { makeLabels, spreadAccuracies } from "../made-labels.fixture.ts";
import { createLabelTable } from "../table/label-table.ts";
import type { Label, LabelTable } from "../table/types.ts";
import { computeVoteShares, computeWeightedShares } from "../votes/weighted-vote.ts";
import { inferDawidSkene } from "./dawid-skene.ts";
import { inferEbcc } from "./ebcc.ts";
import { inferGlad } from "./glad.ts";
import type { Inference, ModelOptions } from "./inference.ts";
import { inferMace } from "./mace.ts";
import { inferOneCoin } from "./one-coin.ts";

const METHODS: Readonly<Record<string, (table: LabelTable, options?: ModelOptions) => Inference>> = {
  "one-coin": inferOneCoin,
  "dawid-skene": inferDawidSkene,
  glad: inferGlad,
  mace: inferMace,
  ebcc: inferEbcc,
};

const score = (table: LabelTable, truth: Int32Array, posterior: Float64Array): number =>
  scoreAccuracy({ posterior, truth, width: table.classes.length });

for (const [name, infer] of Object.entries(METHODS)) {
  test(`${name} beats the vote where validators differ, and tells who is good`, () => {
    const accuracies = { ...spreadAccuracies(12, 0.4, 0.6), good1: 0.95, good2: 0.93, good3: 0.9 };
    const made = makeLabels({ items: 400, accuracies, classes: 3 });
    const table = createLabelTable(made.labels);
    const truth = findProbes(table, made.truth);
    const inferred = infer(table);
    assert.ok(score(table, truth, inferred.posterior) > score(table, truth, computeVoteShares(table)) + 0.02);
    const reliability = (validator: string): number =>
      inferred.reliability[table.validators.indexOf(validator)] ?? Number.NaN;
    assert.ok(reliability("good1") > reliability("v11") && reliability("good3") > reliability("v0"));
  });

  test(`${name}: posteriors are probabilities, also of items nobody labelled; known items stay known`, () => {
    const table = createLabelTable(
      [
        { item: "a", validator: "x", label: "1" },
        { item: "a", validator: "y", label: "0", confidence: 0.3 },
        { item: "b", validator: "x", label: null },
        { item: "d", validator: "y", label: "1" },
      ],
      { classes: ["0", "1", "2"], items: ["c"] },
    );
    const { posterior } = infer(table, { known: Int32Array.of(-1, -1, -1, 2) });
    for (let row = 0; row < posterior.length; row += 3) {
      const cells = posterior.subarray(row, row + 3);
      assert.ok(cells.every((cell) => cell >= 0 && cell <= 1));
      assert.ok(Math.abs(cells.reduce((sum, cell) => sum + cell, 0) - 1) < 1e-9);
    }
    assert.deepEqual([...posterior.subarray(9)], [0, 0, 1]);
  });

  test(`${name}: the same labels in any order give the same bytes`, () => {
    const row: fc.Arbitrary<Label> = fc.record({
      item: fc.constantFrom("i1", "i2", "i10", "i3"),
      validator: fc.constantFrom("a", "b", "c", "d"),
      label: fc.constantFrom("x", "y", "z", null),
      confidence: fc.constantFrom(1, 0.5, 0.7),
    });
    const shuffled = fc
      .array(row, { minLength: 1, maxLength: 30 })
      .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
    fc.assert(
      fc.property(shuffled, ([rows, mixed]) => {
        const [one, other] = [createLabelTable(rows), createLabelTable(mixed)];
        assert.deepEqual(other, one);
        assert.deepEqual(infer(other), infer(one));
      }),
      { numRuns: 25 },
    );
  });
}

test("EBCC's bound never falls, and its groups find errors that validators share", () => {
  const made = makeLabels({ items: 300, accuracies: spreadAccuracies(9, 0.8, 0.95) });
  const trap = makeLabels({ items: 200, accuracies: spreadAccuracies(9, 0.8, 0.95), seed: 3 });
  const fooled = trap.labels.map((label) => ({
    ...label,
    item: `t${label.item}`,
    label: label.validator < "v6" ? String(1 - Number(label.label)) : (label.label ?? null),
  }));
  const table = createLabelTable([...made.labels, ...fooled]);
  let before = -Infinity;
  for (const iterationsMax of [1, 2, 4, 8, 16, 32]) {
    const { objective } = inferEbcc(table, { iterationsMax, groups: 4 });
    assert.ok(objective >= before - 1e-6, `${objective} after ${before}`);
    before = objective;
  }
  assert.ok(before > inferEbcc(table, { groups: 1 }).objective);
});

test("a tie is split, stake may weigh, and a validator that repeats itself has one voice", () => {
  const say = (validator: string, label: string): Label => ({ item: "i", validator, label });
  const tied = createLabelTable([say("a", "0"), say("b", "1"), say("b", "1"), say("b", "1")]);
  assert.deepEqual([...computeVoteShares(tied)], [0.5, 0.5]);
  assert.deepEqual([...computeWeightedShares(tied, Float64Array.of(3, 1))], [0.75, 0.25]);
});
