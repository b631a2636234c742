/** Lines of a response with their places: what code blocks, tables and lists are found by. */
export type Line = { readonly text: string; readonly start: number; readonly end: number };

/** Longer responses have no layout to check. */
const CHARS_MAX = 256 * 1024;

let last: { readonly response: string; readonly lines: readonly Line[] } | undefined;

/** The lines of the response asked for last are kept: every claim of a response asks for them. */
export function listLines(response: string): readonly Line[] {
  if (last?.response === response) return last.lines;
  const lines: Line[] = [];
  if (response.length <= CHARS_MAX)
    for (let start = 0; start <= response.length;) {
      const newline = response.indexOf("\n", start);
      const end = newline < 0 ? response.length : newline;
      lines.push({ text: response.slice(start, end).replace(/\r$/, ""), start, end });
      start = end + 1;
    }
  last = { response, lines };
  return lines;
}
