/** Confirms a calendar witness with Date.UTC, which shares nothing with calendar.ts. */
import type { Claim, Proof } from "../../types.ts";
import { WEEKDAYS } from "../../dates/calendar.ts";

const DAY_MS = 86_400_000;

export function recheckDates({ verdict, witness }: Proof, claim: Claim): boolean {
  const match = /^(\w+) (.{1,120}): (holds|fails)$/.exec(witness);
  const [, kind = "", body = "", outcome = ""] = match ?? [];
  if (verdict !== (outcome === "holds" ? "supported" : "refuted") || match === null) return false;
  if (!(body.match(/\b\d{4}\b/g) ?? []).every((year) => claim.text.includes(year) || /^200[01]$/.test(year)))
    return false;
  return holds(kind, body) === (outcome === "holds");
}

function holds(kind: string, body: string): boolean | undefined {
  const [left = "", middle = "", right = "", last = ""] = body.split(" ");
  switch (kind) {
    case "day":
      return toUtc(left) !== undefined;
    case "weekday":
      return WEEKDAYS[new Date(toUtc(left) ?? Number.NaN).getUTCDay()] === right;
    case "leap":
      return toUtc(`${left}-02-29`) !== undefined;
    case "length":
      return monthLength(left) === readCount(right);
    case "days":
      return ((toUtc(middle) ?? 0) - (toUtc(left) ?? 0)) / DAY_MS === Number(last);
    case "years":
      return Math.abs(Number(middle) - Number(left) - Number(last)) <= 1;
    case "order":
      return middle === "<" ? left < right : left > right;
    case "age":
      return isAge(left, middle, Number(last));
    default:
      return undefined;
  }
}

/** Undefined for a day that rolls over into another month. */
function toUtc(text: string): number | undefined {
  const [year = 0, month = 1, day = 1] = text.split("-").map(Number);
  const date = new Date(Date.UTC(2000, month - 1, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

function monthLength(text: string): number {
  const [year = 0, month = 1] = text.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const SMALL = "zero one two three four five six seven eight nine ten".split(" ");
const readCount = (text: string): number => {
  const word = SMALL.indexOf(text.toLowerCase());
  return word < 0 ? Number(text) : word;
};

function isAge(birth: string, then: string, age: number): boolean {
  const years = Number(then.slice(0, 4)) - Number(birth.slice(0, 4));
  if (birth.length === 4 || then.length === 4) return age === years || age === years - 1;
  return age === years - (then.slice(5) < birth.slice(5) ? 1 : 0);
}
