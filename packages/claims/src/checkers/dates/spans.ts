/** Two dates: "There are 31 days between ...", "1 March 2024 is 30 days after ...", "1957 came before 1969", "from 1914 to 1918 ... four years". */
import { countYears, formatDate, toDayNumber, type CalendarDate } from "../../dates/calendar.ts";
import { readDate, readYear } from "../../dates/read-date.ts";
import { figureAt, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import type { DateForm, DateMatch } from "./match.ts";

type Point = { readonly date: CalendarDate; readonly next: number; readonly isYear: boolean };

function readPoint(tokens: readonly Token[], at: number | undefined): Point | undefined {
  if (at === undefined) return undefined;
  const found = readDate(tokens, at);
  if (found !== undefined)
    return found.exists ? { date: found.date, next: found.next, isYear: false } : undefined;
  const year = readYear(tokens, at);
  return year === undefined ? undefined : { date: { year, month: 1, day: 1 }, next: at + 1, isYear: true };
}

function readDays(
  tokens: readonly Token[],
  at: number,
): { readonly days: bigint; readonly next: number } | undefined {
  const figure = figureAt(tokens, at)?.figure;
  const unit = matchPhrase(tokens, at + 1, ["days", "day"]);
  const weeks = matchPhrase(tokens, at + 1, ["weeks", "week"]);
  const next = unit ?? weeks;
  if (figure === undefined || next === undefined || figure.value.d !== 1n) return undefined;
  return { days: figure.value.n * (weeks === undefined ? 1n : 7n), next };
}

/** "There are 31 days between 1 January 2024 and 1 February 2024". One more may count both ends: that is left open. */
const readBetween: DateForm = (tokens, at) => {
  const from = matchPhrase(tokens, at, ["there are", "there were", "exactly"]) ?? at;
  const printed = readDays(tokens, from);
  const between = printed === undefined ? undefined : matchPhrase(tokens, printed.next, ["between", "from"]);
  const first = readPoint(tokens, between);
  const joint = first === undefined ? undefined : matchPhrase(tokens, first.next, ["and", "to", "until"]);
  const second = readPoint(tokens, joint);
  if (printed === undefined || first === undefined || second === undefined || first.isYear || second.isYear)
    return undefined;
  const days = BigInt(toDayNumber(second.date) - toDayNumber(first.date));
  const holds = printed.days === days ? true : printed.days === days + 1n ? undefined : false;
  return { start: at, end: second.next, holds, witness: spanWitness(first.date, second.date, printed.days) };
};

/** "15 March 2024 is 14 days after 1 March 2024", "45 days after 1 January 2024 is 15 February 2024". */
const readAfter: DateForm = (tokens, at) => readDateThenSpan(tokens, at) ?? readSpanThenDate(tokens, at);

function readDateThenSpan(tokens: readonly Token[], at: number): DateMatch | undefined {
  const left = readPoint(tokens, at);
  const is =
    left === undefined
      ? undefined
      : matchPhrase(tokens, left.next, ["is", "was", "comes", "came", "falls", "fell"]);
  const span = is === undefined ? undefined : readDays(tokens, is);
  const isAfter = tokens[span?.next ?? -1]?.lower === "after";
  if (
    span === undefined ||
    left === undefined ||
    left.isYear ||
    (!isAfter && tokens[span.next]?.lower !== "before")
  )
    return undefined;
  const right = readPoint(tokens, span.next + 1);
  if (right === undefined || right.isYear) return undefined;
  const [from, to] = isAfter ? [right.date, left.date] : [left.date, right.date];
  return judgeSpan(at, right.next, from, to, span.days);
}

function readSpanThenDate(tokens: readonly Token[], at: number): DateMatch | undefined {
  const span = readDays(tokens, at);
  const isAfter = tokens[span?.next ?? -1]?.lower === "after";
  if (span === undefined || (!isAfter && tokens[span.next]?.lower !== "before")) return undefined;
  const base = readPoint(tokens, span.next + 1);
  const is = base === undefined ? undefined : matchPhrase(tokens, base.next, ["is", "was", "comes"]);
  const result = readPoint(tokens, is);
  if (base === undefined || result === undefined || base.isYear || result.isYear) return undefined;
  const [from, to] = isAfter ? [base.date, result.date] : [result.date, base.date];
  return judgeSpan(at, result.next, from, to, span.days);
}

function judgeSpan(
  start: number,
  end: number,
  from: CalendarDate,
  to: CalendarDate,
  days: bigint,
): DateMatch {
  const holds = BigInt(toDayNumber(to) - toDayNumber(from)) === days;
  return { start, end, holds, witness: spanWitness(from, to, days) };
}

function spanWitness(from: CalendarDate, to: CalendarDate, days: bigint): string {
  return `days ${formatDate(from)} ${formatDate(to)} = ${days}`;
}

const BEFORE =
  "is before|was before|came before|comes before|is earlier than|was earlier than|precedes|preceded".split(
    "|",
  );
const AFTER = "is after|was after|came after|comes after|is later than|was later than|follows".split("|");

/** "1957 came before 1969". */
const readOrder: DateForm = (tokens, at) => {
  const left = readPoint(tokens, at);
  const before = left === undefined ? undefined : matchPhrase(tokens, left.next, BEFORE);
  const next = before ?? (left === undefined ? undefined : matchPhrase(tokens, left.next, AFTER));
  const right = readPoint(tokens, next);
  if (left === undefined || right === undefined || left.isYear !== right.isYear) return undefined;
  const difference = toDayNumber(left.date) - toDayNumber(right.date);
  const sign = before === undefined ? ">" : "<";
  const print = ({ date, isYear }: Point): string => formatDate(date).slice(0, isYear ? 4 : 10);
  const witness = `order ${print(left)} ${sign} ${print(right)}`;
  return { start: at, end: right.next, holds: sign === "<" ? difference < 0 : difference > 0, witness };
};

const LASTING =
  "which lasted|that lasted|and lasted|lasted|lasting|a span of|a period of|a total of|for|or".split("|");

/** "from 1914 to 1918, lasting four years". Years alone leave one year of play at either end. */
const readYearSpan: DateForm = (tokens, at) => {
  const first = readPoint(tokens, matchPhrase(tokens, at, ["from", "between"]));
  const joint =
    first === undefined ? undefined : matchPhrase(tokens, first.next, ["to", "until", "and", "through"]);
  const second = readPoint(tokens, joint);
  if (first === undefined || second === undefined) return undefined;
  const comma = tokens[second.next]?.text === "," ? second.next + 1 : second.next;
  const span = matchPhrase(tokens, comma, LASTING);
  const printed = figureAt(tokens, span);
  if (span === undefined || printed === undefined || !/^years?$/.test(tokens[span + 1]?.lower ?? ""))
    return undefined;
  if (printed.figure.value.d !== 1n) return undefined;
  const years =
    first.isYear || second.isYear ? second.date.year - first.date.year : countYears(first.date, second.date);
  const isPossible =
    printed.figure.value.n >= BigInt(years - 1) && printed.figure.value.n <= BigInt(years + 1);
  const witness = `years ${first.date.year} ${second.date.year} = ${printed.figure.value.n} give or take 1`;
  return { start: at, end: span + 2, holds: isPossible, witness, isFactual: true };
};

export const SPAN_FORMS: readonly DateForm[] = [readBetween, readAfter, readYearSpan, readOrder];
