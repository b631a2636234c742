/** Markers like [3] and [^note] in a response, and the list of references that they point into. */
import type { Claim } from "../../types.ts";
import { listLines, type Line } from "../layout/lines.ts";
import { rememberLast } from "../layout/remember.ts";

export type References = {
  /** Labels that are listed, with the place of their entry. */
  readonly listed: ReadonlyMap<string, { readonly start: number; readonly end: number }>;
  /** Labels that the text uses. */
  readonly used: ReadonlySet<string>;
};

const HEADING =
  /^\s{0,3}(?:#{1,6}\s{0,3})?[*_]{0,3}(?:references?|sources?|bibliography|works cited|citations|footnotes|notes)[*_:\s]{0,6}$/i;
const ENTRY = /^\s{0,3}(?:[-*]\s{1,3})?(?:\[\^?([\w-]{1,20})\]:?|(\d{1,3})[.)])\s/;
const MARKER = /\[(\^[\w-]{1,20}|\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,8})\](?!\()/g;
const RANGE_MAX = 100;

export const readReferences = rememberLast(listReferences);

function listReferences(response: string): References {
  const listed = new Map<string, { start: number; end: number }>();
  const used = new Set<string>();
  let isInList = false;
  for (const line of listLines(response)) {
    const label = readEntry(line, isInList);
    if (HEADING.test(line.text)) isInList = true;
    else if (/^\s{0,3}#{1,6}\s/.test(line.text)) isInList = false;
    if (label === undefined) for (const marker of listMarkers(line.text)) used.add(marker);
    else if (!listed.has(label)) listed.set(label, { start: line.start, end: line.end });
  }
  return { listed, used };
}

/** "[^note]: ..." and "[1]: ..." define wherever they stand, "1. ..." and "[1] ..." only under their heading. */
function readEntry({ text }: Line, isInList: boolean): string | undefined {
  const [whole = "", label, number] = ENTRY.exec(text.slice(0, 100)) ?? [];
  if (label === undefined && number === undefined) return undefined;
  return isInList || whole.trimEnd().endsWith("]:") ? (label ?? number) : undefined;
}

/** "[2, 4–6]" uses 2, 4, 5 and 6. */
export function listMarkers(text: string): string[] {
  return [...text.matchAll(MARKER)].flatMap(([, inner = ""]) => {
    if (inner.startsWith("^")) return [inner.slice(1)];
    return inner.split(",").flatMap((part) => {
      const [from = 0, to = from] = part.split(/[–-]/).map(Number);
      return to < from || to - from > RANGE_MAX
        ? []
        : Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
    });
  });
}

/** Markers in the claim and right behind it. */
export function listClaimMarkers(claim: Claim, response: string): string[] {
  const [behind = ""] =
    /^(?:\s?\[[\^\w,–\s-]{1,40}\]){1,8}/.exec(response.slice(claim.end, claim.end + 200)) ?? [];
  return listMarkers(claim.text + behind);
}
