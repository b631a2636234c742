/** What a form of arithmetic statement finds in the tokens, and the small steps that forms are made of. */
import { formatRational, fromInteger, operate, type Operator, type Rational } from "../../text/rational.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { matchPhrase, skipApproximators } from "../reading.ts";

/** An expression in formal notation with its value: "((12/100)*250)" and 30. No value: division by zero, or beyond bounds. */
export type Term = { readonly source: string; readonly value: Rational | undefined };

export type Match = {
  /** Tokens from `start` up to `end` are the statement. */
  readonly start: number;
  readonly end: number;
  readonly term: Term;
  readonly printed: FigureToken;
  readonly isApproximate: boolean;
  /** Says more than it computes: "30 of the 250 agreed (12 %)" is no proof that they did. */
  readonly isFactual?: boolean;
};

/** A form reads a statement that begins at token `at`. */
export type Form = (tokens: readonly Token[], at: number) => Match | undefined;

export function toTerm({ figure }: FigureToken): Term {
  const plain = { source: formatRational(figure.value), value: figure.value };
  return figure.isPercent ? combine(plain, "/", constant(100)) : plain;
}

export function constant(value: number): Term {
  return { source: String(value), value: fromInteger(value) };
}

export function combine(left: Term, operator: Operator, right: Term): Term {
  const isKnown = left.value !== undefined && right.value !== undefined;
  const value = isKnown ? operate(left.value, operator, right.value) : undefined;
  return { source: `(${left.source}${operator}${right.source})`, value };
}

const RELATIONS =
  "is equal to|are equal to|equals to|comes to|come to|amounts to|amount to|works out to|works out at|works out as|adds up to|add up to|sums to|results in|is the same as|evaluates to|gives us|is|are|was|were|equals|equal|makes|make|gives|give|yields|totals|=".split(
    "|",
  );

/** "is about", "=", "≈": index of what follows. */
export function readRelation(
  tokens: readonly Token[],
  at: number,
): { readonly next: number; readonly isApproximate: boolean } | undefined {
  const next = matchPhrase(tokens, tokens[at]?.text === "," ? at + 1 : at, RELATIONS);
  if (next !== undefined) return skipApproximators(tokens, next);
  return tokens[at]?.text === "≈" ? { next: at + 1, isApproximate: true } : undefined;
}

const STRUCTURE = new Set(
  "is are was were equals equal makes make gives give yields totals total plus minus times multiplied divided of to from by and or than at each apiece per in on for with squared cubed more less greater higher lower larger smaller bigger fewer not out over percent add adds sum sums together combine come comes cost costs x increased raised decreased reduced lowered discounted".split(
    " ",
  ),
);

/** Steps over up to `max` words that name what is counted: "respondents", "square metres". */
export function skipNouns(tokens: readonly Token[], from: number, max: number): number {
  let next = from;
  while (next < from + max && tokens[next]?.kind === "word" && !STRUCTURE.has(tokens[next]?.lower ?? ""))
    next++;
  return next;
}

export function skipArticle(tokens: readonly Token[], at: number): number {
  return /^(?:the|a|an|all|its|their|our|these|those)$/.test(tokens[at]?.lower ?? "") ? at + 1 : at;
}

/** The relation at `at` and the figure after it, as the end of a statement that began at `start`. */
export function concludeWith(
  tokens: readonly Token[],
  start: number,
  at: number,
  term: Term,
): Match | undefined {
  const relation = readRelation(tokens, at);
  const printed = figureAt(tokens, relation?.next);
  if (relation === undefined || printed === undefined) return undefined;
  const end = skipNouns(tokens, relation.next + 1, 2);
  return { start, end, term, printed, isApproximate: relation.isApproximate };
}
