import assert from "node:assert/strict";
import { test } from "node:test";
import { findProbes } from "../auto/aggregate.ts";
import { makeLabels, spreadAccuracies } from "../made-labels.fixture.ts";
import { inferProbeWeighted } from "../probes/probe-weighted.ts";
import { createLabelTable } from "../table/label-table.ts";
import { collapseFamilies } from "./collapse-families.ts";
import { findCopies, findFamilies } from "./find-families.ts";

const made = makeLabels({ items: 400, accuracies: spreadAccuracies(6, 0.7, 0.95) });
const noisy = made.labels
  .filter(({ validator }) => validator === "v0")
  .map((label, at) => ({
    ...label,
    validator: "v0-noisy",
    label: at % 40 === 0 ? "0" : (label.label ?? null),
  }));
const copy = made.labels
  .filter(({ validator }) => validator === "v2")
  .map((label) => ({ ...label, validator: "v2-copy" }));
const table = createLabelTable([...made.labels, ...noisy, ...copy]);
const number = (families: Int32Array, validator: string): number =>
  families[table.validators.indexOf(validator)] ?? -1;

test("copies stand together, and independent validators do not, however good", () => {
  const families = findCopies(table);
  assert.equal(number(families, "v2"), number(families, "v2-copy"));
  assert.equal(new Set(families).size, table.validators.length - 1);
});

test("co-errors find a copy that hides behind noise", () => {
  const families = findFamilies(table);
  assert.equal(number(families, "v0"), number(families, "v0-noisy"));
  assert.equal(new Set(families).size, table.validators.length - 2);
});

test("validators that always say the same one thing are lazy, not copies", () => {
  const lazy = ["l1", "l2"].flatMap((validator) =>
    Array.from({ length: 100 }, (_, at) => ({ item: `i${at}`, validator, label: "1" })),
  );
  assert.equal(new Set(findCopies(createLabelTable(lazy))).size, 2);
});

test("a collapsed family has one voice, shared where it disagrees", () => {
  const rows = ["0", "0", "1"].map((label, at) => ({ item: "i", validator: `m${at}`, label }));
  const { validators, byItem } = collapseFamilies(createLabelTable(rows), Int32Array.of(7, 7, 7));
  assert.deepEqual(validators, ["m0"]);
  assert.ok(Math.abs(byItem.weight.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
});

test("probe-weighted: a family weighs as one of its members", () => {
  const known = findProbes(table, made.truth).map((label, item) => (item < 60 ? label : -1));
  const alone = createLabelTable(made.labels);
  const taught = inferProbeWeighted(table, known, { families: findCopies(table) });
  const plain = inferProbeWeighted(createLabelTable([...made.labels, ...noisy]), known, {
    families: Int32Array.from({ length: 7 }, (_, at) => at),
  });
  assert.equal(alone.items.length, table.items.length);
  taught.posterior.forEach((value, at) => assert.ok(Math.abs(value - (plain.posterior[at] ?? 0)) < 1e-9));
});
