/** Upcasters and golden vectors: every version ever written can be read, and a missing one is found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGoldenVectors } from "./golden-vectors.ts";
import { composeUpcasters, type Upcaster } from "./upcasters.ts";

const upcasters: Upcaster[] = [
  { type: "Paid", fromSchemaVersion: 1, upcast: (payload) => Buffer.concat([payload, Buffer.of(2)]) },
  { type: "Paid", fromSchemaVersion: 2, upcast: (payload) => Buffer.concat([payload, Buffer.of(3)]) },
];
const newest = { Paid: 3 };
const vectors = [
  { type: "Paid", schemaVersion: 1, payloadHex: "01", readsAsHex: "010203" },
  { type: "Paid", schemaVersion: 2, payloadHex: "aa", readsAsHex: "aa03" },
  { type: "Paid", schemaVersion: 3, payloadHex: "bb", readsAsHex: "bb" },
];

test("an event goes through every step from its own version on", () => {
  const upcast = composeUpcasters(upcasters);
  const read = upcast({ type: "Paid", schemaVersion: 1, payload: Buffer.of(1) });
  assert.deepEqual(read, { type: "Paid", schemaVersion: 3, payload: Buffer.of(1, 2, 3) });
});

test("events of other types pass unchanged", () => {
  const event = { type: "Sent", schemaVersion: 1, payload: Buffer.of(1) };
  assert.equal(composeUpcasters(upcasters)(event), event);
});

test("two upcasters for one step are refused", () => {
  assert.throws(() => composeUpcasters([...upcasters, ...upcasters.slice(0, 1)]), /two upcasters for Paid@1/);
});

test("vectors of every version that read as they must give no problem", () => {
  assert.deepEqual(checkGoldenVectors({ vectors, upcasters, newest }), []);
});

test("a version without a vector is a problem", () => {
  const problems = checkGoldenVectors({ vectors: vectors.slice(1), upcasters, newest });
  assert.deepEqual(problems, ["Paid@1: no golden vector"]);
});

test("an upcaster that was changed or removed is a problem", () => {
  assert.match(
    checkGoldenVectors({ vectors, upcasters: upcasters.slice(1), newest }).join("\n"),
    /Paid@1: reads as version 1/,
  );
  const changed = [upcasters[0], { type: "Paid", fromSchemaVersion: 2, upcast: () => Buffer.of(9) }].filter(
    (step) => step !== undefined,
  );
  assert.match(checkGoldenVectors({ vectors, upcasters: changed, newest }).join("\n"), /Paid@2: reads as 09/);
});

test("a payload that today's decoder refuses is a problem", () => {
  const decode = (_type: string, payload: Uint8Array): void => assert.notEqual(payload[0], 0xbb);
  assert.match(checkGoldenVectors({ vectors, upcasters, newest, decode }).join("\n"), /^Paid@3: /);
});
