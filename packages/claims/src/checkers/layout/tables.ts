/** Tables of a response: cells by row, with the places of the rows. */
import { listLines } from "./lines.ts";
import { rememberLast } from "./remember.ts";

export type TableRow = { readonly cells: readonly string[]; readonly start: number; readonly end: number };
export type Table = { readonly header: readonly string[]; readonly rows: readonly TableRow[] };

const DELIMITER = /^\s{0,3}\|?\s{0,20}:?-+:?\s{0,20}(?:\|\s{0,20}:?-+:?\s{0,20}){0,50}\|?\s{0,20}$/;
const ROWS_MAX = 1000;

export const listTables = rememberLast(readTables);

function readTables(response: string): readonly Table[] {
  const lines = listLines(response);
  const tables: Table[] = [];
  for (let at = 1; at < lines.length; at++) {
    const [head, delimiter] = [lines[at - 1]?.text ?? "", lines[at]?.text ?? ""];
    if (
      !head.includes("|") ||
      !delimiter.includes("-") ||
      delimiter.length > 1000 ||
      !DELIMITER.test(delimiter)
    )
      continue;
    const header = splitRow(head);
    const rows: TableRow[] = [];
    for (at++; at < lines.length && lines[at]?.text.includes("|") === true && rows.length < ROWS_MAX; at++) {
      const line = lines[at];
      if (line !== undefined) rows.push({ cells: splitRow(line.text), start: line.start, end: line.end });
    }
    tables.push({ header, rows });
  }
  return tables;
}

/** "\|" is a character of its cell. */
export function splitRow(line: string): string[] {
  const trimmed = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return trimmed.split(/(?<!\\)\|/).map((cell) => cell.replaceAll("\\|", "|").trim());
}
