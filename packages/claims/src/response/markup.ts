/** Inline markup is masked, not removed: the text keeps its length, so every offset stays an offset into the response. */

/** A Format character (Unicode Cf): sentence segmentation ignores it, and no response has use for it. */
export const MASK = "\u2060";

const LINK_TARGET_CHARS_MAX = 2048;
const LABEL_CHARS_MAX = 300;
const TAG_CHARS_MAX = 300;

/** Emphasis marks, code ticks, link targets, footnote marks, tags and escapes become MASK. Linear in the length of the text. */
export function maskMarkup(text: string): string {
  const chars = text.split("");
  for (let at = 0; at < text.length;) at = maskAt(text, chars, at);
  return chars.join("");
}

/** Masks the construct that begins at `at`, if any, and returns where to go on. */
function maskAt(text: string, chars: string[], at: number): number {
  switch (text[at]) {
    case "*":
    case "_":
      return maskEmphasis(text, chars, at);
    case "`":
      return mask(chars, at, runEnd(text, at));
    case "!":
      return text[at + 1] === "[" ? mask(chars, at, at + 1) : at + 1;
    case "[":
      return maskBracket(text, chars, at);
    case "]":
      return maskLinkTarget(text, chars, at);
    case "<":
      return maskTag(text, chars, at);
    case "\\":
      return maskEscape(text, chars, at);
    default:
      return at + 1;
  }
}

/** "\\*" is a star. "\\n" before a new line's beginning is a line break that was escaped twice. */
function maskEscape(text: string, chars: string[], at: number): number {
  if (/[\p{P}\p{S}]/u.test(text[at + 1] ?? "")) return mask(chars, at, at + 1) + 1;
  const breaks = /^(?:\\[nrt]){1,8}(?=[\s\p{Lu}\d"“*#-]|$)/u.exec(text.slice(at, at + ESCAPE_CHARS_MAX));
  if (breaks === null) return at + 1;
  chars.fill(" ", at, at + breaks[0].length);
  return at + breaks[0].length;
}

const ESCAPE_CHARS_MAX = 20;

/** "3*4*5" and "3 * 4" are products: a run between two digits or two spaces is no emphasis; neither is a snake_case word. */
function maskEmphasis(text: string, chars: string[], at: number): number {
  const end = runEnd(text, at);
  const [before, after] = [text[at - 1] ?? " ", text[end] ?? " "];
  const isInside = /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
  const isFree = /\s/.test(before) && /\s/.test(after);
  const isLineStart = isFree && end === at + 1 && (at === 0 || text[at - 1] === "\n");
  const isKept = (isInside && (text[at] === "_" || end === at + 1)) || (isFree && !isLineStart);
  return isKept ? end : mask(chars, at, end);
}

/** "[1]", "[^note]" and "[12, 13]" point elsewhere; of "[text](target)" the text stays. */
function maskBracket(text: string, chars: string[], at: number): number {
  const mark = /^\[(?:\^[^\]\s]{1,60}|\d{1,3}(?:, ?\d{1,3}){0,8})\]/.exec(
    text.slice(at, at + LABEL_CHARS_MAX),
  );
  if (mark !== null) return mask(chars, at, at + mark[0].length);
  const close = indexOfWithin(text, "](", at, LABEL_CHARS_MAX);
  return close < 0 ? at + 1 : mask(chars, at, at + 1);
}

function maskLinkTarget(text: string, chars: string[], at: number): number {
  if (text[at + 1] !== "(") return at + 1;
  const end = indexOfWithin(text, ")", at, LINK_TARGET_CHARS_MAX);
  return end < 0 ? at + 1 : mask(chars, at, end + 1);
}

function maskTag(text: string, chars: string[], at: number): number {
  if (!/[a-zA-Z/!]/.test(text[at + 1] ?? "")) return at + 1;
  const end = indexOfWithin(text, ">", at, TAG_CHARS_MAX);
  return end < 0 ? at + 1 : mask(chars, at, end + 1);
}

/** indexOf that gives up after `max` characters: without the bound, a hostile text costs the square of its length. */
function indexOfWithin(text: string, needle: string, from: number, max: number): number {
  const found = text.slice(from, from + max).indexOf(needle);
  return found < 0 ? -1 : from + found;
}

function runEnd(text: string, at: number): number {
  let end = at + 1;
  while (text[end] === text[at]) end++;
  return end;
}

function mask(chars: string[], start: number, end: number): number {
  chars.fill(MASK, start, end);
  return end;
}
