import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { extractClaims, type SentenceKind } from "../index.ts";

function extract(response: string) {
  const result = extractClaims(response);
  assert.ok(result.ok, result.ok ? "" : result.message);
  return result.value;
}
const textsOf = (response: string): string[] => extract(response).sentences.map(({ text }) => text);

const splits: ReadonlyArray<readonly [what: string, response: string, sentences: readonly string[]]> = [
  ["titles", "Dr. Smith met Mrs. Jones. They talked.", ["Dr. Smith met Mrs. Jones.", "They talked."]],
  ["initials", "J. R. R. Tolkien wrote it. It sold well.", ["J. R. R. Tolkien wrote it.", "It sold well."]],
  ["decimals", "It is 12.5 % of 3.14. Fine indeed.", ["It is 12.5 % of 3.14.", "Fine indeed."]],
  ["U.S. inside", "The U.S. Senate met. It voted.", ["The U.S. Senate met.", "It voted."]],
  [
    "U.S. at the end",
    "He moved to the U.S. The year was 1990.",
    ["He moved to the U.S.", "The year was 1990."],
  ],
  [
    "e.g.",
    "Use metals, e.g. Iron or zinc, here. They last.",
    ["Use metals, e.g. Iron or zinc, here.", "They last."],
  ],
  [
    "No. 5",
    "She wrote Symphony No. 5 in 1808. It is short.",
    ["She wrote Symphony No. 5 in 1808.", "It is short."],
  ],
  [
    "a question inside a quotation",
    '"Is it so?" he asked. She left.',
    ['"Is it so?" he asked.', "She left."],
  ],
  [
    "wrapped lines",
    "One sentence goes\non here. Another one.",
    ["One sentence goes\non here.", "Another one."],
  ],
  [
    "bold sentences",
    "**Paris is big. It is old.** Rome too is.",
    ["Paris is big.", "It is old.", "Rome too is."],
  ],
  ["list items", "- Iron melts at 1538 °C\n- Gold is heavy", ["Iron melts at 1538 °C", "Gold is heavy"]],
  ["footnote marks", "It is big.[1] It is old.[2]", ["It is big.", "It is old."]],
  ["block quotes", "> It is big.\n> It is old.", ["It is big.", "It is old."]],
];
for (const [what, response, sentences] of splits)
  test(`sentences: ${what}`, () => assert.deepEqual(textsOf(response), sentences));

const kinds: ReadonlyArray<readonly [kind: SentenceKind, reason: RegExp, text: string]> = [
  ["claim", /can be checked/, "Water boils at 100 °C at sea level."],
  ["claim", /can be checked/, "12 % of 250 is 30."],
  ["claim", /can be checked/, "3 + 4 = 7"],
  ["claim", /can be checked/, "The best-selling album sold 66 million copies."],
  ["claim", /can be checked/, "Use of the bridge rose by 4 % in 1990."],
  ["claim", /can be checked/, "It takes 8 minutes for light to reach Earth."],
  ["claim", /can be checked/, "The amazing tower is 330 m tall."],
  ["not-checkable", /question/, "Did you know that gold is heavy?"],
  ["not-checkable", /instruction/, "Preheat the oven to 200 °C."],
  ["not-checkable", /instruction/, "You should drink 2 litres a day."],
  ["not-checkable", /instruction/, "Please check the label."],
  ["not-checkable", /opinion/, "I think that Paris is nice."],
  ["not-checkable", /opinion/, "In my opinion the film is too long."],
  ["not-checkable", /opinion/, "The view from the top is breathtaking."],
  ["not-checkable", /response itself/, "Sure, here is a short overview."],
  ["not-checkable", /response itself/, "I hope this helps!"],
  ["not-checkable", /response itself/, "Let me know what else you need."],
  ["not-checkable", /introduction/, "The main points are as follows:"],
  ["not-checkable", /fragment/, "Paris"],
  ["not-checkable", /neither a word/, "…"],
  ["ambiguous", /day first or month first/, "On 03/04/2021 the bank closed."],
  ["ambiguous", /when it was written/, "Sales doubled last year."],
  ["ambiguous", /twice a week or every two weeks/, "The paper appears biweekly."],
  ["ambiguous", /is not named/, "He won the prize at the age of 40."],
];
for (const [kind, reason, text] of kinds)
  test(`${kind}: ${text}`, () => {
    const [sentence, ...more] = extract(text).sentences;
    assert.deepEqual(more, []);
    assert.equal(sentence?.kind, kind);
    assert.match(sentence.reason, reason);
    assert.equal(extract(text).claims.length, kind === "claim" ? 1 : 0);
  });

