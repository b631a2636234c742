import assert from "node:assert/strict";
import { test } from "node:test";
import { decomposeBuiltIn, decomposeByRules, recombine } from "../index.ts";
import { testDecomposer } from "./contract.fixture.ts";

testDecomposer("built in", () => decomposeBuiltIn);

function decompose(response: string) {
  const result = decomposeByRules(response);
  assert.ok(result.ok);
  return result.value;
}
const claimsOf = (response: string): string[] => decompose(response).claims.map(({ text }) => text);

const taken: ReadonlyArray<readonly [what: string, response: string, claims: readonly string[]]> = [
  [
    "verb phrases of one subject",
    "The comet rose in 1990 and fell in 1991.",
    ["The comet rose in 1990", "The comet fell in 1991"],
  ],
  [
    "clauses of contrast",
    "Although Oslo is cold, it has 700,000 inhabitants.",
    ["Oslo is cold", "Oslo has 700,000 inhabitants"],
  ],
  [
    "a relative clause in passing",
    "The tower, which is 300 m high, opened in 1889.",
    ["The tower opened in 1889", "The tower is 300 m high"],
  ],
  [
    "a relative clause that defines stays",
    "The only country that has won five times is Brazil.",
    ["The only country that has won five times is Brazil"],
  ],
  [
    "an apposition",
    "Lima, the capital of Peru, has ten million inhabitants.",
    ["Lima has ten million inhabitants", "Lima is the capital of Peru"],
  ],
  [
    "a list that includes",
    "The members include Peru, Chile and Cuba.",
    ["The members include Peru", "The members include Chile", "The members include Cuba"],
  ],
  [
    "a phrase in front governs both",
    "In 1990, Rome had 3 bridges and Paris had 5 bridges.",
    ["In 1990, Rome had 3 bridges", "In 1990, Paris had 5 bridges"],
  ],
  ["connectives say nothing", "However, it is worth noting that gold is heavy.", ["gold is heavy"]],
  ["either-or stays", "The flag is either red or blue.", ["The flag is either red or blue"]],
  [
    "a list that may be meant as one stays",
    "The box weighs between 3 and 4 kg.",
    ["The box weighs between 3 and 4 kg"],
  ],
  [
    "items take the head of their list",
    "The largest cities are:\n\n- Lagos\n- Cairo",
    ["The largest cities are: Lagos", "The largest cities are: Cairo"],
  ],
  [
    "cells take the heads of row and column",
    "| City | Area | Founded |\n|---|---|---|\n| **Oslo** | 480 km² | 1040 |",
    ["Oslo — Area: 480 km²", "Oslo — Founded: 1040"],
  ],
];
for (const [what, response, claims] of taken)
  test(`claims: ${what}`, () => assert.deepEqual(claimsOf(response), claims));

const resolved: ReadonlyArray<readonly [response: string, last: string]> = [
  ["The Alder Bridge opened in 1932. It is 900 m long.", "The Alder Bridge is 900 m long"],
  ["Mary Holt designed the bridge. She was born in 1890.", "Mary Holt was born in 1890"],
  ["The Congo is a river. The river has 40 rapids.", "The Congo has 40 rapids"],
  [
    "The smallest ocean is the Arctic Ocean. Its area is 14 million km².",
    "the Arctic Ocean's area is 14 million km²",
  ],
  ["Jack Dorsey founded a firm. Dorsey left in 2008.", "Jack Dorsey left in 2008"],
  [
    "Albert Einstein's work has 30 parts. He received a prize in 1921.",
    "Albert Einstein received a prize in 1921",
  ],
  [
    "The Alder Bridge has 2 towers. It cost £6 million. Its engineer came from Leeds.",
    "The Alder Bridge's engineer came from Leeds",
  ],
  [
    "The Alder Bridge has 2 towers. 4 July 1776 was a Thursday. Its engineer came from Leeds.",
    "The Alder Bridge's engineer came from Leeds",
  ],
  [
    "Paul Klee was a painter. After the year in Bern, he moved to Weimar.",
    "After the year in Bern, Paul Klee moved to Weimar",
  ],
];
for (const [response, last] of resolved)
  test(`one thing fits: ${response}`, () => assert.equal(claimsOf(response).at(-1), last));

const refused: ReadonlyArray<readonly [response: string, reason: RegExp]> = [
  ["Xian Xinghai met Liang Hanqi. He was 17 years old.", /can stand for Xian Xinghai or Liang Hanqi/],
  ["Einstein worked in Bern. It was a happy time.", /can stand for Einstein or Bern/],
  ["Apple sold the printers. They were cheap.", /can stand for Apple or the printers/],
  ["Argentina beat France. They have won 3 cups.", /can stand for Argentina or France/],
  ["The price rose. This was a surprise.", /said before/],
  ["Both countries have 40 members.", /points to something said before/],
  ["It weighs 40 kg.", /not named/],
  ["The tank holds 40 gallons.", /US or imperial/],
  ["So did the second engine in 1990.", /leaves out/],
];
for (const [response, reason] of refused)
  test(`more than one reading, or none: ${response}`, () => {
    const last = decompose(response).sentences.at(-1);
    assert.equal(last?.kind, "ambiguous");
    assert.match(last.reason, reason);
  });

test("a reason is not examined with the claims that it joins, so the sentence stays unresolved", () => {
  const { claims, sentences } = decompose("Because the valve was open, the tank lost 40 litres.");
  assert.deepEqual(
    claims.map(({ text }) => text),
    ["the valve was open", "the tank lost 40 litres"],
  );
  const structure = sentences[0]?.structure ?? assert.fail();
  assert.equal(recombine(structure, ["supported", "supported"]), "unresolved");
  assert.equal(recombine(structure, ["supported", "refuted"]), "refuted");
});

test("one false alternative does not refute the other", () => {
  const { sentences, claims } = decompose("The fire began in the kitchen or the roof was hit by lightning.");
  const structure = sentences[0]?.structure ?? assert.fail();
  assert.equal(claims.length, 2);
  assert.equal(recombine(structure, ["refuted", "supported"]), "supported");
  assert.equal(recombine(structure, ["refuted", "refuted"]), "refuted");
});

test("a quotation is marked as one", () => {
  const { sentences } = decompose("> The tower is 300 m high.");
  assert.equal(sentences[0]?.structure?.kind === "within" && sentences[0].structure.scope, "quotation");
});
