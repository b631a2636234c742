/** The arithmetic checker: finds computed statements in a claim and computes them exactly. */
import type { Checker, Finding } from "../../types.ts";
import { getHalfUnit, isWithin, type Figure } from "../../text/figure.ts";
import {
  compareRationals,
  describeRational,
  formatRational,
  fromInteger,
  operate,
  ZERO,
  type Rational,
} from "../../text/rational.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { isWhole, readClaim, type Reading } from "../reading.ts";
import { summarise, type Statement } from "../statement.ts";
import { AGGREGATE_FORMS } from "./aggregates.ts";
import { CHANGE_FORMS } from "./changes.ts";
import { COMPARISON_FORMS } from "./comparisons.ts";
import { readEquation, readIdentity } from "./expression.ts";
import type { Form, Match } from "./match.ts";
import { recheckArithmetic } from "./recheck.ts";
import { SHARE_FORMS } from "./shares.ts";

export const arithmeticChecker: Checker = {
  name: "arithmetic",
  judges: "truth",
  check,
  recheck: recheckArithmetic,
};

const FORMS: readonly Form[] = [...CHANGE_FORMS, ...SHARE_FORMS, ...AGGREGATE_FORMS, readEquation];

function check(claim: Parameters<Checker["check"]>[0]): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  return summarise(listStatements(reading), reading.reservation);
}

/** Statements from left to right; one never begins inside another. */
function listStatements({ tokens }: Reading): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < tokens.length;) {
    const found = readStatement(tokens, at);
    if (found !== undefined) statements.push(found.statement);
    at = found?.end ?? at + 1;
  }
  return statements;
}

function readStatement(
  tokens: readonly Token[],
  at: number,
): { statement: Statement; end: number } | undefined {
  for (const form of FORMS) {
    const match = form(tokens, at);
    if (match === undefined || isPartOfMore(tokens, match.start, match.end)) continue;
    return { statement: judge(tokens, match), end: Math.max(match.end, at + 1) };
  }
  for (const form of [readIdentity, ...COMPARISON_FORMS]) {
    const found = form(tokens, at);
    if (found === undefined || isPartOfMore(tokens, found.start, found.end)) continue;
    const witness = `${found.statement}: ${found.holds ? "holds" : "fails"}`;
    const isWholeClaim = isWhole(tokens, found.start, found.end);
    return { statement: { holds: found.holds, isWhole: isWholeClaim, witness }, end: found.end };
  }
  return undefined;
}

/** What stands right beside it would change the value: an operator, another number, "or 35". */
function isPartOfMore(tokens: readonly Token[], start: number, end: number): boolean {
  const [before, after, next] = [tokens[start - 1], tokens[end], tokens[end + 1]];
  const isTied = (token: Token | undefined): boolean =>
    token !== undefined &&
    (token.kind === "unparsed" || token.kind === "figure" || /^[-+−–×*·÷/^=<>≈:°²³]$/.test(token.text));
  // "by 60 % from 20 to 30": what stands before "from" is read as part of the statement.
  const isFrom = tokens[start]?.lower === "from";
  if ((isTied(before) && !isFrom) || isTied(after)) return true;
  if (/^(?:of|times|plus|minus|by|than|over|squared|x)$/.test(before?.lower ?? "") && !isFrom) return true;
  if (/^(?:times|plus|minus|multiplied|divided|squared|cubed|percentage)$/.test(after?.lower ?? ""))
    return true;
  return /^(?:or|to|and)$/.test(after?.lower ?? "") && next?.kind === "figure";
}

/** "From 1.2 to 1.5 million", "10 and 20 %": the last word may belong to both figures. */
function sharesMagnitude(tokens: readonly Token[], start: number, end: number): boolean {
  for (let at = start; at + 2 < end; at++) {
    const [left, right] = [figureAt(tokens, at), figureAt(tokens, at + 2)];
    if (left === undefined || right === undefined) continue;
    if (!/^(?:and|to|,|or|&|[-+−–]|plus|minus)$/.test(tokens[at + 1]?.lower ?? "")) continue;
    const isOnlyRight = (test: (token: FigureToken) => boolean): boolean => test(right) && !test(left);
    if (isOnlyRight(({ figure }) => figure.place > 0) || isOnlyRight(({ figure }) => figure.isPercent))
      return true;
  }
  return false;
}

function judge(tokens: readonly Token[], match: Match): Statement {
  const { term, printed, isApproximate, start, end } = match;
  if (sharesMagnitude(tokens, start, end))
    return {
      holds: undefined,
      isWhole: false,
      witness: `${term.source}: a magnitude may belong to two figures`,
    };
  if (term.value === undefined)
    return { holds: undefined, isWhole: false, witness: `${term.source} has no value within bounds` };
  const exact = printed.figure.isPercent
    ? (operate(term.value, "*", fromInteger(100)) ?? term.value)
    : term.value;
  const source = printed.figure.isPercent ? `(${term.source}*100)` : term.source;
  const { holds, tolerance } = comparePrinted(printed.figure, exact, isApproximate);
  const outcome = holds === undefined ? "rounded, and the text does not say so" : holds ? "holds" : "fails";
  const witness = `${source} = ${describeRational(exact)}; printed "${printed.text}" at ${printed.start}, within ${formatRational(tolerance)}: ${outcome}`;
  return { holds, isWhole: match.isFactual !== true && isWhole(tokens, start, end), witness };
}

type PrintedComparison = { readonly holds: boolean | undefined; readonly tolerance: Rational };

/**
 * Printed precision is the tolerance. A whole number for a result that is none leaves open whether it was rounded; percentages and
 * "3.5 billion" are rounded as a rule. After "about", the zeros at the end of a whole number are not taken as meant.
 */
function comparePrinted(printed: Figure, exact: Rational, isApproximate: boolean): PrintedComparison {
  const tolerance = getHalfUnit(isApproximate ? printed.loosePlace : printed.place);
  if (compareRationals(printed.value, exact) === 0) return { holds: true, tolerance };
  const isNear = isWithin(printed.value, exact, tolerance);
  if (isApproximate) {
    if (isNear) return { holds: true, tolerance };
    const isFar = !isWithin(printed.value, exact, tenthOf(exact));
    return { holds: isFar ? false : undefined, tolerance };
  }
  const isRounding = printed.place !== 0 || printed.isPercent;
  if (!isNear || (exact.d === 1n && printed.place === 0)) return { holds: false, tolerance };
  return { holds: isRounding ? true : undefined, tolerance };
}

function tenthOf(value: Rational): Rational {
  const { n, d } = value;
  return n === 0n ? ZERO : { n: n < 0n ? -n : n, d: d * 10n };
}
