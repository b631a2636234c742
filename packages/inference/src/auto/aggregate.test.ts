import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scoreAccuracy } from "../calibration/scores.ts";
import { makeLabels, type Made, spreadAccuracies } from "../made-labels.fixture.ts";
import { createLabelTable } from "../table/label-table.ts";
import type { Label, LabelTable } from "../table/types.ts";
import { computeVoteShares } from "../votes/weighted-vote.ts";
import { aggregate, findProbes, UNRESOLVED } from "./aggregate.ts";
import { prepare } from "./prepare.ts";

const score = (table: LabelTable, truth: Int32Array, posterior: Float64Array): number =>
  scoreAccuracy({ posterior, truth, width: table.classes.length });

/** The first `count` items as probes, the rest to score. */
function split({ truth }: Made, table: LabelTable, count: number): { probes: Int32Array; rest: Int32Array } {
  const all = findProbes(table, truth);
  return {
    probes: all.map((label, item) => (item < count ? label : -1)),
    rest: all.map((label, item) => (item < count ? -1 : label)),
  };
}

/** Seven of ten are fooled by the same items, the way judges are fooled by style; three see through it. */
function makeFooledPanel(copies: number, items: number): Made {
  const seeing = makeLabels({ items, accuracies: spreadAccuracies(3 * copies, 0.8, 0.9) });
  const fooled = seeing.labels.flatMap(({ item }, at): Label[] =>
    at % (3 * copies) === 0
      ? makeLabels({ items: 1, accuracies: spreadAccuracies(7 * copies, 0.2, 0.35), seed: at }).labels.map(
          ({ validator, label }, own) => {
            const wrong = makeLabels({ items: 1, accuracies: {}, seed: at }).truth.get("i0") === label;
            const truth = Number(seeing.truth.get(item));
            return {
              item,
              validator: `fooled-${validator}-${own}`,
              label: String(wrong ? truth : 1 - truth),
            };
          },
        )
      : [],
  );
  return { labels: [...seeing.labels, ...fooled], truth: seeing.truth };
}

test("an honest crowd: better than the vote, trusted, and its certified verdicts are right nine times in ten", () => {
  const made = makeLabels({ items: 500, accuracies: spreadAccuracies(40, 0.5, 0.9), density: 0.2 });
  const table = createLabelTable(made.labels);
  const truth = findProbes(table, made.truth);
  const { posterior, verdicts, trust, method } = aggregate(table);
  assert.equal(method, "label-free");
  assert.ok(trust.trusted, trust.reason);
  assert.ok(score(table, truth, posterior) >= score(table, truth, computeVoteShares(table)));
  const certified = [...verdicts.keys()].filter((item) => verdicts[item] !== UNRESOLVED);
  assert.ok(certified.length > 0.3 * table.items.length);
  assert.ok(certified.filter((item) => verdicts[item] === truth[item]).length >= 0.9 * certified.length);
});

test("without probes a fooled majority certifies nothing, however many it is, and is no worse than its vote", () => {
  for (const copies of [1, 2, 4]) {
    const made = makeFooledPanel(copies, 200);
    const table = createLabelTable(made.labels);
    const { verdicts, trust, posterior } = aggregate(table);
    assert.equal(trust.trusted, false, `${copies}`);
    assert.ok(verdicts.every((verdict) => verdict === UNRESOLVED));
    const truth = findProbes(table, made.truth);
    assert.ok(score(table, truth, computeVoteShares(table)) < 0.5);
    assert.ok(score(table, truth, posterior) >= score(table, truth, computeVoteShares(table)) - 0.005);
  }
});

test("twenty probes turn a fooled majority round", () => {
  const made = makeFooledPanel(2, 200);
  const table = createLabelTable(made.labels);
  const { probes, rest } = split(made, table, 20);
  const { posterior, trust, weights } = aggregate(table, { probes });
  assert.ok(trust.trusted, trust.reason);
  assert.ok(score(table, rest, posterior) > 0.9);
  assert.ok((weights?.validators.filter((weight) => weight < 0).length ?? 0) >= 10);
});

