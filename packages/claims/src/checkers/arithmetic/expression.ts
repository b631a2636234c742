/** Reads sums, products and brackets from tokens: "3 + 4 × 2", "twelve times five", "120 tickets × 15 euros". */
import { compareRationals, type Operator } from "../../text/rational.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import type { Comparison } from "./comparisons.ts";
import { combine, constant, readRelation, skipNouns, toTerm, type Match, type Term } from "./match.ts";

const DEPTH_MAX = 16;
const OPERATORS: ReadonlyArray<readonly [phrase: string, operator: Operator, rank: number]> = [
  ["multiplied by", "*", 2],
  ["divided by", "/", 2],
  ["to the power of", "^", 3],
  ["plus", "+", 1],
  ["minus", "-", 1],
  ["times", "*", 2],
  ["+", "+", 1],
  ["-", "-", 1],
  ["−", "-", 1],
  ["–", "-", 1],
  ["×", "*", 2],
  ["*", "*", 2],
  ["x", "*", 2],
  ["·", "*", 2],
  ["÷", "/", 2],
  ["/", "/", 2],
  ["^", "^", 3],
];

type Expression = {
  readonly term: Term;
  readonly next: number;
  readonly operators: number;
  /** What is counted, one for each figure that names it. */
  readonly nouns: readonly string[];
  readonly figures: readonly FigureToken[];
  readonly isProduct: boolean;
};

/** "expression = figure" or "figure = expression". */
export function readEquation(tokens: readonly Token[], at: number): Match | undefined {
  const left = readExpression(tokens, at);
  const relation = left === undefined ? undefined : readRelation(tokens, left.next);
  const right = relation === undefined ? undefined : readExpression(tokens, relation.next);
  if (left === undefined || relation === undefined || right === undefined) return undefined;
  if (left.operators > 0 && right.operators > 0) return undefined;
  const [side, result] = right.operators === 0 ? [left, right] : [right, left];
  const [printed] = result.figures;
  if (printed === undefined || (side.operators === 0 && !isPercentForm(side, result))) return undefined;
  if (!fitNouns(side, result.nouns) || mixesPercent(side)) return undefined;
  return { start: at, end: right.next, term: side.term, printed, isApproximate: relation.isApproximate };
}

/** "1/4 + 1/4 = 1/2": an operator on both sides, so both are exact. */
export function readIdentity(tokens: readonly Token[], at: number): Comparison | undefined {
  const left = readExpression(tokens, at);
  const right =
    left !== undefined && tokens[left.next]?.text === "=" ? readExpression(tokens, left.next + 1) : undefined;
  if (left?.term.value === undefined || right?.term.value === undefined) return undefined;
  if (left.operators === 0 || right.operators === 0 || left.nouns.length + right.nouns.length > 0)
    return undefined;
  if (mixesPercent(left) || mixesPercent(right)) return undefined;
  const statement = `${left.term.source} = ${right.term.source}`;
  return {
    start: at,
    end: right.next,
    statement,
    holds: compareRationals(left.term.value, right.term.value) === 0,
  };
}

/** "0.75 is 75 %": the same number, printed in two ways. */
function isPercentForm(side: Expression, result: Expression): boolean {
  const [one, other] = [side.figures[0]?.figure.isPercent, result.figures[0]?.figure.isPercent];
  return one === false && other === true && side.nouns.length + result.nouns.length === 0;
}

/** Sums need one kind of thing; a product's kind must be one of its factors'. "60 minutes × 2 = 2 hours" is no product. */
function fitNouns(side: Expression, result: readonly string[]): boolean {
  if (side.isProduct) return result.every((noun) => side.nouns.includes(noun));
  return new Set([...side.nouns, ...result]).size <= 1;
}

/** "100 + 10 %" has two readings. */
function mixesPercent(side: Expression): boolean {
  const percents = side.figures.filter(({ figure }) => figure.isPercent).length;
  return !side.isProduct && percents > 0 && percents < side.figures.length;
}

type Cursor = {
  readonly tokens: readonly Token[];
  at: number;
  operators: number;
  isProduct: boolean;
  readonly nouns: string[];
  readonly figures: FigureToken[];
};

function readExpression(tokens: readonly Token[], at: number): Expression | undefined {
  const cursor: Cursor = { tokens, at, operators: 0, isProduct: false, nouns: [], figures: [] };
  const term = readTerms(cursor, 1, 0);
  const { operators, isProduct, nouns, figures } = cursor;
  return term === undefined ? undefined : { term, next: cursor.at, operators, isProduct, nouns, figures };
}

/** Precedence climbing. An operator that nothing follows is left standing, and the caller sees it. */
function readTerms(cursor: Cursor, rankMin: number, depth: number): Term | undefined {
  let left = readOperand(cursor, depth);
  while (left !== undefined) {
    const found = readOperator(cursor.tokens, cursor.at);
    if (found === undefined || found.rank < rankMin) break;
    const before = cursor.at;
    cursor.at = found.next;
    const right = readTerms(cursor, found.operator === "^" ? found.rank : found.rank + 1, depth + 1);
    if (right === undefined) {
      cursor.at = before;
      break;
    }
    left = combine(left, found.operator, right);
    cursor.operators++;
    if (found.rank > 1) cursor.isProduct = true;
  }
  return left;
}

function readOperator(
  tokens: readonly Token[],
  at: number,
): { readonly operator: Operator; readonly rank: number; readonly next: number } | undefined {
  for (const [phrase, operator, rank] of OPERATORS) {
    const next = matchPhrase(tokens, at, [phrase]);
    if (next !== undefined) return { operator, rank, next };
  }
  return undefined;
}

function readOperand(cursor: Cursor, depth: number): Term | undefined {
  if (depth >= DEPTH_MAX) return undefined;
  const { tokens } = cursor;
  if (tokens[cursor.at]?.text === "(") return readBracket(cursor, depth);
  const figure = figureAt(tokens, cursor.at);
  if (figure === undefined) return undefined;
  cursor.figures.push(figure);
  cursor.at++;
  const end = readOperator(tokens, cursor.at) === undefined ? skipNouns(tokens, cursor.at, 2) : cursor.at;
  const noun = tokens.slice(cursor.at, end).map(({ lower }) => lower.replace(/s$/, ""));
  if (noun.length > 0) cursor.nouns.push(noun.join(" "));
  cursor.at = end;
  const exponent = POWERS[tokens[cursor.at]?.lower ?? ""];
  if (exponent === undefined) return toTerm(figure);
  cursor.at++;
  cursor.operators++;
  cursor.isProduct = true;
  return combine(toTerm(figure), "^", constant(exponent));
}

const POWERS: Readonly<Record<string, number | undefined>> = { squared: 2, cubed: 3 };

function readBracket(cursor: Cursor, depth: number): Term | undefined {
  cursor.at++;
  const inner = readTerms(cursor, 1, depth + 1);
  if (inner === undefined || cursor.tokens[cursor.at]?.text !== ")") return undefined;
  cursor.at++;
  return inner;
}
