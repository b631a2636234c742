import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "@mira/primitives";
import { CHECKERS, loadCheckers, recheckWitness, runCheckers } from "../../index.ts";
import { loadTypeScript } from "./typescript.ts";

const checkers = await loadCheckers();

function examineCode(text: string, language: string, code: string, used = checkers): Verdict {
  const response = `${text}\n\n\`\`\`${language}\n${code}\n\`\`\`\n`;
  const claim = { text, start: 0, end: text.length };
  const report = runCheckers(claim, response, [], used);
  for (const evidence of report.evidence)
    assert.ok(recheckWitness(evidence, claim, response, [], used), `not confirmed: ${evidence.witness}`);
  return report.verdict;
}

const COMPILES = "The following code compiles:";
const PARSES = "The following code has no syntax errors:";
const rows: ReadonlyArray<readonly [verdict: Verdict, text: string, language: string, code: string]> = [
  ["supported", COMPILES, "ts", "const x: number = 1;\nexport const y = [x].map((n) => n + 1);"],
  ["supported", COMPILES, "ts", "function add(a: number, b: number): number {\n  return a + b;\n}"],
  ["refuted", COMPILES, "ts", 'const x: number = "one";'],
  ["refuted", COMPILES, "ts", "const x: number = ;"],
  ["refuted", COMPILES, "ts", "function add(a: number): number { return a; }\nadd(1, 2);"],
  ["supported", PARSES, "js", "const a = [1, 2].map((n) => n ** 2);\nawait Promise.resolve(a);"],
  ["refuted", PARSES, "js", "function f( { return 1; }"],
  ["refuted", PARSES, "js", "let x: number = 1;"],
  ["supported", PARSES, "ts", 'const x: number = "one";'],
  ["supported", PARSES, "tsx", "const a = <p>{1}</p>;"],
  // what needs packages, surroundings, options, patience
  ["unresolved", COMPILES, "ts", 'import { readFile } from "node:fs";\nreadFile("x");'],
  ["unresolved", COMPILES, "ts", "console.log(input.length);"],
  ["unresolved", COMPILES, "ts", "const f = (x) => x;"],
  ["unresolved", COMPILES, "ts", "type T<X> = X extends string ? 1 : 2;\nconst t: T<string> = 1;"],
  ["unresolved", COMPILES, "tsx", "const a = <p>{1}</p>;"],
  ["unresolved", COMPILES, "python", "x = "],
  ["unresolved", COMPILES, "ts", `const x = ${"(".repeat(5000)}1${")".repeat(5000)};`],
  ["unresolved", COMPILES, "ts", '/// <reference path="../../../etc/hosts" />\nexport const x = 1;'],
  ["unresolved", "The following code does not compile:", "ts", "const x: number = ;"],
  ["unresolved", "The following code compiles and sorts in linear time:", "ts", "export const x = 1;"],
];
for (const [verdict, text, language, code] of rows)
  test(`${verdict}: ${text} ${language} ${code.slice(0, 60)}`, () =>
    assert.equal(examineCode(text, language, code), verdict));

test("without a compiler nothing is said about code", () => {
  assert.equal(examineCode(COMPILES, "ts", "const x: number = ;", [...CHECKERS]), "unresolved");
});

test("a change of one sign in code that compiles is refuted or left open, never proved wrongly", async () => {
  const compiler = await loadTypeScript();
  const code = "const total: number = [1, 2, 3].length;\nexport const half = total / 2;";
  for (const [from, to] of [
    ["number", "string"],
    [").length", ")"],
    ["/ 2", "/ "],
    ["[1", "1"],
    ["total /", 'total + "a" /'],
  ] as const) {
    const changed = code.replace(from, to);
    if (changed === code) continue;
    assert.equal(examineCode(COMPILES, "ts", changed), "refuted", changed);
    assert.notEqual(compiler?.judgeTypes(changed).is, "fine");
  }
});

test("code that is made to be slow or to exhaust the stack gets an answer soon", () => {
  const before = process.cpuUsage().user;
  for (const code of [
    `const x = ${"[".repeat(9000)}`,
    "a".repeat(19_000),
    `const x = ${"f(".repeat(90)}1${")".repeat(90)};`,
    `const x = ${"1 + ".repeat(4000)}1;`,
    "`${".repeat(90),
    "let x = { a: ".repeat(50),
  ])
    examineCode(COMPILES, "ts", code);
  assert.ok(process.cpuUsage().user - before < 8_000_000);
});
