import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeWeekday, formatDate, isCalendarDate, toDayNumber, WEEKDAYS } from "../../dates/calendar.ts";
import { examine, type Case } from "../examine.fixture.ts";

const cases: readonly Case[] = [
  // weekdays
  ["supported", "4 July 1776 was a Thursday."],
  ["refuted", "July 4, 1776 fell on a Friday."],
  ["supported", "2024-07-04 is a Thursday."],
  ["supported", "The 20th of July 1969 was a Sunday."],
  ["refuted", "November 9, 1989 was a Wednesday."],
  ["refuted", "The treaty was signed on Friday, 28 June 1919."],
  ["refuted", "The shop opened on 1 January 2000 (a Sunday)."],
  // days that do not exist
  ["refuted", "He arrived on February 30, 2023."],
  ["refuted", "On 29 February 2023 the shop opened."],
  ["refuted", "The contract ends on 31 April 2025."],
  ["refuted", "It began on 2021-02-29."],
  ["refuted", "Her birthday is February 30."],
  ["refuted", "The festival starts on the 31st of June 2024."],
  ["unresolved", "Her birthday is February 29."],
  // leap years and months
  ["refuted", "1900 was a leap year."],
  ["supported", "The year 2000 was a leap year."],
  ["refuted", "2023 is a leap year."],
  ["refuted", "February 2023 had 29 days."],
  ["supported", "April has 30 days."],
  ["refuted", "April has thirty-one days."],
  // spans
  ["supported", "There are 31 days between 1 January 2024 and 1 February 2024."],
  ["refuted", "There are 29 days between 1 January 2024 and 1 February 2024."],
  ["supported", "15 March 2024 is 14 days after 1 March 2024."],
  ["supported", "15 March 2024 is two weeks after 1 March 2024."],
  ["refuted", "15 March 2024 is 15 days after 1 March 2024."],
  ["supported", "45 days after 1 January 2024 is 15 February 2024."],
  ["refuted", "The war lasted from 1914 to 1918, for six years."],
  // order
  ["refuted", "1969 came before 1957."],
  ["supported", "1957 was earlier than 1969."],
  ["supported", "3 March 1918 was before 11 November 1918."],
  ["refuted", "The club was founded in 1990 and dissolved in 1985."],
  ["refuted", "She was born in Paris in 1850 and died in 1820."],
  // ages
  ["refuted", "Einstein was born on 14 March 1879 in Ulm and died on 18 April 1955, aged 79."],
  ["refuted", "She was born in 1961 and was 70 years old in 2001."],
  ["refuted", "Mozart was born in 1756 and died in 1791, at the age of 41."],
  // true, and yet no proof of the sentence around it
  ["unresolved", "The treaty was signed on Saturday, June 28th, 1919."],
  ["unresolved", "Einstein was born on 14 March 1879 and died on 18 April 1955, aged 76."],
  ["unresolved", "Mozart was born in 1756 and died in 1791, aged 35."],
  ["unresolved", "The war lasted from 1914 to 1918, for four years."],
  // refusals to guess
  ["unresolved", "4 July 1176 was a Thursday."],
  ["unresolved", "There is no 30 February 2023."],
  ["unresolved", "1900 was not a leap year."],
  ["unresolved", "There are 32 days between 1 January 2024 and 1 February 2024."],
  ["unresolved", "In the Julian calendar, 29 February 1900 was a Tuesday."],
  ["unresolved", "Mozart died in 1791, after Schubert was born in 1797."],
  ["unresolved", "He was born in 1850, and John died in 1820."],
  ["unresolved", "It may 4 be."],
  ["unresolved", "On 03/04/2021 it was a Monday."],
  ["unresolved", "44 BC was a leap year."],
  ["unresolved", "The concert is on Friday."],
];
for (const [verdict, text] of cases) test(`${verdict}: ${text}`, () => assert.equal(examine(text), verdict));

test("the calendar is that of Date.UTC from year 1 to 9999", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (year, month, day) => {
        const utc = new Date(0);
        utc.setUTCFullYear(year, month - 1, day);
        const date = { year, month, day };
        assert.equal(isCalendarDate(date), utc.getUTCDate() === day);
        if (!isCalendarDate(date)) return;
        assert.equal(toDayNumber(date), utc.getTime() / 86_400_000);
        assert.equal(computeWeekday(date), utc.getUTCDay());
      },
    ),
  );
});

test("of the seven weekdays of any date one is proved and six refuted", () => {
  const days = fc.record({
    year: fc.integer({ min: 1753, max: 2400 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  });
  fc.assert(
    fc.property(days, (date) => {
      for (const [index, name] of WEEKDAYS.entries()) {
        const expected = index === computeWeekday(date) ? "supported" : "refuted";
        assert.equal(
          examine(`${formatDate(date)} was a ${name.slice(0, 1).toUpperCase()}${name.slice(1)}.`),
          expected,
        );
      }
    }),
    { numRuns: 40 },
  );
});
