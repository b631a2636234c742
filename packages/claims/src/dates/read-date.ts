/** Tokens -> calendar dates: an own grammar, believed only where chrono-node reads the same day or, for no day at all, none. */
import { strict } from "chrono-node/en";
import { figureAt, type Token } from "../text/tokens.ts";
import { isCalendarDate, MONTHS, WEEKDAYS, type CalendarDate } from "./calendar.ts";

export type DateToken = {
  readonly date: CalendarDate;
  /** False for 30 February. */
  readonly exists: boolean;
  readonly text: string;
  readonly start: number;
  /** Index of the token after it. */
  readonly next: number;
};

const MONTH_NAMES: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((name, at) =>
    [name, name.slice(0, 3), ...(name === "september" ? ["sept"] : [])].map(
      (word) => [word, at + 1] as const,
    ),
  ),
);

/** "4 July 1776", "the 4th of July, 1776", "July 4, 1776", "1776-07-04". Undefined for two-digit years, eras, and doubt. */
export function readDate(tokens: readonly Token[], at: number): DateToken | undefined {
  const from = tokens[at]?.lower === "the" ? at + 1 : at;
  const parts = readIso(tokens, from) ?? readDayFirst(tokens, from) ?? readMonthFirst(tokens, from);
  const [first, last] = [tokens[from], tokens[(parts?.next ?? 0) - 1]];
  if (parts === undefined || first === undefined || last === undefined) return undefined;
  if (
    /^(?:bc|bce|b|ad|ce|a)$/.test(tokens[parts.next]?.lower ?? "") &&
    !/^a$/.test(tokens[parts.next]?.text ?? "")
  )
    return undefined;
  const exists = isCalendarDate(parts.date);
  const text = tokens
    .slice(from, parts.next)
    .map((token) => token.text)
    .join(" ")
    .replaceAll(" ,", ",");
  if (!agreesWithChrono(text, parts.date, exists)) return undefined;
  return { date: parts.date, exists, text, start: first.start, next: parts.next };
}

/** A month's name; "may" is a verb unless it is capitalised. */
export function readMonth(token: Token | undefined): number | undefined {
  if (token?.kind !== "word" || !/^\p{Lu}/u.test(token.text)) return undefined;
  return MONTH_NAMES.get(token.lower);
}

export function readWeekday(token: Token | undefined): number | undefined {
  const index = WEEKDAYS.indexOf(token?.lower ?? "");
  return index < 0 ? undefined : index;
}

/** A bare year of three or four digits. */
export function readYear(tokens: readonly Token[], at: number | undefined): number | undefined {
  const token = figureAt(tokens, at);
  return token !== undefined && /^[1-9]\d{2,3}$/.test(token.text) ? Number(token.text) : undefined;
}

type Parts = { readonly date: CalendarDate; readonly next: number };

function readIso(tokens: readonly Token[], at: number): Parts | undefined {
  if (tokens[at]?.kind !== "isodate") return undefined;
  const [year, month, day] = tokens[at].text.split("-").map(Number);
  if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12)
    return undefined;
  return { date: { year, month, day }, next: at + 1 };
}

function readDayFirst(tokens: readonly Token[], at: number): Parts | undefined {
  const day = readDay(tokens[at]);
  const monthAt = tokens[at + 1]?.lower === "of" ? at + 2 : at + 1;
  const month = readMonth(tokens[monthAt]);
  return day === undefined || month === undefined ? undefined : withYear(tokens, monthAt + 1, month, day);
}

function readMonthFirst(tokens: readonly Token[], at: number): Parts | undefined {
  const month = readMonth(tokens[at]);
  const day = readDay(tokens[at + 1]);
  return day === undefined || month === undefined ? undefined : withYear(tokens, at + 2, month, day);
}

function withYear(tokens: readonly Token[], at: number, month: number, day: number): Parts | undefined {
  const yearAt = /^(?:,|of|in)$/.test(tokens[at]?.lower ?? "") ? at + 1 : at;
  const year = readYear(tokens, yearAt);
  return year === undefined || year < 1000 ? undefined : { date: { year, month, day }, next: yearAt + 1 };
}

/** A day of the month, 1 to 31. */
export function readDay(token: Token | undefined): number | undefined {
  if (token?.kind !== "figure" && token?.kind !== "ordinal") return undefined;
  const day = Number(/^\d{1,2}(?=$|st$|nd$|rd$|th$)/.exec(token.lower)?.[0] ?? 0);
  return day >= 1 && day <= 31 ? day : undefined;
}

const NO_REFERENCE = new Date(0);

function agreesWithChrono(text: string, { year, month, day }: CalendarDate, exists: boolean): boolean {
  const [result] = strict.parse(text.slice(0, 60), NO_REFERENCE);
  const start = result?.start;
  if (!exists) return start?.get("day") !== day || start.get("month") !== month;
  return start?.get("year") === year && start.get("month") === month && start.get("day") === day;
}
