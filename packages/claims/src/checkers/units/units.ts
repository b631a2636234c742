/** The unit checker: "8,848.86 m (29,031.7 ft)", "a mile is 1.6 km", "there are 12 inches in a foot", judged by printed precision. */
import type { Checker, Claim, Finding } from "../../types.ts";
import { createFigure, getHalfUnit, isWithin, type Figure } from "../../text/figure.ts";
import { compareRationals, formatRational, operate, type Rational } from "../../text/rational.ts";
import type { FigureToken, Token } from "../../text/tokens.ts";
import { isWhole, matchPhrase, readClaim, skipApproximators } from "../reading.ts";
import { summarise, type Statement } from "../statement.ts";
import { readMeasure, readUnit, type Measure } from "./read-measure.ts";
import { convertExactly } from "./convert.ts";
import { listSizes } from "./readings.ts";
import { UNIT_NAMES, type UnitEntry } from "./unit-names.ts";
import { convertInFloat, recheckUnits } from "./recheck.ts";

export const unitChecker: Checker = { name: "units", judges: "truth", check, recheck: recheckUnits };

function check(claim: Claim): Finding {
  const reading = readClaim(claim);
  if (reading === undefined) return { verdict: "not-applicable" };
  return summarise(listStatements(reading.tokens), reading.reservation);
}

type Pair = {
  readonly left: Measure;
  readonly right: Measure;
  readonly start: number;
  readonly end: number;
  readonly isApproximate: boolean;
  /** A pair in brackets only says how big something else is. */
  readonly isAside: boolean;
};

function listStatements(tokens: readonly Token[]): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < tokens.length;) {
    const pair = readContents(tokens, at) ?? readPair(tokens, at);
    if (pair !== undefined) statements.push(judge(tokens, pair));
    at = Math.max(pair?.end ?? 0, at + 1);
  }
  return statements;
}

const EQUALS = "is equal to|are equal to|is|are|equals|equal|converts to|corresponds to|=".split("|");

/** "A m (B ft)", "A m, or B ft", "A m is B ft". */
function readPair(tokens: readonly Token[], at: number): Pair | undefined {
  const left = readMeasure(tokens, at) ?? readOne(tokens, at);
  if (left === undefined || isRange(tokens, at)) return undefined;
  const from = skipDimension(tokens, left.next);
  const bracket = matchPhrase(tokens, from, ["(", "[", ", or", ", i . e .", ", that is"]);
  const verb = matchPhrase(tokens, left.next, EQUALS);
  const joint = bracket ?? verb ?? (tokens[left.next]?.text === "≈" ? left.next + 1 : undefined);
  if (joint === undefined) return undefined;
  const { next, isApproximate } = skipApproximators(tokens, joint);
  const right = readMeasure(tokens, next);
  if (right === undefined || right.name === left.name) return undefined;
  const isClosed =
    !/^[([]$/.test(tokens[from]?.text ?? "") || /^[)\];,/]$/.test(tokens[right.next]?.text ?? "");
  if (!isClosed || isRange(tokens, next)) return undefined;
  return { left, right, start: at, end: right.next, isApproximate, isAside: verb === undefined };
}

