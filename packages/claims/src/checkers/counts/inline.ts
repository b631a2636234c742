/** Lists inside a sentence: "red, yellow and blue". */
export type InlineList = { readonly items: readonly string[]; readonly start: number; readonly end: number };

const ITEM_CHARS_MAX = 80;

/** Items from `from` to the end of the sentence; undefined where commas and "and" leave more than one way to count. */
export function splitInline(text: string, from: number): InlineList | undefined {
  const end = text.length - (/[.!?]?\s*$/.exec(text)?.[0].length ?? 0);
  const body = text.slice(from, end);
  if (body.trim() === "" || /[()[\]:"“”?!]|\betc\b|…|\.\s|\.\.\./.test(body)) return undefined;
  const isBySemicolon = body.includes(";");
  const parts = body.split(isBySemicolon ? ";" : ",");
  const last = parts.pop() ?? "";
  const tail = splitTail(last, parts.length > 0);
  if (tail === undefined) return undefined;
  const items = [...parts, ...tail].map((part) => part.trim());
  if (items.length < 2 || items.some((item) => item === "" || item.length > ITEM_CHARS_MAX)) return undefined;
  // "salt and pepper, oil": one item or two.
  if (!isBySemicolon && parts.some((part) => /\b(?:and|or)\b/.test(part))) return undefined;
  return { items, start: from, end };
}

/** What follows the last comma: "blue", "and blue", or "yellow and blue". */
function splitTail(last: string, hasOthers: boolean): string[] | undefined {
  const led = /^\s*(?:and|or|&)\s+(.+)$/.exec(last)?.[1];
  if (led !== undefined) return /\b(?:and|or)\b/.test(led) ? undefined : [led];
  const pieces = last.split(/\s+(?:and|or|&)\s+/);
  if (pieces.length > 2) return undefined;
  return hasOthers || pieces.length === 2 ? pieces : undefined;
}
