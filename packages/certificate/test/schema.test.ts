/** The published JSON Schema and our own reader accept and refuse the same statements. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createStatement, decodeStatement, withholdVerdicts } from "@mira/certificate";
import { encodeUtf8 } from "@mira/primitives";
import { Ajv2020 } from "ajv/dist/2020.js";
import { certify, createFacts } from "./certificate.fixture.ts";

const SCHEMA = new URL("../../../docs/certificate/schema.json", import.meta.url);
const schema = JSON.parse(readFileSync(SCHEMA, "utf8")) as { $id: string };
const ajv = new Ajv2020({ allErrors: true, strict: true });
const isFile = ajv.compile(schema);
const isStatement = ajv.compile({ $ref: `${schema.$id}#/$defs/statement` });

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const parse = (text: string): Json => JSON.parse(text) as Json;

const statements = [
  createStatement(createFacts()),
  createStatement(createFacts(), { keepTexts: false }),
  withholdVerdicts(createStatement(createFacts()), "too few validators signed"),
  createStatement(createFacts({ claims: [], draws: [], sources: [], sentences: [], committee: [] })),
].map((statement) => parse(JSON.stringify(statement)));

test("a certificate's file and its statement are as the schema says", () => {
  const file = parse(Buffer.from(certify()).toString()) as { dsse: { payload: string } };
  assert.ok(isFile(file), ajv.errorsText(isFile.errors));
  const payload = parse(Buffer.from(file.dsse.payload, "base64").toString());
  assert.ok(isStatement(payload), ajv.errorsText(isStatement.errors));
  for (const statement of statements) assert.ok(isStatement(statement), ajv.errorsText(isStatement.errors));
});

/** Everything in a value, as paths to it. */
function listPaths(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => listPaths(item, [...path, key]))];
}

function change(
  value: Json,
  path: readonly string[],
  by: (parent: { [key: string]: Json }, key: string) => void,
): Json {
  const copy = structuredClone(value);
  const key = path.at(-1) ?? "";
  const parent = path
    .slice(0, -1)
    .reduce<Json>((at, name) => (at as { [key: string]: Json })[name] ?? null, copy);
  by(parent as { [key: string]: Json }, key);
  return copy;
}

const CHANGES: readonly (readonly [string, (parent: { [key: string]: Json }, key: string) => void])[] = [
  [
    "left out",
    (parent, key) =>
      Array.isArray(parent) ? parent.splice(Number(key), 1, null) : Reflect.deleteProperty(parent, key),
  ],
  ["null", (parent, key) => (parent[key] = null)],
  ["a number", (parent, key) => (parent[key] = -1)],
  ["a fraction", (parent, key) => (parent[key] = 0.5)],
  ["a large number", (parent, key) => (parent[key] = 2 ** 40)],
  ["another text", (parent, key) => (parent[key] = "?\n")],
  ["an empty text", (parent, key) => (parent[key] = "")],
  ["no text", (parent, key) => (parent[key] = [])],
  ["with a member more", (parent, key) => Object.assign(parent[key] ?? {}, { more: 1 })],
];

for (const [name, by] of CHANGES)
  test(`each part of a statement in turn ${name}: schema and reader agree, and something is refused`, () => {
    let refused = 0;
    for (const statement of statements)
      for (const path of listPaths(statement).slice(1)) {
        const changed = change(statement, path, by);
        const bySchema = isStatement(changed);
        const byReader = decodeStatement(encodeUtf8(JSON.stringify(changed)));
        assert.equal(
          byReader.ok,
          bySchema,
          `${path.join(".")} ${name}: ${byReader.ok ? "" : byReader.message}`,
        );
        if (!bySchema) refused++;
      }
    assert.ok(refused > 10, name);
  });

const FILES: readonly (readonly [string, (text: string) => string])[] = [
  ["no proof", (text) => text.replace(/,\n"tlogProof".*\n/, "\n")],
  ["a proof with extra data", (text) => text.replace("\\nindex", "\\nextra AAAA\\nindex")],
  ["another payload type", (text) => text.replace("in-toto+json", "in-toto")],
  ["no signature", (text) => text.replace(/"signatures":\[.*\]/, '"signatures":[]')],
  ["a short signature", (text) => text.replace(/"sig":"..../, '"sig":"')],
  ["a member more", (text) => text.replace("{", '{"more":1,')],
];
for (const [name, by] of FILES)
  test(`a file with ${name} is not as the schema says`, () => {
    assert.equal(isFile(parse(by(Buffer.from(certify()).toString()))), false);
  });
