/** Statements of change: "rose from 200 to 250, an increase of 25 %", "80 reduced by 20 % is 64", "30 is 20 % more than 25". */
import { compareRationals, fromInteger } from "../../text/rational.ts";
import { figureAt, type FigureToken, type Token } from "../../text/tokens.ts";
import { matchPhrase } from "../reading.ts";
import {
  combine,
  concludeWith,
  constant,
  readRelation,
  skipNouns,
  toTerm,
  type Form,
  type Term,
} from "./match.ts";

const UP =
  /^(?:rose|rises?|rising|risen|increas(?:e|es|ed|ing)|grew|grow(?:s|n|ing|th)?|gain(?:s|ed)?|jump(?:s|ed)?|climb(?:s|ed)?|up|soared)$/;
const DOWN =
  /^(?:fell|falls?|fallen|falling|decreas(?:e|es|ed|ing)|drop(?:s|ped)?|declin(?:e|es|ed|ing)|shrank|reduc(?:e|es|ed|ing|tion)|down|lost|sank|cut)$/;

/** One "from A to B", one percentage, and words of change that all point one way. */
const readFromTo: Form = (tokens, at) => {
  if (tokens[at]?.lower !== "from") return undefined;
  const before = figureAt(tokens, at + 1);
  const to = matchPhrase(tokens, skipYear(tokens, skipNouns(tokens, at + 2, 2)), ["to"]);
  const after = figureAt(tokens, to);
  const direction = findDirection(tokens);
  const printed = findOnlyPercent(tokens);
  if (before === undefined || to === undefined || after === undefined) return undefined;
  if (printed === undefined || direction === undefined || printed === before || printed === after)
    return undefined;
  if (isYear(before) || isYear(after) || tokens.filter(({ lower }) => lower === "from").length > 1)
    return undefined;
  const term = computeChange(toTerm(before), toTerm(after), direction);
  const isApproximate = APPROXIMATE.test(tokens[tokens.indexOf(printed) - 1]?.lower ?? "");
  return { start: at, end: to + 1, term, printed, isApproximate, isFactual: true };
};
const APPROXIMATE = /^(?:about|approximately|roughly|around|nearly|almost|some)$/;

function skipYear(tokens: readonly Token[], at: number): number {
  return tokens[at]?.lower === "in" && figureAt(tokens, at + 1) !== undefined ? at + 2 : at;
}

function computeChange(before: Term, after: Term, direction: "up" | "down"): Term {
  const change = direction === "up" ? combine(after, "-", before) : combine(before, "-", after);
  return combine(change, "/", before);
}

function findDirection(tokens: readonly Token[]): "up" | "down" | undefined {
  const isUp = tokens.some(({ lower }) => UP.test(lower));
  const isDown = tokens.some(({ lower }) => DOWN.test(lower));
  return isUp === isDown ? undefined : isUp ? "up" : "down";
}

function findOnlyPercent(tokens: readonly Token[]): FigureToken | undefined {
  const percents = tokens
    .flatMap((_, at) => figureAt(tokens, at) ?? [])
    .filter(({ figure }) => figure.isPercent);
  return percents.length === 1 ? percents[0] : undefined;
}

/** A bare number that could be a year is taken for one. */
function isYear({ figure, text }: FigureToken): boolean {
  return /^[12]\d{3}$/.test(text) && compareRationals(figure.value, fromInteger(2200)) < 0;
}

const CHANGED = /^(?:increased|raised|decreased|reduced|lowered|discounted)$/;
const CHANGING = /^(?:increasing|raising|decreasing|reducing|lowering)$/;

/** "80 reduced by 20 % is 64", "increasing 80 by 20 % gives 96". */
const readChangedBy: Form = (tokens, at) => {
  const isLeading = CHANGING.test(tokens[at]?.lower ?? "");
  const base = figureAt(tokens, isLeading ? at + 1 : at);
  const after = skipNouns(tokens, isLeading ? at + 2 : at + 1, 2);
  const verb = tokens[isLeading ? at : after]?.lower ?? "";
  const by = matchPhrase(tokens, isLeading ? after : after + 1, ["by"]);
  const share = figureAt(tokens, by);
  if (base === undefined || by === undefined || share?.figure.isPercent !== true) return undefined;
  if (!isLeading && !CHANGED.test(verb)) return undefined;
  const factor = combine(constant(1), /^(?:incr|rais)/.test(verb) ? "+" : "-", toTerm(share));
  return concludeWith(tokens, at, by + 1, combine(toTerm(base), "*", factor));
};

const MORE = ["more than", "greater than", "higher than", "larger than", "bigger than"];
const LESS = ["less than", "smaller than", "lower than", "fewer than"];

/** "30 is 20 % more than 25". */
const readMoreThan: Form = (tokens, at) => {
  const left = figureAt(tokens, at);
  const relation = readRelation(tokens, at + 1);
  const printed = figureAt(tokens, relation?.next);
  if (left === undefined || relation === undefined || printed?.figure.isPercent !== true) return undefined;
  const up = matchPhrase(tokens, relation.next + 1, MORE);
  const next = up ?? matchPhrase(tokens, relation.next + 1, LESS);
  const right = figureAt(tokens, next);
  if (next === undefined || right === undefined) return undefined;
  const term = computeChange(toTerm(right), toTerm(left), up === undefined ? "down" : "up");
  return { start: at, end: next + 1, term, printed, isApproximate: relation.isApproximate };
};

/** "The ratio of 12 to 8 is 1.5". A ratio printed as a pair ("3:2") is left to `comparisons.ts`. */
const readRatio: Form = (tokens, at) => {
  const next = matchPhrase(tokens, at, ["the ratio of", "ratio of"]);
  const left = figureAt(tokens, next);
  const to = next === undefined ? undefined : matchPhrase(tokens, next + 1, ["to"]);
  const right = figureAt(tokens, to);
  if (left === undefined || to === undefined || right === undefined) return undefined;
  const match = concludeWith(tokens, at, to + 1, combine(toTerm(left), "/", toTerm(right)));
  return match === undefined || /^(?:to|:|\/)$/.test(tokens[match.end]?.lower ?? "") ? undefined : match;
};

export const CHANGE_FORMS: readonly Form[] = [readFromTo, readChangedBy, readMoreThan, readRatio];
