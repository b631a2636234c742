import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { arithmeticChecker } from "../../index.ts";
import { examine, type Case } from "../examine.fixture.ts";

const cases: readonly Case[] = [
  // percentages
  ["supported", "12 % of 250 is 30."],
  ["refuted", "12 % of 250 is 35."],
  ["supported", "12% of 250 equals 30"],
  ["supported", "Twelve percent of 250 is thirty."],
  ["supported", "So, 12.5 per cent of 80 comes to 10."],
  ["refuted", "In other words, 15 % of 200 is 40."],
  ["supported", "30 is 12 % of 250."],
  ["refuted", "30 is 15 % of 250."],
  ["supported", "**30** out of **250** is 12 %."],
  ["supported", "45 out of 220 is 20.5 %."],
  ["refuted", "45 out of 220 is 22 %."],
  ["refuted", "Of those asked, 30 of the 250 respondents agreed (15 %)."],
  ["refuted", "Only 3 of the 12 members, or 30 %, voted."],
  ["supported", "0.75 is 75 %."],
  ["refuted", "0.75 is 7.5 %."],
  ["supported", "3/4 is 75 %."],
  ["supported", "A 15 % tip on $80 is $12."],
  ["refuted", "A 15 % tip on $80 is $15."],
  // changes
  ["refuted", "Sales rose from 200 to 250, an increase of 20 %."],
  ["refuted", "Sales fell from 250 to 200, a drop of 25 %."],
  ["refuted", "The price increased by 60 % from $20 to $30."],
  ["refuted", "Membership grew from 1,200 in 2010 to 1,500 in 2020, up 20 %."],
  ["refuted", "Output rose from 250 to 200, an increase of 20 %."],
  ["supported", "80 reduced by 20 % is 64."],
  ["refuted", "80 reduced by 20 % is 60."],
  ["supported", "Increasing 80 by 20 % gives 96."],
  ["supported", "30 is 20 % more than 25."],
  ["refuted", "30 is 25 % more than 25."],
  // sums, differences, products, quotients
  ["supported", "The sum of 20, 30 and 50 is 100."],
  ["refuted", "The sum of 20, 30 and 50 is 110."],
  ["supported", "17, 25 and 8 add up to 50."],
  ["supported", "The difference between 15 and 40 is 25."],
  ["refuted", "The product of 12 and 12 is 124."],
  ["supported", "The average of 3, 4 and 8 is 5."],
  ["refuted", "The mean of 10 and 20 is 16."],
  ["supported", "3 + 4 × 2 = 11"],
  ["refuted", "3 + 4 × 2 = 14"],
  ["supported", "(3 + 4) × 2 = 14"],
  ["supported", "3*4*5 = 60"],
  ["supported", "2^10 = 1,024"],
  ["supported", "7 − 10 = −3"],
  ["refuted", "7 − 10 = 3"],
  ["supported", "Seven times eight is fifty-six."],
  ["refuted", "Seven times eight is fifty-four."],
  ["supported", "Three hundred and five plus five equals three hundred ten."],
  ["supported", "Multiplying 12 by 5 gives 60."],
  ["supported", "Dividing 100 by 8 gives 12.5."],
  ["supported", "1.5 million plus 2.5 million is 4 million."],
  ["supported", "$3.50 + $4.25 = $7.75"],
  ["supported", "12 eggs plus 6 eggs is 18 eggs."],
  ["supported", "10 / 3 = 3.33"],
  ["refuted", "10 / 3 = 3.34"],
  ["supported", "10 / 3 ≈ 3.3"],
  ["supported", "1/4 + 1/4 = 1/2"],
  ["refuted", "1 + 2 + 3 = 7 + 0"],
  ["supported", "5-3=2"],
  ["supported", "5 squared is 25."],
  ["supported", "The square root of 144 is 12."],
  ["refuted", "The square root of 144 is 14."],
  ["supported", "12 boxes at 5 euros each cost 60 euros."],
  ["refuted", "12 boxes at 5 euros each cost 65 euros in total."],
  ["refuted", "We bought 3 tickets for $15 apiece, for a total of $50."],
  // multiples, ratios, comparisons
  ["supported", "Half of 9 is 4.5."],
  ["supported", "Two thirds of 90 is 60."],
  ["refuted", "A quarter of 90 is 20."],
  ["supported", "Twice 45 is 90."],
  ["supported", "80 is 4 times 20."],
  ["refuted", "80 is 5 times 20."],
  ["supported", "The ratio of 12 to 8 is 3:2."],
  ["refuted", "The ratio of 12 to 8 is 4 to 3."],
  ["supported", "The ratio of 12 to 8 is 1.5."],
  ["refuted", "9.11 is greater than 9.9."],
  ["supported", "9.11 is less than 9.9."],
  ["supported", "91 is divisible by 7."],
  ["refuted", "91 is an even number."],
  // true, and yet no proof of the sentence around it
  ["unresolved", "Sales rose from 200 to 250, an increase of 25 %."],
  ["unresolved", "Of those asked, 30 of the 250 respondents agreed (12 %)."],
  ["unresolved", "The town bought 120 lamps, and 12 % of 250 is 30."],
  // refusals to guess
  ["unresolved", "The sum of 1.2 and 1.5 million is 2.7 million."],
  ["unresolved", "Output rose from 1.2 to 1.5 million, a rise of 25 %."],
  ["unresolved", "The sum of 10 and 20 % is 30 %."],
  ["unresolved", "10 / 3 = 3"],
  ["unresolved", "100 + 10 % = 110"],
  ["unresolved", "2 + 2 is not 5."],
  ["unresolved", "If 12 % of 250 is 35, the plan fails."],
  ["unresolved", "It is a myth that 12 % of 250 is 35."],
  ["unresolved", "Some believe that 12 % of 250 is 35."],
  ["unresolved", "12 % of 250 might be 35."],
  ["unresolved", "12,5 % of 250 is 31."],
  ["unresolved", "12 % of 1.234.567 is 3."],
  ["unresolved", "12 % of 250 is 30 or 35."],
  ["unresolved", "x + 3 = 5"],
  ["unresolved", "10 - 20 - 2020"],
  ["unresolved", "60 minutes × 2 = 2 hours"],
  ["unresolved", "5 m × 3 m = 15 m²"],
  ["unresolved", "The score was 3-2 and 12 250 people came."],
  ["unresolved", "Turnout rose from 10 % to 15 %, an increase of 5 %."],
  ["unresolved", "From 1990 to 2000 output rose by 40 %."],
  ["unresolved", "1 / 0 = 0"],
  ["unresolved", "9^99999 = 1"],
  ["unresolved", "12 % of the population is 250."],
  ["unresolved", "About 60 % of people agree."],
];
for (const [verdict, text] of cases) test(`${verdict}: ${text}`, () => assert.equal(examine(text), verdict));

