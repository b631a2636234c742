/** Statements over lists: sums, differences, products, averages, roots, prices. */
import { compareRationals, squareRoot } from "../../text/rational.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import {
  combine,
  concludeWith,
  constant,
  readRelation,
  skipArticle,
  skipNouns,
  toTerm,
  type Form,
  type Term,
} from "./match.ts";

const LIST_MAX = 50;
type List = { readonly figures: readonly FigureToken[]; readonly next: number };

/** "3, 4 and 5": at least two figures. */
function readList(tokens: readonly Token[], from: number): List | undefined {
  const figures: FigureToken[] = [];
  let next = from;
  for (let at: number | undefined = from; at !== undefined && figures.length < LIST_MAX;) {
    const figure = figureAt(tokens, at);
    if (figure === undefined) break;
    figures.push(figure);
    next = skipNouns(tokens, at + 1, 2);
    at = matchPhrase(tokens, next, [", and", "and", ",", "&"]);
  }
  return figures.length < 2 ? undefined : { figures, next };
}

function addAll(figures: readonly FigureToken[]): Term {
  return figures.map(toTerm).reduce((left, right) => combine(left, "+", right));
}

type Aggregate = (figures: readonly FigureToken[]) => Term | undefined;
const AGGREGATES: ReadonlyArray<readonly [phrases: readonly string[], compute: Aggregate]> = [
  [["sum of", "total of", "sum total of"], addAll],
  [["product of"], (figures) => figures.map(toTerm).reduce((left, right) => combine(left, "*", right))],
  [["difference between", "difference of"], (figures) => onTwo(figures, subtractSmaller)],
  [["quotient of"], (figures) => onTwo(figures, (left, right) => combine(left, "/", right))],
  [
    ["average of", "mean of", "arithmetic mean of"],
    (figures) => combine(addAll(figures), "/", constant(figures.length)),
  ],
];

function onTwo(
  figures: readonly FigureToken[],
  compute: (left: Term, right: Term) => Term,
): Term | undefined {
  const [left, right, ...more] = figures;
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  return compute(toTerm(left), toTerm(right));
}

function subtractSmaller(left: Term, right: Term): Term {
  const isKnown = left.value !== undefined && right.value !== undefined;
  const isLess = isKnown && compareRationals(left.value, right.value) < 0;
  return isLess ? combine(right, "-", left) : combine(left, "-", right);
}

function readAggregate(
  tokens: readonly Token[],
  at: number,
): { readonly term: Term; readonly next: number } | undefined {
  const from = skipArticle(tokens, at);
  for (const [phrases, compute] of AGGREGATES) {
    const next = matchPhrase(tokens, from, phrases);
    const list = next === undefined ? undefined : readList(tokens, next);
    const term = list === undefined ? undefined : compute(list.figures);
    if (list !== undefined && term !== undefined) return { term, next: list.next };
  }
  return undefined;
}

const readAggregateFirst: Form = (tokens, at) => {
  const aggregate = readAggregate(tokens, at);
  return aggregate === undefined ? undefined : concludeWith(tokens, at, aggregate.next, aggregate.term);
};

const readAggregateLast: Form = (tokens, at) => {
  const printed = figureAt(tokens, at);
  const relation = readRelation(tokens, at + 1);
  const aggregate = relation === undefined ? undefined : readAggregate(tokens, relation.next);
  if (printed === undefined || relation === undefined || aggregate === undefined) return undefined;
  const { isApproximate } = relation;
  return { start: at, end: aggregate.next, term: aggregate.term, printed, isApproximate };
};

const GERUNDS: ReadonlyArray<
  readonly [verb: string, joint: string, compute: (left: Term, right: Term) => Term]
> = [
  ["adding", "and", (left, right) => combine(left, "+", right)],
  ["adding", "to", (left, right) => combine(left, "+", right)],
  ["subtracting", "from", (left, right) => combine(right, "-", left)],
  ["multiplying", "by", (left, right) => combine(left, "*", right)],
  ["multiplying", "and", (left, right) => combine(left, "*", right)],
  ["dividing", "by", (left, right) => combine(left, "/", right)],
];

/** "Dividing 100 by 4 gives 25". */
const readGerund: Form = (tokens, at) => {
  for (const [verb, joint, compute] of GERUNDS) {
    const next = matchPhrase(tokens, at, [verb]);
    const left = figureAt(tokens, next);
    const from = next === undefined ? undefined : matchPhrase(tokens, next + 1, [joint]);
    const right = figureAt(tokens, from);
    if (from === undefined || left === undefined || right === undefined) continue;
    return concludeWith(tokens, at, from + 1, compute(toTerm(left), toTerm(right)));
  }
  return undefined;
};

const ADD_UP = "add up to|adds up to|sum to|sums to|together make|together are|combine to|total".split("|");

/** "20, 30 and 50 add up to 100". */
const readAddUp: Form = (tokens, at) => {
  const list = readList(tokens, at);
  const next = list === undefined ? undefined : matchPhrase(tokens, list.next, ADD_UP);
  const printed = figureAt(tokens, next);
  if (list === undefined || next === undefined || printed === undefined) return undefined;
  return { start: at, end: next + 1, term: addAll(list.figures), printed, isApproximate: false };
};

/** "The square root of 144 is 12": of perfect squares only. */
const readRoot: Form = (tokens, at) => {
  const next = matchPhrase(tokens, skipArticle(tokens, at), ["square root of"]);
  const radicand = figureAt(tokens, next);
  const root = radicand === undefined ? undefined : squareRoot(radicand.figure.value);
  if (next === undefined || radicand === undefined || root === undefined) return undefined;
  return concludeWith(tokens, at, next + 1, { source: `sqrt(${toTerm(radicand).source})`, value: root });
};

const COSTS = "cost|costs|will cost|for a total of|come to|comes to|total|totals|is|are|make|makes|=".split(
  "|",
);

/** "12 boxes at 5 euros each cost 60 euros", "3 tickets at $15 apiece come to $45 in total". */
const readPrice: Form = (tokens, at) => {
  const count = figureAt(tokens, at);
  const nouns = skipNouns(tokens, at + 1, 3);
  const rate = matchPhrase(tokens, nouns, ["at", "for", "of"]);
  const price = figureAt(tokens, rate);
  if (count === undefined || rate === undefined || price === undefined || nouns === at + 1) return undefined;
  const unit = skipNouns(tokens, rate + 1, 2);
  const each =
    matchPhrase(tokens, unit, ["each", "apiece"]) ?? (tokens[unit]?.lower === "per" ? unit + 2 : undefined);
  if (each === undefined) return undefined;
  const total = matchPhrase(tokens, tokens[each]?.text === "," ? each + 1 : each, COSTS);
  const printed = figureAt(tokens, total);
  if (total === undefined || printed === undefined) return undefined;
  const named = skipNouns(tokens, total + 1, 2);
  const end = matchPhrase(tokens, named, ["in total", "altogether"]) ?? named;
  return { start: at, end, term: combine(toTerm(count), "*", toTerm(price)), printed, isApproximate: false };
};

export const AGGREGATE_FORMS: readonly Form[] = [
  readAggregateFirst,
  readAggregateLast,
  readAddUp,
  readGerund,
  readRoot,
  readPrice,
];
