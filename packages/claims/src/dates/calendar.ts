/** The proleptic Gregorian calendar on whole numbers: days, weekdays, lengths of months. */
export type CalendarDate = { readonly year: number; readonly month: number; readonly day: number };

export const MONTHS =
  "january february march april may june july august september october november december".split(" ");
export const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** `month` from 1. */
export function countMonthDays(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function isCalendarDate({ year, month, day }: CalendarDate): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= countMonthDays(year, month);
}

/** Days since 1970-01-01, by counting leap days before the first of March (H. Hinnant's days_from_civil). */
export function toDayNumber({ year, month, day }: CalendarDate): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

/** 0 is Sunday. */
export function computeWeekday(date: CalendarDate): number {
  return (((toDayNumber(date) + 4) % 7) + 7) % 7;
}

/** Whole years from one date to a later one: the age of somebody born on the first. */
export function countYears(from: CalendarDate, to: CalendarDate): number {
  const isBeforeBirthday = to.month < from.month || (to.month === from.month && to.day < from.day);
  return to.year - from.year - (isBeforeBirthday ? 1 : 0);
}

export function formatDate({ year, month, day }: CalendarDate): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