/** "1,149 metres long (3,770 ft)". */
function skipDimension(tokens: readonly Token[], at: number): number {
  const next = tokens[at]?.lower === "in" ? at + 2 : at + 1;
  const isDimension =
    /^(?:long|tall|high|wide|deep|thick|length|height|width|depth|diameter|away|above|below)$/;
  const word = tokens[next - 1]?.lower ?? "";
  return isDimension.test(word) && /^[([]$/.test(tokens[next]?.text ?? "") ? next : at;
}

/** "A mile", "one mile". */
function readOne(tokens: readonly Token[], at: number): Measure | undefined {
  const token = tokens[at];
  if (token === undefined || !/^an?$/.test(token.lower)) return undefined;
  const unit = readUnit(tokens, at + 1);
  const figure: FigureToken = { ...token, kind: "figure", figure: createFigure(1n, 0) };
  return unit === undefined ? undefined : { figure, ...unit };
}

/** "There are 12 inches in a foot", "a foot contains 12 inches". */
function readContents(tokens: readonly Token[], at: number): Pair | undefined {
  const there = matchPhrase(tokens, at, ["there are"]);
  const parts = readMeasure(tokens, there);
  const in_ = parts === undefined ? undefined : matchPhrase(tokens, parts.next, ["in"]);
  const whole = in_ === undefined ? undefined : (readMeasure(tokens, in_) ?? readOne(tokens, in_));
  if (parts !== undefined && whole !== undefined)
    return { left: whole, right: parts, start: at, end: whole.next, isApproximate: false, isAside: false };
  const container = readMeasure(tokens, at) ?? readOne(tokens, at);
  const has =
    container === undefined
      ? undefined
      : matchPhrase(tokens, container.next, ["has", "contains", "consists of"]);
  const content = readMeasure(tokens, has);
  if (container === undefined || content === undefined) return undefined;
  return {
    left: container,
    right: content,
    start: at,
    end: content.next,
    isApproximate: false,
    isAside: false,
  };
}

/** The near end of "10 to 12 km (6 to 7 mi)" and the inches of "5 feet 11 inches (180 cm)" say nothing of their own. */
function isRange(tokens: readonly Token[], at: number): boolean {
  const [before, earlier] = [tokens[at - 1], tokens[at - 2]];
  if (before?.kind === "figure" || before?.kind === "unparsed") return true;
  const isJoined = /^(?:to|and|or|-|–|×|x|by|\^|between|,)$/.test(before?.lower ?? "");
  if (isJoined && earlier?.kind === "figure") return true;
  const unitAt = isJoined ? at - 2 : at - 1;
  return UNIT_NAMES.has(tokens[unitAt]?.lower ?? "") && tokens[unitAt - 1]?.kind === "figure";
}

function judge(tokens: readonly Token[], pair: Pair): Statement {
  const { left, right } = pair;
  const leaveOpen = (why: string): Statement => ({
    holds: undefined,
    isWhole: false,
    witness: `${left.name} and ${right.name}: ${why}`,
  });
  const [lefts, rights] = [listEntries(left), listEntries(right)];
  if (lefts.length === 0 || rights.length === 0 || (lefts.length > 1 && rights.length > 1))
    return leaveOpen("one of these units has several sizes");
  const sizes = lefts.flatMap((from) =>
    rights.flatMap((to) => (from.kind === to.kind ? [{ from, to }] : [])),
  );
  if (sizes.length === 0) return leaveOpen("they do not measure the same");
  if (sizes.some(({ from }) => isDifferenceOfTemperature(tokens, from)))
    return leaveOpen("a temperature or a difference of two");
  const outcomes = sizes.map(({ from, to }) => judgeSize(pair, from, to));
  if (!outcomes.every((outcome) => outcome !== undefined)) return leaveOpen("two converters disagree");
  const answers = new Set(outcomes.map(({ holds }) => holds));
  if (answers.size > 1) return leaveOpen("one of these units has several sizes, and they disagree");
  const [holds] = answers;
  const outcome = holds === undefined ? "open, the zeros may be rounding" : holds ? "holds" : "fails";
  const equations = outcomes.map(({ equation }) => equation).join(" or ");
  const witness = `${equations}; printed "${right.figure.text}" at ${right.figure.start}: ${outcome}`;
  return { holds, isWhole: !pair.isAside && isWhole(tokens, pair.start, pair.end), witness };
}

/** One unit, or all the sizes that its name stands for. */
function listEntries({ unit, name }: Measure): UnitEntry[] {
  return unit === "ambiguous" ? listSizes(name, UNIT_NAMES.values()) : [unit];
}

/** "5 × 907.18474 kg = 4535.9237 kg within 0.5"; undefined when the converters disagree. */
function judgeSize(
  pair: Pair,
  from: UnitEntry,
  to: UnitEntry,
): { readonly holds: boolean | undefined; readonly equation: string } | undefined {
  const { value } = pair.left.figure.figure;
  const converted = convertTwice(value, from, to);
  if (converted === undefined) return undefined;
  const { holds, tolerance } = comparePair(pair, getScale(from, to), converted);
  const [left, right] = [printUnit(from), printUnit(to)];
  return {
    holds,
    equation: `${formatRational(value)} ${left} = ${printDecimal(converted)} ${right} within ${printDecimal(tolerance)}`,
  };
}

function printUnit({ quantity, multiple }: UnitEntry): string {
  return multiple === undefined ? quantity : `× ${multiple[0]}/${multiple[1]} ${quantity}`;
}

/** js-quantities computes in floating point, the table exactly; a unit that either has wrong is no ground for a verdict. */
function convertTwice(value: Rational, from: UnitEntry, to: UnitEntry): Rational | undefined {
  const exact = convertExactly(value, from, to);
  const scaled = (Number(value.n) / Number(value.d)) * toNumber(from.multiple);
  const float = convertInFloat(scaled, from.quantity, to.quantity) / toNumber(to.multiple);
  const expected = exact === undefined ? Number.NaN : Number(exact.n) / Number(exact.d);
  return Math.abs(float - expected) <= 1e-9 * Math.max(1, Math.abs(expected)) ? exact : undefined;
}

function toNumber([over, under]: readonly [bigint, bigint] = [1n, 1n]): number {
  return Number(over) / Number(under);
}

type PairComparison = { readonly holds: boolean | undefined; readonly tolerance: Rational };

function comparePair(pair: Pair, scale: Rational, converted: Rational): PairComparison {
  const printed = pair.right.figure.figure;
  const isNear = (tolerance: Rational): boolean => isWithin(printed.value, converted, tolerance);
  const tight = getHalfUnit(printed.place);
  if (pair.isAside) return compareAside(pair, scale, isNear);
  if (!pair.isApproximate) return { holds: isNear(tight), tolerance: tight };
  const loose = getHalfUnit(printed.loosePlace);
  const tenth = { n: converted.n < 0n ? -converted.n : converted.n, d: converted.d * 10n };
  return { holds: isNear(loose) ? true : isNear(tenth) ? undefined : false, tolerance: loose };
}

/**
 * Two prints of one size, each rounded: they agree when the ranges they stand for meet. Zeros that end a whole number may be
 * rounding too ("100 km (60 miles)"): only a pair that fails even so is refuted.
 */
function compareAside(
  { left, right }: Pair,
  scale: Rational,
  isNear: (tolerance: Rational) => boolean,
): PairComparison {
  const [one, other] = [left.figure.figure, right.figure.figure];
  const combineHalves = (leftPlace: number, rightPlace: number): Rational => {
    const [half, rest] = [getHalfUnit(leftPlace), getHalfUnit(rightPlace)];
    return operate(operate(half, "*", scale) ?? half, "+", rest) ?? rest;
  };
  const tight = combineHalves(one.place, other.place);
  if (isNear(tight)) return { holds: true, tolerance: tight };
  const forward = combineHalves(one.place, other.loosePlace);
  const backward = combineHalves(keepTwoDigits(one), other.place);
  const loose = compareRationals(forward, backward) > 0 ? forward : backward;
  return { holds: isNear(loose) ? undefined : false, tolerance: loose };
}

/** Place of the last digit when zeros may be rounding, but never of the first digit alone. */
function keepTwoDigits({ value, place, loosePlace }: Figure): number {
  const digits = (value.n < 0n ? -value.n : value.n) / value.d;
  return Math.max(place, Math.min(loosePlace, String(digits).length - 2));
}

function getScale(from: UnitEntry, to: UnitEntry): Rational {
  const scale = { n: from.factor[0] * to.factor[1], d: from.factor[1] * to.factor[0] };
  return operate(scale, "*", { n: 1n, d: 1n }) ?? scale;
}

/** "Warmed by 2 °C (3.6 °F)" converts without the offset; which is meant, the print does not say. */
function isDifferenceOfTemperature(tokens: readonly Token[], unit: UnitEntry): boolean {
  return (
    unit.kind === "temperature" &&
    tokens.some(({ lower }) =>
      /^(?:by|warming|warmed|warmer|cooler|cooled|rise|rose|risen|increase[ds]?|difference|drop(?:ped)?|fell|above|below|within|range|per)$/.test(
        lower,
      ),
    )
  );
}

/** Enough digits to see by how much a pair is off. */
function printDecimal({ n, d }: Rational): string {
  const [sign, size] = n < 0n ? ["-", -n] : ["", n];
  const scaled = (size * 1_000_000n) / d;
  return `${sign}${scaled / 1_000_000n}.${String(scaled % 1_000_000n).padStart(6, "0")}`.replace(
    /\.?0+$/,
    "",
  );
}