test("a pronoun with two names before it is ambiguous, with one it is not", () => {
  const two = extract("Xian Xinghai met Liang Hanqi in 1933. She was 17 years old.").sentences;
  assert.match(two[1]?.reason ?? "", /can stand for Xian Xinghai or Liang Hanqi/);
  const one = extract("Ada Lovelace wrote a program in 1843. She was 27 years old.").sentences;
  assert.equal(one[1]?.kind, "claim");
});

test("headings, code, column heads and link definitions are accounted for, and are no claims", () => {
  const response =
    "# Rome\n\n```js\nconst a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x]: http://example.com\n\n    indented code\n";
  const { sentences, claims } = extract(response);
  assert.deepEqual(
    sentences.map(({ reason }) => reason),
    ["heading", "code", "table", "a row that states its cells", "link definition", "code"],
  );
  assert.deepEqual(
    claims.map(({ text }) => text),
    ["| 1 | 2 |"],
  );
});

const claimSplits: ReadonlyArray<readonly [text: string, claims: readonly string[]]> = [
  ["A mile is 1.6 km, and 12 % of 250 is 30.", ["A mile is 1.6 km", "12 % of 250 is 30."]],
  ["The Nile is long and the Amazon is wide.", ["The Nile is long", "the Amazon is wide."]],
  [
    "Rome was founded in 753 BC; Paris became a city later on.",
    ["Rome was founded in 753 BC; Paris became a city later on."],
  ],
  ["The sum of 3 and 4 is 7.", ["The sum of 3 and 4 is 7."]],
  ["In 1990, Rome was big and Paris was small.", ["In 1990, Rome was big and Paris was small."]],
  ["The box is red and it is heavy.", ["The box is red and it is heavy."]],
  [
    "Iron is cheaper than gold and silver is cheaper than gold.",
    ["Iron is cheaper than gold", "silver is cheaper than gold."],
  ],
  ["The tower and the bridge were built in 1890.", ["The tower and the bridge were built in 1890."]],
];
for (const [text, claims] of claimSplits)
  test(`claims of: ${text}`, () =>
    assert.deepEqual(
      extract(text).claims.map((claim) => claim.text),
      claims,
    ));

test("every offset holds, sentences do not overlap, and what lies between them is white space or markup", () => {
  const fragments = fc.constantFrom(
    "Dr. A is 12.5 % of B. ",
    "# H\n\n",
    "- item one is here\n",
    "> quoted it is.\n\n",
    "**bold** is bold. ",
    "`code` ",
    "Is it?\n\n",
    "```\nx\n```\n\n",
    "| a |\n|---|\n\n",
    "[a link](http://x.y) is one. ",
    "é 😀 was seen. ",
    "\n\n",
    "   ",
    "1. first is it\n",
    "\\* star is it. ",
    "<b>x</b> is y. ",
    "word ",
  );
  fc.assert(
    fc.property(fc.array(fragments, { minLength: 1, maxLength: 20 }), (parts) => {
      const response = parts.join("");
      fc.pre(/\S/.test(response));
      const { sentences, claims } = extract(response);
      let at = 0;
      for (const { start, end, text } of sentences) {
        assert.ok(start >= at && end > start);
        assert.equal(response.slice(start, end), text);
        assert.doesNotMatch(response.slice(at, start), /[\p{L}\p{Lo}]{2,}(?![^<]*>)/u);
        at = end;
      }
      for (const claim of claims) {
        assert.equal(response.slice(claim.start, claim.end), claim.text);
        assert.ok(
          sentences.some(
            ({ kind, start, end }) => kind === "claim" && start <= claim.start && claim.end <= end,
          ),
        );
      }
      for (const sentence of sentences.filter(({ kind }) => kind === "claim"))
        assert.ok(claims.some(({ start, end }) => start >= sentence.start && end <= sentence.end));
    }),
  );
});

test("an empty, a too long and a too talkative response are refused", () => {
  const code = (response: string): string => {
    const result = extractClaims(response);
    return result.ok ? "" : result.code;
  };
  assert.equal(code(""), "RESPONSE_EMPTY");
  assert.equal(code(" \n\t"), "RESPONSE_EMPTY");
  assert.equal(code("é".repeat(131_073)), "RESPONSE_TOO_LARGE");
  assert.equal(code("Iron melts here. ".repeat(2001)), "RESPONSE_TOO_LARGE");
  assert.equal(code("a\n".repeat(10_001)), "RESPONSE_TOO_LARGE");
});
