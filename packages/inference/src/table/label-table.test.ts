import assert from "node:assert/strict";
import { test } from "node:test";
import { createLabelTable, createLabelTableFromColumns } from "./label-table.ts";

test("names are sorted, whole numbers by value; both views hold the same labels", () => {
  const table = createLabelTable([
    { item: "10", validator: "b", label: "x" },
    { item: "9", validator: "a", label: "y" },
    { item: "9", validator: "b", label: "x" },
    { item: "9", validator: "c" },
  ]);
  assert.deepEqual(table.items, ["9", "10"]);
  assert.deepEqual(table.validators, ["a", "b", "c"]);
  assert.deepEqual([...table.byItem.start], [0, 2, 3]);
  assert.deepEqual([...table.byItem.other], [0, 1, 1]);
  assert.deepEqual([...table.byValidator.start], [0, 1, 3, 3]);
  assert.deepEqual([...table.byValidator.other], [0, 0, 1]);
  assert.equal(table.labelCount, 3);
});

test("repeated labels share one voice, with their confidence", () => {
  const table = createLabelTable([
    { item: "i", validator: "a", label: "x", confidence: 0.5 },
    { item: "i", validator: "a", label: "y" },
  ]);
  assert.deepEqual([...table.byItem.weight], [0.25, 0.5]);
});

test("labels that are not among the declared classes, and confidence outside 0..1, are bugs", () => {
  const row = { item: "i", validator: "a", label: "maybe" };
  assert.throws(() => createLabelTable([row], { classes: ["yes", "no"] }), /needed one of yes, no/);
  assert.throws(() => createLabelTable([{ ...row, confidence: 1.5 }]), /needed 0\.\.1/);
  assert.throws(() => createLabelTable([{ ...row, confidence: Number.NaN }]), /needed 0\.\.1/);
  const columns = {
    items: ["i"],
    validators: ["a"],
    classes: ["x"],
    item: Int32Array.of(0),
    validator: Int32Array.of(0),
  };
  assert.throws(
    () => createLabelTableFromColumns({ ...columns, label: Int32Array.of(1) }),
    /label: needed codes/,
  );
});

test("memory goes with labels: twice the labels, twice the bytes, 33 each", () => {
  const bytes = (count: number): number => {
    const rows = Array.from({ length: count }, (_, at) => ({
      item: `i${at >> 3}`,
      validator: `v${at % 97}`,
      label: String(at % 3),
    }));
    const { byItem, byValidator } = createLabelTable(rows);
    const views = [byItem, byValidator].flatMap(({ start, other, label, weight }) => [
      start,
      other,
      label,
      weight,
    ]);
    return views.reduce((sum, { byteLength }) => sum + byteLength, 0);
  };
  assert.ok(bytes(8_000) < 33 * 8_000);
  assert.ok(Math.abs(bytes(16_000) / bytes(8_000) - 2) < 0.02);
});
