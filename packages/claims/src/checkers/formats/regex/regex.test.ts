import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runBounded } from "./bounded.ts";
import { runRegex } from "./match.ts";
import { parseRegex } from "./parse.ts";

const atom = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "\\d", "[a-c]", "\\.", "\\w");
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.tuple(tie("pattern"), tie("pattern")).map((parts) => parts.join("")),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(?:${one}|${other})`),
    fc
      .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}", "+?"))
      .map(([inner, sign]) => `(${inner})${sign}`),
  ),
}));
const text = fc.stringMatching(/^[ab1.c\n]{0,8}$/);

test("the linear engine answers as JavaScript's does", () => {
  fc.assert(
    fc.property(pattern, text, fc.boolean(), (inner, on, isAnchored) => {
      const source = isAnchored ? `^${inner}$` : inner;
      // JavaScript is the slow one: four nested repetitions of eight signs are what it can bear.
      if (source.length > 60 || (source.match(/[*+]|\{/g) ?? []).length > 4) return;
      assert.deepEqual(runRegex(source, on), {
        search: new RegExp(source).test(on),
        whole: new RegExp(`^(?:${source})$`).test(on),
      });
    }),
    { numRuns: 500 },
  );
});

const refused = [
  "a**",
  "(?=a)a",
  "(a)\\1",
  "\\bword",
  "\\p{L}",
  "(",
  "a)",
  "[z-a]",
  "a{3,1}",
  "(?<n>a)",
  "*a",
  "a{1000}",
];
for (const source of refused)
  test(`refused: ${source}`, () => {
    assert.equal(parseRegex(source), undefined);
    assert.equal(runRegex(source, "a"), undefined);
  });

test("what takes JavaScript for ever takes the linear engine no time, and is never given to JavaScript", () => {
  for (const source of [
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "^(?:a?){50}a{50}$",
    "^a*a*a*a*a*a*b$",
    "^(\\w+\\s?)*$",
  ]) {
    const hostile = `${"a".repeat(2000)}!`;
    const before = process.cpuUsage().user;
    assert.equal(runRegex(source, hostile)?.whole, false, source);
    assert.ok(process.cpuUsage().user - before < 2_000_000);
    assert.equal(runBounded(source, hostile), undefined, source);
  }
});
