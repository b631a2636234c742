/** Hostile input: whatever 100 KB say, an answer comes within seconds, and nothing is thrown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { extractClaims, recheckWitness, runCheckers } from "./index.ts";

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
    }
    // Of the processor, not of the wall: a busy machine is no failure.
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    assert.ok(tookMs < BOUND_MS, `took ${tookMs} ms`);
  });

test("witnesses made by an attacker are refused quickly", () => {
  const claim = { text: "12 % of 250 is 35.", start: 0, end: 18 };
  for (const checker of ["arithmetic", "dates", "units", "quotation", "figures"])
    for (const witness of [fill("("), fill("9^"), fill('"'), fill("\\"), fill("1 ")])
      assert.equal(recheckWitness({ checker, verdict: "refuted", witness }, claim, claim.text, []), false);
});
