/** Single dates: "30 February 2023", "4 July 1776 was a Thursday", "1900 was a leap year", "February 2023 had 29 days". */
import {
  computeWeekday,
  countMonthDays,
  formatDate,
  isLeapYear,
  WEEKDAYS,
  type CalendarDate,
} from "../../dates/calendar.ts";
import { readDate, readDay, readMonth, readWeekday, readYear } from "../../dates/read-date.ts";
import { figureAt } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import { CALENDAR_IS_CLEAR_FROM, type DateForm, type DateMatch } from "./match.ts";

const readMissingDay: DateForm = (tokens, at) => {
  const found = readDate(tokens, at);
  if (found === undefined || found.exists) return undefined;
  return { start: at, end: found.next, holds: false, witness: `day ${formatDate(found.date)} exists` };
};

/** "February 30" and "31 April" exist in no year. */
const readMissingDayOfAnyYear: DateForm = (tokens, at) => {
  const isMonthFirst = readMonth(tokens[at]) !== undefined;
  const month = readMonth(tokens[isMonthFirst ? at : at + 1]);
  const day = readDay(tokens[isMonthFirst ? at + 1 : at]);
  if (month === undefined || day === undefined || day <= countMonthDays(LEAP_YEAR, month)) return undefined;
  if (tokens[at + 2]?.kind === "word" && readMonth(tokens[at + 2]) !== undefined) return undefined;
  const date = { year: LEAP_YEAR, month, day };
  return { start: at, end: at + 2, holds: false, witness: `day ${formatDate(date)} exists` };
};
const LEAP_YEAR = 2000;

const FALLS =
  "was a|was on a|was|is a|is on a|is|fell on a|fell on|falls on a|falls on|will be a|will fall on a|landed on a|lands on a".split(
    "|",
  );

/** "4 July 1776 was a Thursday", "... (a Thursday)". */
const readWeekdayAfter: DateForm = (tokens, at) => {
  const found = readDate(tokens, at);
  if (found?.exists !== true) return undefined;
  const bracket = matchPhrase(tokens, found.next, ["( a", "("]);
  const next = matchPhrase(tokens, found.next, FALLS) ?? bracket;
  const weekday = next === undefined ? undefined : readWeekday(tokens[next]);
  if (next === undefined || weekday === undefined) return undefined;
  return { ...judgeWeekday(at, next + 1, found.date, weekday), isFactual: bracket !== undefined };
};

/** "Thursday, 4 July 1776": the sentence says more than the weekday. */
const readWeekdayBefore: DateForm = (tokens, at) => {
  const weekday = readWeekday(tokens[at]);
  const found =
    weekday === undefined ? undefined : readDate(tokens, tokens[at + 1]?.text === "," ? at + 2 : at + 1);
  if (weekday === undefined || found?.exists !== true) return undefined;
  return { ...judgeWeekday(at, found.next, found.date, weekday), isFactual: true };
};

function judgeWeekday(start: number, end: number, date: CalendarDate, weekday: number): DateMatch {
  const holds = date.year < CALENDAR_IS_CLEAR_FROM ? undefined : computeWeekday(date) === weekday;
  return { start, end, holds, witness: `weekday ${formatDate(date)} = ${WEEKDAYS[weekday] ?? ""}` };
}

const LEAP = "is a leap year|was a leap year|will be a leap year|is leap".split("|");

const readLeapYear: DateForm = (tokens, at) => {
  const yearAt = matchPhrase(tokens, at, ["the year"]) ?? at;
  const year = readYear(tokens, yearAt);
  const end = year === undefined ? undefined : matchPhrase(tokens, yearAt + 1, LEAP);
  if (year === undefined || end === undefined) return undefined;
  const isClear = year >= CALENDAR_IS_CLEAR_FROM;
  return { start: at, end, holds: isClear ? isLeapYear(year) : undefined, witness: `leap ${year}` };
};

/** "February 2023 had 29 days", "April has 31 days". February without a year has two lengths. */
const readMonthLength: DateForm = (tokens, at) => {
  const month = readMonth(tokens[at]);
  if (month === undefined) return undefined;
  const year = readYear(tokens, at + 1);
  const has = matchPhrase(tokens, year === undefined ? at + 1 : at + 2, ["has", "had", "will have"]);
  const printed = figureAt(tokens, has);
  if (has === undefined || printed === undefined || tokens[has + 1]?.lower !== "days") return undefined;
  if (month === 2 && year === undefined) return undefined;
  const days = countMonthDays(year ?? 2001, month);
  const holds = printed.figure.value.d === 1n && printed.figure.value.n === BigInt(days);
  const witness = `length ${year ?? 2001}-${month} = ${printed.text}`;
  return { start: at, end: has + 2, holds, witness };
};

export const CALENDAR_FORMS: readonly DateForm[] = [
  readMissingDay,
  readMissingDayOfAnyYear,
  readWeekdayAfter,
  readWeekdayBefore,
  readLeapYear,
  readMonthLength,
];
