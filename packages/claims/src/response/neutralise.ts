/** A copy of the response whose inline marks are taken out: same length, same blocks, and no quadratic inline parsing. */

/** Deeper quotation and list nesting is read as text. The parser's time grows with the square of the depth. */
const NESTING_MAX = 8;
const LINE_HEAD_CHARS = 200;
/** A wider table is not read as one. */
const COLUMNS_MAX = 50;

/**
 * Only the blocks are wanted from the parser, and its inline part needs minutes for 100 KB of brackets or asterisks. Marks become
 * letters; what decides the kind of block stays, and so do the bars of a table.
 */
export function neutraliseInline(response: string): string {
  const lines = response.split("\n");
  const inTable = findTableLines(lines);
  return lines
    .map((line, at) => {
      if (inTable.has(at)) return neutralise(line, /[^\p{L}\p{M}\p{N}\s|:-]/gu, findLineHead(line));
      return neutralise(line, /[^\p{L}\p{M}\p{N}\s]/gu, findLineHead(line));
    })
    .join("\n");
}

function neutralise(line: string, marks: RegExp, head: number): string {
  const body = line.slice(head).replaceAll(/\\[|]/g, "xx");
  return line.slice(0, head) + body.replaceAll(marks, (mark) => "x".repeat(mark.length));
}

/** Lines with bars around a line of bars and dashes. */
function findTableLines(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (
      found.has(at) ||
      line.length > LINE_HEAD_CHARS ||
      !/^[\s>|:-]*-[\s|:-]*$/.test(line) ||
      !line.includes("|")
    )
      continue;
    if (!isRow(lines[at - 1])) continue;
    found.add(at - 1).add(at);
    for (let below = at + 1; isRow(lines[below]); below++) found.add(below);
  }
  return found;
}

function isRow(line: string | undefined): boolean {
  return (
    line !== undefined && line.includes("|") && line.split("|", COLUMNS_MAX + 2).length <= COLUMNS_MAX + 1
  );
}

/** End of what decides the kind of block: containers, then a heading mark, a fence or a rule. */
function findLineHead(line: string): number {
  let at = 0;
  for (let depth = 0; depth < NESTING_MAX; depth++) {
    const container = /^[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]|\r?$))/.exec(
      line.slice(at, at + LINE_HEAD_CHARS),
    );
    if (container === null) break;
    at += container[0].length;
  }
  const leaf = /^[ \t]*(?:#{1,6}(?=[ \t]|\r?$)|`{3,}(?!.*`)|~{3,}|(?:=+|-+)[ \t]*\r?$)/.exec(line.slice(at));
  return at + (leaf?.[0].length ?? 0);
}
