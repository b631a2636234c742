/** What every decomposer promises, checked on responses of all kinds: one suite for all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DecomposedResponse } from "../index.ts";
import { listClaimIndexes, type Decomposer } from "../index.ts";

export function testDecomposer(name: string, createDecomposer: () => Decomposer): void {
  const decompose = async (response: string): Promise<DecomposedResponse> => {
    const result = await createDecomposer()(response, new AbortController().signal);
    assert.ok(result.ok, result.ok ? "" : result.message);
    return result.value;
  };

  void test(`${name}: every sentence is accounted for, and every claim can be found in the response again`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(FRAGMENTS, { minLength: 1, maxLength: 12 }), async (parts) => {
        const response = parts.join("");
        fc.pre(/\S/.test(response));
        assertWhole(response, await decompose(response));
      }),
      { numRuns: 150 },
    );
  });

  void test(`${name}: nothing that a stranger writes makes it throw or lose a word`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), async (response) => {
        fc.pre(/\S/.test(response));
        assertWhole(response, await decompose(response));
      }),
      { numRuns: 100 },
    );
    for (const response of HOSTILE) assertWhole(response, await decompose(response));
  });

  void test(`${name}: the same response gives the same answer`, async () => {
    assert.deepEqual(await decompose(SAMPLE), await decompose(SAMPLE));
  });

  void test(`${name}: what is no claim is named, and makes none`, async () => {
    for (const [response, category] of NO_CLAIMS) {
      const { sentences, claims } = await decompose(response);
      assert.equal(sentences[0]?.category, category, response);
      assert.deepEqual(claims, [], response);
    }
  });

  void test(`${name}: a condition, a speaker and a negation stay with what they govern`, async () => {
    for (const [response, word] of GOVERNED)
      for (const { text } of (await decompose(response)).claims) assert.match(text, word, response);
  });

  void test(`${name}: refuses what is empty or too large, and stops when told to`, async () => {
    const codeOf = async (response: string): Promise<string> => {
      const result = await createDecomposer()(response, new AbortController().signal);
      return result.ok ? "" : result.code;
    };
    assert.equal(await codeOf(" \n"), "RESPONSE_EMPTY");
    assert.equal(await codeOf("[".repeat(1_000_000)), "RESPONSE_TOO_LARGE");
    await assert.rejects(createDecomposer()(SAMPLE, AbortSignal.abort(new Error("stop"))), /stop/);
  });
}

export function assertWhole(response: string, { sentences, claims, structure }: DecomposedResponse): void {
  let at = 0;
  for (const { start, end, text } of sentences) {
    assert.ok(start >= at && end > start, "sentences stand in order and do not overlap");
    assert.equal(response.slice(start, end), text);
    assert.doesNotMatch(response.slice(at, start), /[\p{L}]{2,}(?![^<]*>)/u, "nothing is left out");
    at = end;
  }
  for (const { text, start, end, pieces, sentence } of claims) {
    const own = sentences[sentence];
    assert.ok(
      own !== undefined && own.kind === "claim" && own.start <= start && start < end && end <= own.end,
    );
    const written = pieces.map((piece) =>
      "insert" in piece ? piece.insert : response.slice(piece.start, piece.end),
    );
    assert.equal(written.join(""), text);
  }
  for (const [index, sentence] of sentences.entries()) {
    assert.notEqual(sentence.reason, "");
    const numbers =
      sentence.structure === undefined ? [] : [...new Set(listClaimIndexes(sentence.structure))];
    const own = claims.flatMap((claim, number) => (claim.sentence === index ? [number] : []));
    assert.deepEqual(
      numbers.toSorted((left, right) => left - right),
      own,
      "the structure leads to its claims, and to no others",
    );
    assert.equal(sentence.structure === undefined, sentence.kind === "not-checkable");
  }
  assert.deepEqual(new Set(listClaimIndexes(structure)), new Set(claims.keys()));
}

const SAMPLE =
  "Ada wrote a program in 1843, and it had 25 steps. The bridge, which is 40 m long, opened in 1990.";

const FRAGMENTS = fc.constantFrom(
  "Marie Curie won the prize in 1903 and won it again in 1911. ",
  "She was a physicist. ",
  "It is 12.5 m long, with 3 towers. ",
  "Rome, the capital of Italy, lies on the Tiber. ",
  "According to the council, 40 % of homes have solar panels. ",
  "If it rains, the match is off. ",
  "The rivers include the Nile, the Rhine and the Po. ",
  "The causes are:\n\n- smoking\n- bad diet\n\n",
  "| City | Area |\n|---|---|\n| Rome | 1,285 km² |\n| **Oslo** | 480 km² |\n\n",
  "> The tower is 300 m high.\n\n",
  "# Heading\n\n",
  "**Bold** claims are [linked](http://a.b/c) here. ",
  "`x = 1` is code. ",
  "```\ncode\n```\n\n",
  "Is it so? ",
  "You should go. ",
  "No, it is not true that the box is red. ",
  "é 😀 was seen. ",
  "\u202eRTL text is here.\u202c ",
  "\ud800 ",
  "\n\n",
  "(",
  '"',
  ", and ",
);

const HOSTILE = [
  "[".repeat(20_000),
  "(".repeat(3_000) + "a is b" + ")".repeat(3_000),
  "> ".repeat(2_000) + "deep",
  "a\u200b".repeat(5_000),
  "\ud800\udc00\ud800".repeat(2_000),
  "| a ".repeat(3_000) + "\n" + "|-".repeat(3_000) + "\n",
  "|-|\n".repeat(4_000),
  "and ".repeat(2_000),
  "X is Y, and ".repeat(500),
  "which is ".repeat(1_000),
  "it ".repeat(3_000),
];

const NO_CLAIMS = [
  ["Did you know that gold is heavy?", "question"],
  ["You should drink 2 litres a day.", "advice"],
  ["Preheat the oven to 200 °C.", "instruction"],
  ["I think that Paris is nice.", "opinion"],
  ["Imagine a town of 500 people.", "hypothetical"],
  ["I hope this helps!", "meta"],
  ["# Rome", "heading"],
  ["On 03/04/2021 the bank closed.", "ambiguous"],
  ["Sales doubled last year.", "ambiguous"],
] as const;

const GOVERNED: ReadonlyArray<readonly [string, RegExp]> = [
  ["If the valve fails, the pump stops and the alarm rings.", /\bIf the valve fails\b/],
  ["The minister said that the bridge is safe and the road is closed.", /minister said/],
  [
    "According to the council, the tower is 40 m high and the bridge is 90 m long.",
    /According to the council/,
  ],
  ["It is a myth that the wall is visible from space.", /myth/],
  ["Iron does not melt at 100 °C or boil at 200 °C.", /\bnot\b/],
];
