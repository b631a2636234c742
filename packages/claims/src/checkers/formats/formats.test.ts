import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ajv } from "ajv";
import type { Verdict } from "@mira/primitives";
import type { Source } from "../../index.ts";
import { examine, reportIn } from "../examine.fixture.ts";
import { countCsv, readCsv } from "./csv/read-csv.ts";
import { scanJson } from "./json/scan-json.ts";
import { findUnknown, isValidAgain, type Json } from "./json/validate-again.ts";

const block = (language: string, code: string): string => `\n\n\`\`\`${language}\n${code}\n\`\`\`\n`;
const schema = (rules: object, sourceId = "schema", title = ""): Source => ({
  sourceId,
  title,
  text: JSON.stringify(rules),
});
const PERSON = schema({
  type: "object",
  required: ["name", "age"],
  properties: {
    name: { type: "string", minLength: 1, pattern: "^[A-Z]" },
    age: { type: "integer", minimum: 0 },
    tags: { type: "array", items: { enum: ["a", "b"] }, uniqueItems: true },
  },
  additionalProperties: false,
});

type Row = readonly [verdict: Verdict, text: string, after: string, sources?: readonly Source[]];
const rows: readonly Row[] = [
  // JSON
  ["supported", "The following is valid JSON:", block("json", '{"a": [1, 2.5e3, null]}')],
  ["refuted", "The following is valid JSON:", block("json", '{"a": [1, 2,]}')],
  ["refuted", "The JSON below is well-formed.", block("json", "{'a': 1}")],
  ["unresolved", "The following is valid JSON:", block("json", '{"a": 1, "a": 2}')],
  ["unresolved", "The following is valid JSON and lists all planets:", block("json", "[]")],
  ["unresolved", "The following is not valid JSON:", block("json", "{")],
  ["unresolved", "The JSON is valid.", block("json", "{") + block("json", "[]")],
  // JSON Schema
  [
    "supported",
    "The JSON below conforms to the schema.",
    block("json", '{"name": "Ada", "age": 36}'),
    [PERSON],
  ],
  [
    "refuted",
    "The JSON below conforms to the schema.",
    block("json", '{"name": "Ada", "age": "36"}'),
    [PERSON],
  ],
  [
    "refuted",
    "The JSON below conforms to the schema.",
    block("json", '{"name": "ada", "age": 36}'),
    [PERSON],
  ],
  ["refuted", "The JSON below matches the schema.", block("json", '{"name": "Ada"}'), [PERSON]],
  [
    "refuted",
    "The JSON below matches the schema.",
    block("json", '{"name": "Ada", "age": 1, "x": 1}'),
    [PERSON],
  ],
  [
    "refuted",
    "The JSON below matches the schema.",
    block("json", '{"name": "Ada", "age": 1, "tags": ["a", "a"]}'),
    [PERSON],
  ],
  // ... refused: no schema, two schemas, another draft's keywords, a pattern that could stall, a document read in two ways
  ["unresolved", "The JSON below conforms to the schema.", block("json", "{}")],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", "{}"),
    [PERSON, schema({ type: "array" }, "b")],
  ],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", "{}"),
    [schema({ $ref: "https://a.org/s" })],
  ],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", "[1]"),
    [schema({ items: [{ type: "string" }] })],
  ],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", '"x"'),
    [schema({ type: "string", format: "email" })],
  ],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", `"${"a".repeat(60)}!"`),
    [schema({ type: "string", pattern: "^(a+)+$" })],
  ],
  [
    "unresolved",
    "The JSON below conforms to the schema.",
    block("json", '{"name": "Ada", "name": 1, "age": 3}'),
    [PERSON],
  ],
  ["unresolved", "The JSON below conforms to the schema.", block("json", "nothing"), [PERSON]],
  // CSV
  ["supported", "The CSV below has 3 columns.", block("csv", 'a,b,c\n1,"2,5",3')],
  ["refuted", "The CSV below has 4 columns.", block("csv", 'a,b,c\n1,"2,5",3')],
  ["refuted", "The CSV below has 7 rows.", block("csv", "a,b\n1,2\n3,4")],
  // ... refused: ragged, badly quoted, a header that may count or not
  ["unresolved", "The CSV below has 3 columns.", block("csv", "a,b,c\n1,2")],
  ["unresolved", "The CSV below has 3 columns.", block("csv", 'a,b"c,d\n1,2,3')],
  ["unresolved", "The CSV below has 2 rows.", block("csv", "a,b\n1,2\n3,4")],
  ["unresolved", "The CSV below has 3 rows.", block("csv", "a,b\n1,2\n3,4")],
];
for (const [verdict, text, after, sources = []] of rows)
  test(`${verdict}: ${text} ${after.replaceAll("\n", " ")}`, () =>
    assert.equal(reportIn(text, { after, sources }).verdict, verdict));

