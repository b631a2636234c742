/** Differential test against an independent recogniser of numbers, where it can be trusted, and its known traps, where it cannot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import recognizers from "@microsoft/recognizers-text-number";
import { absDifference, compareRationals, tryRational, type Rational } from "./rational.ts";
import { figureAt, tokenize } from "./tokens.ts";

function readOurs(text: string): Rational | undefined {
  const tokens = tokenize(text) ?? [];
  return tokens.length === 1 ? figureAt(tokens, 0)?.figure.value : undefined;
}

function readTheirs(text: string): number | undefined {
  const found = recognizers.recognizeNumber(text, "en-us");
  const [only] = found;
  const value: unknown = only?.resolution["value"];
  return found.length === 1 && only?.text === text && typeof value === "string" ? Number(value) : undefined;
}

function isSame(ours: Rational, theirs: number): boolean {
  const scaled = tryRational(BigInt(Math.round(theirs * 1e6)), 1_000_000n);
  const slack = { n: 1n, d: 100_000n };
  return scaled !== undefined && compareRationals(absDifference(ours, scaled), slack) <= 0;
}

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const below100 = fc.oneof(
  fc.constantFrom(...SMALL.slice(1)),
  fc.constantFrom(...TENS),
  fc
    .tuple(fc.constantFrom(...TENS), fc.constantFrom(...SMALL.slice(1, 10)))
    .map(([ten, unit]) => `${ten}-${unit}`),
);
const spelled = fc.oneof(
  below100,
  fc
    .tuple(fc.constantFrom(...SMALL.slice(1, 10)), below100)
    .map(([hundreds, rest]) => `${hundreds} hundred and ${rest}`),
  below100.map((count) => `${count} thousand`),
);
const whole = fc.nat(9_999_999);
const printed = fc.oneof(
  whole.map(String),
  whole.map((value) => value.toLocaleString("en-US")),
  fc
    .tuple(whole, fc.integer({ min: 1, max: 999 }))
    .map(([value, decimals]) => `${value.toLocaleString("en-US")}.${decimals}`),
  fc.tuple(fc.nat(999), fc.constantFrom("thousand", "million")).map(([value, word]) => `${value} ${word}`),
  whole.map((value) => `-${value + 1}`),
  spelled,
);

test("what both readers take, they read as the same number", () => {
  let compared = 0;
  fc.assert(
    fc.property(printed, (text) => {
      const [ours, theirs] = [readOurs(text), readTheirs(text)];
      assert.ok(ours, `not read: ${text}`);
      if (theirs === undefined) return;
      compared++;
      assert.ok(isSame(ours, theirs), `${text}: ${String(ours.n)}/${String(ours.d)} and ${theirs}`);
    }),
    { numRuns: 300 },
  );
  assert.ok(compared > 200, String(compared));
});

/** What the other reader makes of them: 3, 0.000002, 12.5, 1, 44, 3. */
const traps: ReadonlyArray<readonly [text: string, value: bigint | undefined]> = [
  ["−3", -3n],
  ["half a million", 500_000n],
  ["12,5", undefined],
  ["1'000", undefined],
  ["44 BC", undefined],
  ["–3", undefined],
  ["1990s", undefined],
];
for (const [text, value] of traps)
  test(`"${text}" is ${value === undefined ? "not read" : String(value)}, whatever the other reader says`, () => {
    const ours = readOurs(text);
    assert.equal(ours === undefined ? undefined : ours.n / ours.d, value);
  });
