/** Statements of shares and multiples: "12 % of 250 is 30", "30 of the 250 (12 %)", "half of 9 is 4.5", "80 is 4 times 20". */
import { figureAt, type Token } from "../../text/tokens.ts";
import { matchPhrase, skipApproximators } from "../reading.ts";
import {
  combine,
  concludeWith,
  constant,
  readRelation,
  skipArticle,
  skipNouns,
  toTerm,
  type Form,
  type Match,
  type Term,
} from "./match.ts";

type Phrase = { readonly term: Term; readonly next: number };

/** A share or multiple of a printed whole. */
function readPart(tokens: readonly Token[], at: number): Phrase | undefined {
  return readPercentOf(tokens, at) ?? readFractionOf(tokens, at) ?? readTimes(tokens, at);
}

function readPercentOf(tokens: readonly Token[], at: number): Phrase | undefined {
  const share = figureAt(tokens, at);
  const of = matchPhrase(tokens, at + 1, ["of", "tip on", "tax on", "commission on", "interest on"]);
  if (share?.figure.isPercent !== true || of === undefined) return undefined;
  return readWhole(tokens, of, toTerm(share));
}

const MULTIPLES: Readonly<Record<string, number | undefined>> = { twice: 2, double: 2, thrice: 3, triple: 3 };
const PARTS: Readonly<Record<string, number | undefined>> = {
  half: 2,
  halves: 2,
  third: 3,
  thirds: 3,
  quarter: 4,
  quarters: 4,
  fifth: 5,
  fifths: 5,
  eighth: 8,
  tenth: 10,
  tenths: 10,
};

/** "Twice 40", "half of 9", "a third of 12", "two thirds of 90". */
function readFractionOf(tokens: readonly Token[], at: number): Phrase | undefined {
  const multiple = MULTIPLES[tokens[at]?.lower ?? ""];
  if (multiple !== undefined) return readWhole(tokens, at + 1, constant(multiple));
  const count = figureAt(tokens, at);
  const from = count === undefined ? skipArticle(tokens, at) : at + 1;
  const part = PARTS[tokens[from]?.lower ?? ""];
  const of = matchPhrase(tokens, from + 1, ["of"]) ?? (tokens[from]?.lower === "half" ? from + 1 : undefined);
  if (part === undefined || of === undefined) return undefined;
  const scale = combine(count === undefined ? constant(1) : toTerm(count), "/", constant(part));
  return readWhole(tokens, of, scale);
}

const TIMES = ["times as much as", "times as many as", "times as large as", "times as big as", "times"];

function readTimes(tokens: readonly Token[], at: number): Phrase | undefined {
  const factor = figureAt(tokens, at);
  const next = matchPhrase(tokens, at + 1, TIMES);
  return factor === undefined || next === undefined ? undefined : readWhole(tokens, next, toTerm(factor));
}

function readWhole(tokens: readonly Token[], at: number, scale: Term): Phrase | undefined {
  const from = skipArticle(tokens, at);
  const whole = figureAt(tokens, from);
  if (whole === undefined || whole.figure.isPercent) return undefined;
  return { term: combine(scale, "*", toTerm(whole)), next: skipNouns(tokens, from + 1, 3) };
}

/** "12 % of 250 is 30", "half of 9 is 4.5". */
const readPartFirst: Form = (tokens, at) => {
  const part = readPart(tokens, at);
  const match = part === undefined ? undefined : concludeWith(tokens, at, part.next, part.term);
  return match?.printed.figure.isPercent === true ? undefined : match;
};

/** "30 is 12 % of 250", "80 is 4 times 20". */
const readPartLast: Form = (tokens, at) => {
  const printed = figureAt(tokens, at);
  const relation = readRelation(tokens, skipNouns(tokens, at + 1, 2));
  const part = relation === undefined ? undefined : readPart(tokens, relation.next);
  if (printed === undefined || relation === undefined || part === undefined) return undefined;
  if (printed.figure.isPercent) return undefined;
  return { start: at, end: part.next, term: part.term, printed, isApproximate: relation.isApproximate };
};

const WORDS_BEFORE_SHARE_MAX = 8;

/** "30 of the 250 respondents agreed (12 %)", "30 out of 250 is 12 %", "30 of 250, or 12 %". */
const readShareOf: Form = (tokens, at) => {
  const part = figureAt(tokens, at);
  const of = matchPhrase(tokens, skipNouns(tokens, at + 1, 2), ["out of", "of"]);
  const from = of === undefined ? at : skipArticle(tokens, of);
  const whole = figureAt(tokens, from);
  if (part === undefined || of === undefined || whole === undefined) return undefined;
  if (part.figure.isPercent || whole.figure.isPercent) return undefined;
  const term = combine(toTerm(part), "/", toTerm(whole));
  for (let next = from + 1; next <= from + WORDS_BEFORE_SHARE_MAX; next++) {
    const match = concludeShare(tokens, at, next, term);
    if (match !== undefined) return { ...match, isFactual: next > skipNouns(tokens, from + 1, 1) };
    if (tokens[next]?.kind !== "word") return undefined;
  }
  return undefined;
};

function concludeShare(tokens: readonly Token[], start: number, at: number, term: Term): Match | undefined {
  const concluded = concludeWith(tokens, start, at, term);
  if (concluded !== undefined) return concluded.printed.figure.isPercent ? concluded : undefined;
  const isBracketed = tokens[at]?.text === "(";
  const open = isBracketed
    ? at + 1
    : matchPhrase(tokens, at, [", or", ", that is", ", i . e . ,", ", i . e ."]);
  if (open === undefined) return undefined;
  const { next, isApproximate } = skipApproximators(tokens, open);
  const printed = figureAt(tokens, next);
  if (printed?.figure.isPercent !== true || (isBracketed && tokens[next + 1]?.text !== ")")) return undefined;
  return { start, end: next + (isBracketed ? 2 : 1), term, printed, isApproximate };
}

export const SHARE_FORMS: readonly Form[] = [readPartFirst, readPartLast, readShareOf];
