/** The table checker: a total, in a row of its own or in a sentence, against the sum of the column. */
import type { Checker, Claim, Finding } from "../../types.ts";
import { getHalfUnit, type Figure } from "../../text/figure.ts";
import {
  absDifference,
  compareRationals,
  formatRational,
  operate,
  ZERO,
  type Rational,
} from "../../text/rational.ts";
import { figureAt, tokenize, type FigureToken } from "../../text/tokens.ts";
import { listStems, listWords } from "../../sources/words.ts";
import { listTables, type Table, type TableRow } from "../layout/tables.ts";
import { saysOnly } from "../only.ts";
import { matchPhrase, readClaim } from "../reading.ts";
import { summarise, type Statement } from "../statement.ts";
import { recheckTotals } from "./recheck.ts";

export const tableChecker: Checker = { name: "tables", judges: "truth", check, recheck: recheckTotals };

function check(claim: Claim, response: string): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  const tables = listTables(response);
  const own = tables.flatMap((table) =>
    table.rows.flatMap((row) =>
      row.start < claim.end && claim.start < row.end && isTotalRow(row) ? judgeRow(table, row, claim) : [],
    ),
  );
  if (own.length > 0) return summarise(own, reading.reservation);
  const said = tables.length === 1 && tables[0] !== undefined ? readSaid(claim, tables[0]) : undefined;
  return summarise(said === undefined ? [] : [said], reading.reservation);
}

const TOTAL_LABEL = /^[*_\s]*(?:grand |overall )?(?:total|sum)s?[*_:\s]*$/i;
/** Rows that are themselves sums, and columns that nobody adds up. */
const SUBTOTAL = /\b(?:sub-?total|total|sum|average|mean|median|of which|thereof)\b/i;
const NOT_ADDED =
  /\b(?:rate|average|mean|median|per|price|share|growth|change|ratio|year|date|rank|score|age|no|id)\b|%|#/i;

function isTotalRow({ cells }: TableRow): boolean {
  return TOTAL_LABEL.test(cells[0] ?? "");
}

function judgeRow(table: Table, row: TableRow, claim: Claim): Statement[] {
  return row.cells.flatMap((cell, column) => {
    const isMeant = column > 0 && isSaid(cell, table.header[column] ?? "", claim);
    const printed = isMeant ? readCell(cell) : undefined;
    return printed === undefined ? [] : [judgeColumn(table, column, printed, `cell ${row.start}`)];
  });
}

/** A claim that is made of pieces is about the cells that it has: "Total — Cost: 60". Another is the row as it stands. */
function isSaid(cell: string, head: string, { text, pieces }: Claim): boolean {
  return pieces === undefined || plain(text).endsWith(` — ${plain(head)}: ${plain(cell)}`);
}

const plain = (text: string): string => text.replaceAll(/[*_`]/g, "").replaceAll(/\s+/g, " ").trim();

/** "The Cost column adds up to 60", "the total in the table is 60". */
function readSaid(claim: Claim, table: Table): Statement | undefined {
  const tokens = tokenize(claim.text.replaceAll(/[*_`|]/g, " ")) ?? [];
  const at = tokens.findIndex(
    (_, index) =>
      matchPhrase(tokens, index, ["total", "totals", "sum", "add up", "adds up", "sums to"]) !== undefined,
  );
  const figures = tokens.flatMap((_, index) => figureAt(tokens, index) ?? []);
  const [printed, ...others] = figures;
  if (at < 0 || printed === undefined || others.length > 0 || /\p{L}/u.test(printed.text)) return undefined;
  if (tokens.some(({ kind }) => kind === "unparsed" || kind === "ordinal")) return undefined;
  const said = new Set(listStems(listWords(claim.text)));
  const isNamed = (column: number): boolean => {
    const stems = listStems(listWords(table.header[column] ?? ""));
    return stems.length > 0 && stems.every((stem) => said.has(stem));
  };
  const columns = table.header.flatMap((_, column) => (column > 0 ? [column] : [])).filter(isNamed);
  const [column, ...more] = columns;
  if (column === undefined || more.length > 0) return undefined;
  const vocabulary = new Set([
    ...VOCABULARY,
    ...listWords(table.header[column] ?? "").map(({ lower }) => lower),
  ]);
  const statement = judgeColumn(table, column, printed, `claim ${printed.start}`);
  return { ...statement, isWhole: saysOnly(claim.text, vocabulary) };
}

const VOCABULARY = new Set(
  "total totals sum sums add adds added up column row rows table all equals equal comes amounts".split(" "),
);

function readCell(cell: string): FigureToken | undefined {
  // "1.5 million" beside "300,000" is read, but two cells of one column print alike.
  if (/\p{L}/u.test(cell)) return undefined;
  const tokens = tokenize(cell.replaceAll(/[*_`]/g, "").trim()) ?? [];
  const figure = figureAt(tokens, 0);
  return tokens.length === 1 ? figure : undefined;
}

/** `place` tells where the printed total stands: in a row or in the claim. */
function judgeColumn(table: Table, column: number, printed: FigureToken, place: string): Statement {
  const name = table.header[column] ?? "";
  const leaveOpen = (why: string): Statement => ({
    holds: undefined,
    isWhole: false,
    witness: `column ${JSON.stringify(name)}: ${why}`,
  });
  const rows = table.rows.filter((row) => !isTotalRow(row));
  if (rows.length < 2) return leaveOpen("fewer than two rows to add up");
  if (NOT_ADDED.test(name)) return leaveOpen("a column of this kind is not added up");
  if (rows.some(({ cells }) => SUBTOTAL.test(cells[0] ?? "")))
    return leaveOpen("some rows are sums themselves");
  const figures = rows.map(({ cells }) => readCell(cells[column] ?? "")?.figure);
  if (!figures.every((figure) => figure !== undefined)) return leaveOpen("not every cell is one number");
  const all = [...figures, printed.figure];
  if (new Set(all.map(({ isPercent }) => isPercent)).size > 1) return leaveOpen("percentages among numbers");
  const sum = addUp(figures);
  if (sum === undefined) return leaveOpen("the sum is out of bounds");
  const difference = absDifference(printed.figure.value, sum);
  const play = measurePlay(all, name);
  const holds =
    compareRationals(difference, ZERO) === 0 ? true : isAtMost(difference, play) ? undefined : false;
  const outcome = holds === undefined ? "open, the cells may be rounded" : holds ? "holds" : "fails";
  const witness = `column ${JSON.stringify(name)} = ${formatRational(sum)}; ${place} has "${printed.text}", play ${formatRational(play)}: ${outcome}`;
  return { holds, isWhole: true, witness };
}

function addUp(figures: readonly Figure[]): Rational | undefined {
  return figures.reduce<Rational | undefined>((sum, { value }) => sum && operate(sum, "+", value), ZERO);
}

/** Whole numbers and amounts of money are exact; other decimals, and thousands, were rounded one by one. */
function measurePlay(figures: readonly Figure[], name: string): Rational {
  const isScaled = /\b(?:thousands?|millions?|billions?|000s?|[kmb]n?)\b/i.test(name);
  const isMoney = figures.every(({ currency, place }) => place === 0 || (place === -2 && currency !== ""));
  if (isMoney && !isScaled && !figures.some(({ isPercent }) => isPercent)) return ZERO;
  const half = getHalfUnit(Math.max(...figures.map(({ place }) => place)));
  return operate(half, "*", { n: BigInt(figures.length), d: 1n }) ?? half;
}

function isAtMost(difference: Rational, play: Rational): boolean {
  return compareRationals(difference, play) <= 0;
}
