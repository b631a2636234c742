/** Statements about figures that print no result: "9.11 is less than 9.9", "the ratio of 12 to 8 is 3:2", "91 is divisible by 7". */
import { compareRationals, operate, formatRational } from "../../text/rational.ts";
import { figureAt, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";

/** A statement in formal notation, such as "9.11 < 9.9", and whether it holds. */
export type Comparison = {
  readonly start: number;
  readonly end: number;
  readonly statement: string;
  readonly holds: boolean;
};

export type ComparisonForm = (tokens: readonly Token[], at: number) => Comparison | undefined;

const GREATER = "is greater than|is larger than|is bigger than|is more than|is higher than|>".split("|");
const LESS = "is less than|is smaller than|is lower than|is fewer than|<".split("|");

const readOrder: ComparisonForm = (tokens, at) => {
  const left = figureAt(tokens, at);
  const greater = matchPhrase(tokens, at + 1, GREATER);
  const next = greater ?? matchPhrase(tokens, at + 1, LESS);
  const right = figureAt(tokens, next);
  if (left === undefined || next === undefined || right === undefined) return undefined;
  if (left.figure.isPercent !== right.figure.isPercent) return undefined;
  const order = compareRationals(left.figure.value, right.figure.value);
  const sign = greater === undefined ? "<" : ">";
  const statement = `${formatRational(left.figure.value)} ${sign} ${formatRational(right.figure.value)}`;
  return { start: at, end: next + 1, statement, holds: order === (sign === ">" ? 1 : -1) };
};

const readRatioPair: ComparisonForm = (tokens, at) => {
  const first = matchPhrase(tokens, at, ["the ratio of", "ratio of"]);
  const second = first === undefined ? undefined : matchPhrase(tokens, first + 1, ["to"]);
  const third =
    second === undefined
      ? undefined
      : matchPhrase(tokens, second + 1, ["is", "equals", "simplifies to", "="]);
  const fourth = third === undefined ? undefined : matchPhrase(tokens, third + 1, ["to", ":", "/"]);
  const [a, b, c, d] = [first, second, third, fourth].map((place) => figureAt(tokens, place)?.figure.value);
  if (a === undefined || b === undefined || c === undefined || d === undefined || fourth === undefined)
    return undefined;
  const [left, right] = [operate(a, "*", d), operate(b, "*", c)];
  if (left === undefined || right === undefined || b.n === 0n || d.n === 0n) return undefined;
  const statement = `${formatRational(a)}*${formatRational(d)} = ${formatRational(b)}*${formatRational(c)}`;
  return { start: at, end: fourth + 1, statement, holds: compareRationals(left, right) === 0 };
};

const readDivisible: ComparisonForm = (tokens, at) => {
  const value = figureAt(tokens, at)?.figure.value;
  const by = matchPhrase(tokens, at + 1, ["is divisible by", "is evenly divisible by", "is a multiple of"]);
  const parity = matchPhrase(tokens, at + 1, ["is an even number", "is even", "is an odd number", "is odd"]);
  const divisor = by === undefined ? 2n : figureAt(tokens, by)?.figure.value.n;
  const end = by === undefined ? parity : by + 1;
  if (value?.d !== 1n || divisor === undefined || divisor <= 0n || end === undefined) return undefined;
  if (by !== undefined && figureAt(tokens, by)?.figure.value.d !== 1n) return undefined;
  const isOdd = tokens.slice(at, end).some(({ lower }) => lower === "odd");
  const remainder = ((value.n % divisor) + divisor) % divisor;
  return {
    start: at,
    end,
    statement: `${value.n} mod ${divisor} ${isOdd ? "!=" : "="} 0`,
    holds: (remainder === 0n) !== isOdd,
  };
};

export const COMPARISON_FORMS: readonly ComparisonForm[] = [readOrder, readRatioPair, readDivisible];
