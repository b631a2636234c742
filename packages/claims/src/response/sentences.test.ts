/** Sentence ends beside another splitter: where the two differ, the difference is listed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sentences as splitBySbd } from "sbd";
import { splitSentences } from "./sentences.ts";

const split = (text: string): string[] =>
  splitSentences(text, { start: 0, end: text.length }).map(({ start, end }) => text.slice(start, end));

const SENTENCES = [
  "Dr. Smith lives in the U.S. today.",
  "It weighs 12.5 kg and costs $3.50 at most.",
  "Was it there?",
  "The Nile is 6,650 km long!",
  "J. K. Rowling wrote seven books.",
  "Mr. Brown met Mrs. Green at 5 p.m. on Monday.",
  "Version 2.0 came out on Jan. 5 of that year.",
  "He said (in 1990) that it was late.",
  "See Fig. 3 for the curve.",
  "The firm, Acme Inc., was sold.",
];

test("ends of sentences are those that sbd finds, in any order of the sentences", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(SENTENCES, { minLength: 1 }), (chosen) => {
      const text = chosen.join(" ");
      assert.deepEqual(split(text), splitBySbd(text));
      assert.deepEqual(split(text), chosen);
    }),
  );
});

test("where sbd is wrong", () => {
  for (const sentences of [
    ["It ended in 1990.", "1991 was quiet."],
    ["The plan was B.", "The rest is known."],
    ['"Is it so?" he asked.', "She left."],
  ])
    assert.deepEqual(split(sentences.join(" ")), sentences);
});

test("a line break that was escaped twice ends a line", () => {
  assert.deepEqual(split("It is big.\\n\\nToday it is old."), ["It is big.", "Today it is old."]);
  assert.deepEqual(split("The sign \\nabla is used."), ["The sign \\nabla is used."]);
});