const whole = fc.integer({ min: 0, max: 10_000_000 });
const group = (value: number): string => value.toLocaleString("en-US");

test("every true sum is proved and every false one refuted, however the digits are grouped", () => {
  fc.assert(
    fc.property(whole, whole, fc.integer({ min: 1, max: 1000 }), (left, right, off) => {
      assert.equal(examine(`${group(left)} + ${right} = ${group(left + right)}`), "supported");
      assert.equal(examine(`${left} plus ${group(right)} is ${left + right + off}.`), "refuted");
    }),
  );
});

test("every true product, difference and exact share is proved", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9999 }), fc.integer({ min: 1, max: 9999 }), (left, right) => {
      assert.equal(examine(`${left} × ${right} = ${left * right}`), "supported");
      assert.equal(
        examine(`The difference between ${left} and ${right} is ${Math.abs(left - right)}.`),
        "supported",
      );
      assert.equal(examine(`${left} % of ${right * 100} is ${group(left * right)}.`), "supported");
      assert.equal(examine(`${left} % of ${right * 100} is ${group(left * right + 1)}.`), "refuted");
    }),
  );
});

test("a quotient printed to any number of decimals is proved when rounded right, refuted when off by two units", () => {
  const places = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 9999n }),
      fc.bigInt({ min: 1n, max: 999n }),
      places,
      (left, right, decimals) => {
        const scale = 10n ** BigInt(decimals);
        const rounded = (2n * left * scale + right) / (2n * right);
        const print = (value: bigint): string =>
          `${value / scale}.${String(value % scale).padStart(decimals, "0")}`;
        assert.equal(examine(`${left} / ${right} = ${print(rounded)}`), "supported");
        assert.equal(examine(`${left} / ${right} = ${print(rounded + 2n)}`), "refuted");
      },
    ),
  );
});

test("a witness that was tampered with is not confirmed", () => {
  const claim = { text: "12 % of 250 is 35.", start: 0, end: 18 };
  const witness = '((12/100)*250) = 30; printed "35" at 15, within 0.5: fails';
  const recheck = (changed: string, verdict: "supported" | "refuted" = "refuted"): boolean =>
    arithmeticChecker.recheck({ checker: "arithmetic", verdict, witness: changed }, claim, claim.text, []);
  assert.ok(recheck(witness));
  assert.equal(recheck(witness, "supported"), false);
  assert.equal(recheck(witness.replace("fails", "holds"), "supported"), false);
  assert.equal(recheck(witness.replace("250", "260")), false);
  assert.equal(recheck(witness.replace('"35"', '"30"')), false);
  assert.equal(recheck(witness.replace("within 0.5", "within x")), false);
  assert.equal(recheck(witness.replace("((12/100)*250)", "process.exit()")), false);
});
