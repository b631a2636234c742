/** What a refused result brought is known, and only that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ResultOrigins } from "./result-origins.ts";

const liar = { batchNumber: 3, partition: 0, executorId: "liar" };
const honest = { ...liar, executorId: "honest" };
const x = { key: "x", version: 5 };
const y = { key: "y", version: 5 };

test("what a refused result brought is to be forgotten", () => {
  const origins = new ResultOrigins();
  origins.note(liar, [x, y]);
  assert.deepEqual(origins.refuse(liar), [x, y]);
  assert.deepEqual(origins.refuse(liar), [], "once");
});

test("a version that somebody else has made since stays", () => {
  const origins = new ResultOrigins();
  origins.note(liar, [x, y]);
  origins.note(honest, [x]);
  assert.deepEqual(origins.refuse(liar), [y]);
  assert.deepEqual(origins.refuse(honest), [x]);
});

test("settled results are remembered no longer", () => {
  const origins = new ResultOrigins();
  origins.note(liar, [x]);
  origins.note({ ...honest, batchNumber: 4 }, [y]);
  origins.settle(4);
  assert.equal(origins.size, 1);
  assert.deepEqual(origins.refuse(liar), []);
});
