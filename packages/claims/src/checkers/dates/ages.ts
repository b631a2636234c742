/** Lives and their like: "born in 1961, aged 70 in 2001", "born 14 March 1879 and died 18 April 1955, aged 76", "died in 1850 before ...". */
import { countYears, formatDate, type CalendarDate } from "../../dates/calendar.ts";
import { readDate, readYear } from "../../dates/read-date.ts";
import { figureAt, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import type { DateForm } from "./match.ts";

/** Month and day are unknown when only a year is printed. */
type When = {
  readonly date: CalendarDate;
  readonly isYear: boolean;
  readonly at: number;
  readonly next: number;
};

const STARTS = /^(?:born|founded|established|began|started|opened|launched|created)$/;
const ENDS = /^(?:died|closed|ended|dissolved|abolished|demolished|shut|passed)$/;
/** Words after which the second date may belong to somebody else. */
const OTHER_SUBJECT = /^(?:after|before|when|while|whose|who|which|than|since|until|under)$/;
const GAP_MAX = 30;

/** From the word that begins something to the first date after it, with nothing but prepositions and places between. */
function readEvent(tokens: readonly Token[], at: number, word: RegExp): When | undefined {
  if (!word.test(tokens[at]?.lower ?? "")) return undefined;
  for (let next = at + 1; next < at + 10 && next < tokens.length; next++) {
    const when = readWhen(tokens, next);
    if (when !== undefined) return when;
    if (OTHER_SUBJECT.test(tokens[next]?.lower ?? "") || /^[.;(]$/.test(tokens[next]?.text ?? ""))
      return undefined;
  }
  return undefined;
}

function readWhen(tokens: readonly Token[], at: number): When | undefined {
  const found = readDate(tokens, at);
  if (found !== undefined)
    return found.exists ? { date: found.date, isYear: false, at, next: found.next } : undefined;
  const isYear = /^(?:in|since|year|around|,)$/.test(tokens[at - 1]?.lower ?? "");
  const year = isYear ? readYear(tokens, at) : undefined;
  return year === undefined || year < 1000
    ? undefined
    : { date: { year, month: 1, day: 1 }, isYear: true, at, next: at + 1 };
}

/** The end of the same thing: no new subject may stand between. */
function readEnd(tokens: readonly Token[], from: number): When | undefined {
  for (let at = from; at < from + GAP_MAX && at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || OTHER_SUBJECT.test(token.lower) || token.text === ";") return undefined;
    if (ENDS.test(token.lower))
      return isSameSubject(tokens, from, at) ? readEvent(tokens, at, ENDS) : undefined;
  }
  return undefined;
}

/** After the last comma or "and" before the verb nothing stands but a pronoun: "in Ulm and died", not "in Ulm, and John died". */
function isSameSubject(tokens: readonly Token[], from: number, verb: number): boolean {
  let joint = verb - 1;
  while (joint >= from && !/^(?:,|and)$/.test(tokens[joint]?.lower ?? "")) joint--;
  if (joint < from) return false;
  const words = tokens.slice(joint + 1, verb);
  return words.every(({ lower }) =>
    /^(?:he|she|it|they|was|were|later|then|finally|is|has|been)$/.test(lower),
  );
}

const readLife: DateForm = (tokens, at) => {
  const birth = readEvent(tokens, at, STARTS);
  const end = birth === undefined ? undefined : readEnd(tokens, birth.next);
  if (birth === undefined || end === undefined) return undefined;
  const [from, to] = [toText(birth), toText(end)];
  const isReversed = birth.isYear || end.isYear ? end.date.year < birth.date.year : from > to;
  if (isReversed)
    return { start: at, end: end.next, holds: false, witness: `order ${from} < ${to}`, isFactual: true };
  const printed = readAge(tokens, end.next);
  if (printed === undefined)
    return { start: at, end: end.next, holds: true, witness: `order ${from} < ${to}`, isFactual: true };
  return { ...judgeAge(birth, end, printed.age), start: at, end: printed.next };
};

const AGED =
  ", at the age of|, at age|, aged|at the age of|at age|aged|, he was|, she was|when he was|when she was".split(
    "|",
  );

function readAge(
  tokens: readonly Token[],
  at: number,
): { readonly age: bigint; readonly next: number } | undefined {
  for (let from = at; from < at + 8; from++) {
    const next = matchPhrase(tokens, from, AGED);
    const figure = figureAt(tokens, next)?.figure.value;
    if (next !== undefined && figure?.d === 1n) return { age: figure.n, next: next + 1 };
  }
  return undefined;
}

/** "born in 1961, she was 70 years old in 2001". */
const readAgeInYear: DateForm = (tokens, at) => {
  const birth = readEvent(tokens, at, /^born$/);
  if (birth === undefined) return undefined;
  for (let next = birth.next; next < birth.next + 8; next++) {
    const is = matchPhrase(tokens, next, ["was", "turned", "aged", "is"]);
    const age = figureAt(tokens, is)?.figure.value;
    if (is === undefined || age?.d !== 1n) continue;
    const old = matchPhrase(tokens, is + 1, ["years old in", "years old on", "in", "on", "years of age in"]);
    const when = old === undefined ? undefined : readWhen(tokens, old);
    if (when !== undefined) return { ...judgeAge(birth, when, age.n), start: at, end: when.next };
  }
  return undefined;
};

/** From years alone an age has two values. */
function judgeAge(birth: When, then: When, age: bigint) {
  const isExact = !birth.isYear && !then.isYear;
  const years = BigInt(isExact ? countYears(birth.date, then.date) : then.date.year - birth.date.year);
  const holds = isExact ? age === years : age === years || age === years - 1n;
  return { holds, witness: `age ${toText(birth)} ${toText(then)} = ${age}`, isFactual: true };
}

function toText({ date, isYear }: When): string {
  return isYear ? String(date.year) : formatDate(date);
}

export const AGE_FORMS: readonly DateForm[] = [readAgeInYear, readLife];
