/** Confirms a witness of a count: goes to the place it names and counts markers there, one by one. */
import type { Claim, Proof } from "../../types.ts";
import { tokenize } from "../../text/tokens.ts";

const FORM =
  /^"([^"]{1,60})" at (\d{1,4}); (list|claim) (\d{1,7}) to (\d{1,7}) has (\d{1,4}) items(?:, ("(?:[^"\\]|\\.){0,250}") twice)?: (holds|fails)$/;

export function recheckCounts({ verdict, witness }: Proof, claim: Claim, response: string): boolean {
  const match = FORM.exec(witness);
  if (match === null) return false;
  const [, text = "", at = "", where, start, end, count = "", twice, outcome] = match;
  if (verdict !== (outcome === "holds" ? "supported" : "refuted")) return false;
  if (!claim.text.startsWith(text, Number(at))) return false;
  const place = (where === "list" ? response : claim.text).slice(Number(start), Number(end));
  const counted = where === "list" ? countMarkers(place) : countCommas(place);
  const printed = tokenize(text)?.[0]?.figure?.value;
  if (counted !== Number(count) || printed?.d !== 1n) return false;
  if (twice !== undefined && !standsTwice(place, JSON.parse(twice) as string)) return false;
  const isEqual = printed.n === BigInt(counted);
  return outcome === "holds" ? isEqual : !isEqual || twice !== undefined;
}

/** Lines that begin with a bullet or a number. */
function countMarkers(place: string): number {
  let count = 0;
  for (const line of place.split("\n")) {
    const head = line.trimStart().slice(0, 6);
    if ("-*+•".includes(head.charAt(0)) && /\s/.test(head.charAt(1))) count++;
    else if (/^\d+[.)]\s/.test(head)) count++;
  }
  return count;
}

/** Separators and one: an "and" that no comma stands before separates too. */
function countCommas(place: string): number {
  const separator = place.includes(";") ? ";" : ",";
  const commas = place.split(separator).length - 1;
  const tail = place.slice(place.lastIndexOf(separator) + 1).trim();
  return commas + 1 + (/^(?:and|or|&)\s/.test(tail) ? 0 : tail.split(/\s(?:and|or|&)\s/).length - 1);
}

function standsTwice(place: string, item: string): boolean {
  const squeeze = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
  const lines = place
    .split(/[\n,;]|\band\b/)
    .map((line) => squeeze(line.replace(/^\s*(?:[-*+•]|\d+[.)])\s/, "")));
  return item !== "" && lines.filter((line) => line === squeeze(item)).length > 1;
}
