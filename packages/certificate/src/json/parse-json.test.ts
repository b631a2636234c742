/** JSON that everyone reads alike: what JSON.parse reads, without what two readers could read in two ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeUtf8 } from "@mira/primitives";
import { JsonError, parseJson, type JsonObject, type JsonValue } from "./parse-json.ts";

function toPlain(value: JsonValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries(Array.from(value as JsonObject, ([key, item]) => [key, toPlain(item)]));
  return Array.isArray(value) ? Array.from<JsonValue, unknown>(value, toPlain) : value;
}

/** Whole numbers that not every reader can hold are another matter. */
const values = fc
  .jsonValue({ maxDepth: 5 })
  .filter((value) => !/(?:^|[[:,])-?\d{16,}(?:[,\]}]|$)/.test(JSON.stringify(value)));

test("any JSON value is read as JSON.parse reads it, with or without spaces", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      assert.deepEqual(toPlain(parseJson(encodeUtf8(text))), JSON.parse(text));
    }),
  );
});

test("members named like those of every object are members like others", () => {
  const value = parseJson(encodeUtf8('{"__proto__":1,"constructor":2}'));
  assert.ok(value instanceof Map);
  assert.deepEqual([...value.keys()], ["__proto__", "constructor"]);
});

for (const text of [
  "",
  " ",
  "nul",
  "01",
  "+1",
  ".5",
  "1.",
  "1e",
  "NaN",
  "-",
  "1e999",
  "9007199254740992",
  "[1,]",
  "[1 2]",
  "{,}",
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"a"}',
  "{a:1}",
  "'a'",
  '"a',
  '"\n"',
  '"\\x"',
  '"\\ud800"',
  "1 2",
  "\ufeff1",
  "[".repeat(80) + "]".repeat(80),
])
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseJson(encodeUtf8(text)), JsonError);
  });

test("bytes that are not UTF-8 are refused", () => {
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), JsonError);
});
