/** Hostile input: whatever 100 KB say, an answer comes within seconds, and nothing is thrown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKERS, estimateSupport, extractClaims, isProof, recheckWitness, runCheckers } from "./index.ts";

const CHARS = 100_000;
const BOUND_MS = 5_000;
const fill = (unit: string): string => unit.repeat(Math.ceil(CHARS / unit.length)).slice(0, CHARS);

const UNITS = [
  "[",
  "](",
  "![",
  "[a](b ",
  "*a",
  "**a ",
  "_a_",
  "`a",
  ">",
  "> ",
  "- ",
  "1. ",
  "<a ",
  "&amp;",
  "\n",
  "\n\na",
  "a\n",
  "[a]: b\n",
  "|a|\n",
  "#",
  "```\n",
  "\\",
  ".",
  "A. ",
  "U.S. ",
  "e.g. ",
  "? ",
  '"',
  '"a b c ',
  "“a b c” ",
  "(",
  ")",
  "((",
  "1",
  "1,",
  "1.1.",
  "1/1/",
  "1-",
  "1 000 ",
  "12 % of ",
  "1 + ",
  "1 = ",
  "9^9^",
  "1 m (",
  "1 m (1 ft) ",
  "from 1 to ",
  "sum of 1, ",
  "and the cat is ",
  "The Cat ",
  "twenty ",
  "hundred and ",
  "4 July 1776 ",
  "born in 1900 and died ",
  "-",
  "—",
  "\u2060",
  "\u0000",
  "\ud800",
  "😀",
  "é",
  "a'",
  "a-",
  "|-",
  "|a|\n|-|\n|1|\n",
  "```json\n{\n```\n",
  "~~~\n",
  "[1]",
  "[1-9, ",
  "[^a]: b\n",
  "doi:10.1/",
  "ISBN 1",
  "http://a.",
  "built by A ",
  "The source mentions A ",
  "5 tons (",
  "–3 ",
  "3 1/2 ",
  "1e9",
  "°",
  "$",
  "%",
];
for (const unit of UNITS)
  test(`${JSON.stringify(unit)} again and again`, () => {
    const text = fill(unit);
    const before = process.cpuUsage();
    extractClaims(text);
    const source = { sourceId: "s", title: text.slice(0, 1000), text };
    for (const size of [CHARS, 2000]) {
      const claim = { text: `The cat is 12 m: ${text}`.slice(0, size), start: 0, end: size };
      const report = runCheckers(claim, claim.text, [source]);
      for (const evidence of report.evidence) recheckWitness(evidence, claim, claim.text, [source]);
      estimateSupport(claim.text, [source]);
    }
    // Of the processor, not of the wall: a busy machine is no failure.
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    assert.ok(tookMs < BOUND_MS, `took ${tookMs} ms`);
  });

test("witnesses made by an attacker are refused quickly", () => {
  const claim = { text: "12 % of 250 is 35.", start: 0, end: 18 };
  for (const { name: checker } of CHECKERS)
    for (const witness of [fill("("), fill("9^"), fill('"'), fill("\\"), fill("1 ")])
      assert.equal(recheckWitness({ checker, verdict: "refuted", witness }, claim, claim.text, []), false);
});

test("the second computation of every checker refuses what an attacker makes, and throws nothing", () => {
  const claim = { text: "12 % of 250 is 35.", start: 0, end: 18 };
  const parts = [
    "",
    '"',
    "(((",
    "9^9^9",
    "block 0 to 99",
    "JSON in",
    "1 kg = 2 kg within 1",
    "\\",
    "ts in",
    "ISBN",
  ];
  for (const checker of CHECKERS)
    for (const one of parts)
      for (const other of parts) {
        const proof = {
          checker: checker.name,
          verdict: "refuted",
          witness: `${one} ${other}: fails`,
        } as const;
        assert.ok(isProof(proof));
        assert.equal(checker.recheck(proof, claim, claim.text, []), false);
      }
});
