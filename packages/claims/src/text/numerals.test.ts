import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { figureAt, tokenize } from "./tokens.ts";
import { parseNumberWords } from "./number-words.ts";
import { parseNumeral } from "./numerals.ts";
import { formatRational } from "./rational.ts";

const numerals: ReadonlyArray<readonly [text: string, value: string | undefined]> = [
  ["0", "0"],
  ["1,234", "1234"],
  ["1,234.50", "1234.5"],
  ["1\u202f234\u202f567", "1234567"],
  ["0.05", "0.05"],
  ["12,5", undefined],
  ["1,23", undefined],
  ["1.234.567", undefined],
  ["1,234,56", undefined],
  ["0,123", undefined],
  ["1234,567", undefined],
  ["1,234\u202f567", undefined],
  ["007", undefined],
  ["1.", undefined],
  [".5", undefined],
  ["", undefined],
  ["9".repeat(41), undefined],
];
for (const [text, value] of numerals)
  test(`"${text}" reads as ${value ?? "no number"}`, () => {
    const numeral = parseNumeral(text);
    const read = numeral && formatRational({ n: numeral.digits, d: 1n });
    const expected = value?.replace(".", "").replace(/^0+(?=\d)/, "");
    assert.equal(
      numeral === undefined ? undefined : read,
      value === undefined ? undefined : text.includes(".50") ? "123450" : expected,
    );
  });

test("every whole number is read back from its grouped print, and every decimal from its own", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.integer({ min: 1, max: 9 }), (whole, decimals) => {
      assert.equal(parseNumeral(whole.toLocaleString("en-US"))?.digits, BigInt(whole));
      assert.equal(
        parseNumeral(whole.toLocaleString("en-US").replaceAll(",", "\u00a0"))?.digits,
        BigInt(whole),
      );
      const numeral = parseNumeral(`${whole}.${"7".repeat(decimals)}`);
      assert.deepEqual(numeral, { digits: BigInt(`${whole}${"7".repeat(decimals)}`), decimals });
    }),
  );
});

test("a numeral is read or refused, never changed: random marks", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9.,\u00a0]{1,16}$/), (text) => {
      const numeral = parseNumeral(text);
      if (numeral === undefined) return;
      assert.equal(numeral.digits, BigInt(text.replaceAll(/[^\d]/g, "")));
      assert.match(text, /^(?:\d+|\d{1,3}(?:[,\u00a0]\d{3})+)(?:\.\d+)?$/);
    }),
  );
});

const words: ReadonlyArray<readonly [text: string, value: bigint | undefined]> = [
  ["twenty-one", 21n],
  ["three hundred five", 305n],
  ["two million four hundred thousand", 2_400_000n],
  ["zero", 0n],
  ["two two", undefined],
  ["hundred", undefined],
  ["twenty eleven", undefined],
  ["five thousand million", undefined],
  ["nineteen ninety", undefined],
];
for (const [text, value] of words)
  test(`"${text}" reads as ${value === undefined ? "no number" : String(value)}`, () => {
    assert.equal(parseNumberWords(text.split(" ")), value);
  });

const figures: ReadonlyArray<readonly [text: string, value: string | undefined]> = [
  ["3.5 billion", "3500000000"],
  ["$3.5bn", "3500000000"],
  ["$5m", "5000000"],
  ["5m", "5"],
  ["10k", "10000"],
  ["−3", "-3"],
  ["half a million", "500000"],
  ["a dozen", "12"],
  ["three hundred and five", "305"],
  ["\ufe633", "-3"],
  ["\uff0d3", "-3"],
  ["–3", undefined],
  ["\u20113", undefined],
  ["1990s", undefined],
  ["44 BC", undefined],
  ["79 AD", undefined],
  ["1e6", undefined],
  ["3 1/2", undefined],
  ["three and a half", undefined],
  ["two and three quarters", undefined],
  ["10-20", undefined],
  ["10–20", undefined],
  ["3.11.2", undefined],
  ["03/04/2021", undefined],
  ["12 250", undefined],
  ["٣", undefined],
  ["½", undefined],
  ["H2O", undefined],
  ["COVID-19", undefined],
  ["4th", undefined],
  ["5 million billion", undefined],
];
for (const [text, value] of figures)
  test(`in running text, "${text}" is ${value ?? "no figure"}`, () => {
    const figure = figureAt(tokenize(text) ?? [], 0);
    assert.equal(figure && formatRational(figure.figure.value), value);
  });