const patterns: ReadonlyArray<readonly [Verdict, string]> = [
  ["supported", "`ab-12` matches the pattern `^[a-z]+-\\d+$`."],
  ["refuted", "`ab-1x` matches the pattern `^[a-z]+-\\d+$`."],
  ["supported", "The regular expression `^\\d{4}$` matches the string `2024`."],
  ["unresolved", "`ab-12x` matches the pattern `[a-z]+-\\d+`."],
  ["unresolved", "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!` matches the pattern `^(a+)+$`."],
  ["unresolved", "`aa` matches the pattern `^(a)\\1$`."],
  ["unresolved", "`ab` does not match the pattern `^a$`."],
];
for (const [verdict, text] of patterns)
  test(`${verdict}: ${text}`, () => assert.equal(examine(text), verdict));

test("both readers of JSON take and refuse the same, also when a sign is changed", () => {
  const sign = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "0",
    "-",
    "e",
    ".",
    " ",
    "\n",
    "\u0001",
    "t",
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), sign, (text, at, put) => {
      const place = at % (text.length + 1);
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      for (const each of [text, changed]) {
        let isParsed = true;
        try {
          JSON.parse(each);
        } catch {
          isParsed = false;
        }
        assert.equal(scanJson(each).isValid, isParsed, each);
      }
    }),
    { numRuns: 500 },
  );
});

const object = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(parts, { noNullPrototype: true });

test("the second validator answers as Ajv does", () => {
  const leaf = fc.oneof(
    fc.constantFrom<Json>(
      true,
      false,
      {},
      { type: "string" },
      { type: ["integer", "null"] },
      { type: "number", minimum: 2 },
    ),
    fc.constantFrom<Json>(
      { enum: ["a", 1, null] },
      { const: [1] },
      { maxLength: 1 },
      { minItems: 1, uniqueItems: true },
    ),
    fc.constantFrom<Json>(
      { required: ["a"] },
      { maxProperties: 1 },
      { multipleOf: 2 },
      { exclusiveMaximum: 3 },
    ),
  );
  const { rules } = fc.letrec<{ rules: Json }>((tie) => ({
    rules: fc.oneof(
      { depthSize: "small" },
      leaf,
      object({
        properties: object({ a: tie("rules"), b: tie("rules") }),
        additionalProperties: tie("rules"),
      }),
      object({ items: tie("rules") }),
      object({ anyOf: fc.array(tie("rules"), { minLength: 1, maxLength: 3 }) }),
      object({ oneOf: fc.array(tie("rules"), { minLength: 1, maxLength: 3 }) }),
      object({ not: tie("rules") }),
    ),
  }));
  const value = fc.jsonValue({ maxDepth: 2 }).map((json) => json as Json);
  const named = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom<Json>("a", 1, 2, null, [1], {}),
  );
  fc.assert(
    fc.property(rules, fc.oneof(value, named), (schemaRules, document) => {
      assert.equal(findUnknown(schemaRules), undefined);
      const ajv = new Ajv({ strict: false });
      const answer = isValidAgain(schemaRules, document);
      if (answer !== undefined) assert.equal(answer, ajv.validate(schemaRules as object, document));
    }),
    { numRuns: 100 },
  );
});

test("both counts of CSV agree on whatever they both take, and printed records are read back", () => {
  const field = fc.stringMatching(/^[ab,"\n ]{0,4}$/);
  const print = (text: string): string => (/[,"\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      (records) => {
        const text = records.map((record) => record.map(print).join(",")).join("\n");
        assert.deepEqual(readCsv(text), records);
        assert.deepEqual(
          countCsv(text),
          records.map(({ length }) => length),
        );
      },
    ),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[ab,"\n]{0,12}$/), (text) => {
      const [one, other] = [readCsv(text), countCsv(text)];
      assert.deepEqual(
        one?.map(({ length }) => length),
        other,
      );
    }),
  );
});