test("a panel that fails its probes certifies nothing", () => {
  const made = makeLabels({ items: 300, accuracies: spreadAccuracies(8, 0.5, 0.5) });
  const table = createLabelTable(made.labels);
  const { verdicts, trust } = aggregate(table, { probes: split(made, table, 40).probes });
  assert.equal(trust.trusted, false);
  assert.match(trust.reason, /fails its probes/);
  assert.equal(verdicts.filter((verdict) => verdict !== UNRESOLVED).length, 40);
});

test("sixty copies of one weak validator move no verdict, with probes or without", () => {
  const made = makeLabels({ items: 300, accuracies: { ...spreadAccuracies(24, 0.65, 0.9), weak: 0.52 } });
  const copies = made.labels
    .filter(({ validator }) => validator === "weak")
    .flatMap((label) => Array.from({ length: 60 }, (_, at) => ({ ...label, validator: `weak-copy-${at}` })));
  const [plain, flooded] = [createLabelTable(made.labels), createLabelTable([...made.labels, ...copies])];
  for (const count of [0, 40]) {
    const { probes } = split(made, plain, count);
    const before = aggregate(plain, { probes, families: Int32Array.from(plain.validators.keys()) });
    const after = aggregate(flooded, { probes });
    assert.deepEqual(after.verdicts, before.verdicts);
  }
});

test("never more than .005 below the vote on made crowds", () => {
  const setting = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    classes: fc.integer({ min: 2, max: 5 }),
    validators: fc.integer({ min: 3, max: 40 }),
    from: fc.double({ min: 0.4, max: 0.7, noNaN: true }),
    density: fc.double({ min: 0.15, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(setting, ({ seed, classes, validators, from, density }) => {
      const accuracies = spreadAccuracies(validators, from, 0.9);
      const made = makeLabels({ items: 400, accuracies, classes, seed, density });
      const table = createLabelTable(made.labels);
      const truth = findProbes(table, made.truth);
      const gain =
        score(table, truth, aggregate(table).posterior) - score(table, truth, computeVoteShares(table));
      assert.ok(gain >= -0.005, `${gain}`);
    }),
    { numRuns: 12 },
  );
});

test("the same labels in any order give the same bytes, with probes too", () => {
  const made = makeFooledPanel(1, 40);
  const table = createLabelTable(made.labels);
  const { probes } = split(made, table, 15);
  const [alone, taught] = [aggregate(table), aggregate(table, { probes })];
  const order = fc.shuffledSubarray(made.labels, { minLength: made.labels.length });
  fc.assert(
    fc.property(order, (labels) => {
      const mixed = createLabelTable(labels);
      assert.deepEqual(aggregate(mixed), alone);
      assert.deepEqual(aggregate(mixed, { probes }), taught);
      assert.deepEqual(aggregate(mixed, { probes, prepared: prepare(mixed) }), taught);
    }),
    { numRuns: 5 },
  );
});

test("a verdict needs the policy's confidence; probes stand as they are; nothing in, nothing out", () => {
  const made = makeLabels({ items: 100, accuracies: spreadAccuracies(25, 0.6, 0.9) });
  const table = createLabelTable(made.labels);
  const { probes } = split(made, table, 20);
  const count = (confidenceMin: number): number =>
    aggregate(table, { probes, confidenceMin }).verdicts.filter((verdict) => verdict !== UNRESOLVED).length;
  assert.ok(count(0.5) > 90 && count(0.9) <= count(0.7));
  assert.equal(count(1.01), 20);
  const empty = aggregate(createLabelTable([], { classes: ["0", "1"], items: ["i"] }));
  assert.deepEqual([...empty.verdicts], [UNRESOLVED]);
});
