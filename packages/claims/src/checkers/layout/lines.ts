/** Lines of a response with their places: what code blocks, tables and lists are found by. */
import { rememberLast } from "./remember.ts";

export type Line = { readonly text: string; readonly start: number; readonly end: number };

/** Longer responses have no layout to check. */
const CHARS_MAX = 256 * 1024;

export const listLines = rememberLast(splitLines);

function splitLines(response: string): readonly Line[] {
  const lines: Line[] = [];
  if (response.length > CHARS_MAX) return lines;
  for (let start = 0; start <= response.length;) {
    const newline = response.indexOf("\n", start);
    const end = newline < 0 ? response.length : newline;
    lines.push({ text: response.slice(start, end).replace(/\r$/, ""), start, end });
    start = end + 1;
  }
  return lines;
}
