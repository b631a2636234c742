/** Claim text -> tokens with offsets: words, figures, symbols, and numbers that have no single reading. One pass, no backtracking. */
import { MASK } from "../response/markup.ts";
import { createFigure, type Figure } from "./figure.ts";
import type { Token } from "./token.ts";
import { foldNumberWords } from "./fold-words.ts";
import { MAGNITUDES } from "./number-words.ts";
import { parseNumeral } from "./numerals.ts";

export { figureAt, type FigureToken, type Token } from "./token.ts";

const TOKENS_MAX = 1000;

/** Tokens of one claim, its markup masked. Undefined when there are too many to look at. */
export function tokenize(masked: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < masked.length;) {
    if (tokens.length >= TOKENS_MAX) return undefined;
    if (masked[at] === MASK || /\s/.test(masked[at] ?? "")) {
      at++;
      continue;
    }
    const token = readNumber(masked, at) ?? readWord(masked, at) ?? createToken("symbol", masked, at, at + 1);
    tokens.push(token);
    at = token.end;
  }
  return foldNumberWords(foldSuffixes(tokens)).map((token) => printAgain(token, masked));
}

/** A figure joined from several tokens prints as it stands in the text. */
function printAgain(token: Token, masked: string): Token {
  if (token.figure === undefined) return token;
  const text = masked.slice(token.start, token.end).replaceAll(MASK, "");
  return { ...token, text, lower: text.toLowerCase() };
}

function createToken(kind: Token["kind"], text: string, start: number, end: number, figure?: Figure): Token {
  const printed = text.slice(start, end);
  const token = { kind, text: printed, lower: printed.toLowerCase(), start, end };
  return figure === undefined ? token : { ...token, figure };
}

const WORD = /\p{L}[\p{L}\p{M}\p{N}]{0,60}(?:[-'’\u2010\u2011][\p{L}\p{N}][\p{L}\p{M}\p{N}]{0,60}){0,6}/uy;

function readWord(text: string, at: number): Token | undefined {
  const match = matchAt(WORD, text, at);
  return match === undefined ? undefined : createToken("word", text, at, at + match.length);
}

const ISO_DATE = /\d{4}-\d{2}-\d{2}(?![\d-])/y;
const RUN = /\d[\d.,\u00a0\u2009\u202f]*/y;
/** Two numbers tied together: a range, a date, a time, a score. Nobody's guess is better than another's. */
const TIED = /(?:[-–/:'’\u2010-\u2012]\d(?:[\d.,]*\d)?)+/y;
/** "12 250" is one number or two: a plain space does not say. */
const SPACED_GROUPS = /(?: \d{3}(?!\d))+/y;
const ORDINAL = /(?:st|nd|rd|th)(?![\p{L}\p{N}])/uy;
const SIGNS = "-−+\ufe63\uff0d";
/** "–3" is minus three to some, a dash before three to others. */
const DASHES = "–‐‑‒";
/** What changes the number that it stands behind: "1990s", "1e6", "3 1/2", "44 BC". */
const CHANGED =
  /(?:s(?![\p{L}\p{N}])|[eE][-+−]?\d+| \d{1,2}\/\d{1,2}(?![\d/])| (?:BCE?|AD|CE)(?![\p{L}\p{N}]))/uy;

function readNumber(text: string, at: number): Token | undefined {
  const sign = isSign(text, at) ? (text[at] ?? "") : "";
  const start = at + sign.length;
  const iso = matchAt(ISO_DATE, text, start);
  if (iso !== undefined && sign === "") return createToken("isodate", text, at, start + iso.length);
  const run = matchAt(RUN, text, start)?.replace(/[^\d]+$/, "");
  if (run === undefined) return readForeignDigit(text, at);
  const end = start + run.length;
  const tied = matchAt(TIED, text, end);
  if (tied !== undefined && !isFraction(text, end, tied))
    return createToken("unparsed", text, at, end + tied.length);
  const changed = matchAt(CHANGED, text, end);
  if (changed !== undefined) return createToken("unparsed", text, at, end + changed.length);
  if (isAmbiguousDash(text, at - 1)) return createToken("unparsed", text, at, end);
  const ordinal = matchAt(ORDINAL, text, end);
  if (ordinal !== undefined) return createToken("ordinal", text, at, end + ordinal.length);
  const numeral = parseNumeral(run);
  const groups = /^\d{1,3}$/.test(run) ? matchAt(SPACED_GROUPS, text, end) : undefined;
  if (numeral === undefined || groups !== undefined)
    return createToken("unparsed", text, at, end + (groups?.length ?? 0));
  const digits = sign === "" || sign === "+" ? numeral.digits : -numeral.digits;
  return createToken("figure", text, at, end, createFigure(digits, -numeral.decimals));
}

/** A sign belongs to the number when nothing that could be subtracted from stands before it. */
function isSign(text: string, at: number): boolean {
  if (!SIGNS.includes(text[at] ?? " ") || !/\d/.test(text[at + 1] ?? "")) return false;
  return at === 0 || /[\s(=<>≈,:+*×/÷−$€£¥-]/.test(text[at - 1] ?? "");
}

/** A dash right before the number, and nothing that it could join to it. */
function isAmbiguousDash(text: string, at: number): boolean {
  if (at < 0 || !DASHES.includes(text[at] ?? " ")) return false;
  return at === 0 || /[\s(=<>≈,:]/.test(text[at - 1] ?? "");
}

/** "3/4" and "9:3" are operations, and "5-3" is one before an equals sign; "03/04/2021", "10:30:05" and "10-20" are not. */
function isFraction(text: string, end: number, tied: string): boolean {
  const rest = text.slice(end + tied.length, end + tied.length + 4);
  if (/^[-–]\d+$/.test(tied) && /^\s{0,2}=/.test(rest)) return true;
  return /^[/:]\d+$/.test(tied) && !/[-–/:]/.test(text[end + tied.length] ?? "");
}

/** Digits of other scripts, superscripts and vulgar fractions are seen, and not read. */
function readForeignDigit(text: string, at: number): Token | undefined {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return /\p{N}/u.test(char) && !/\d/.test(char)
    ? createToken("unparsed", text, at, at + char.length)
    : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const CURRENCIES = "$€£¥";
const SHORT_MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ["k", 3],
  ["bn", 9],
  ["tn", 12],
]);
/** "$5m" is five million; "5m" alone is five metres. */
const MONEY_MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ["m", 6],
  ["mn", 6],
  ["b", 9],
  ["t", 12],
]);

/** Joins a figure with the currency before it and the magnitude and the percent sign after it. */
function foldSuffixes(tokens: readonly Token[]): Token[] {
  const folded: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.figure === undefined) {
      if (token !== undefined) folded.push(token);
      continue;
    }
    const before = folded.at(-1);
    const isMoney =
      before?.kind === "symbol" && CURRENCIES.includes(before.text) && before.end === token.start;
    if (isMoney) folded.pop();
    const [joined, next] = foldOne(token, tokens, at + 1, isMoney ? before.text : "");
    folded.push({ ...joined, start: isMoney ? before.start : joined.start });
    at = next - 1;
  }
  return folded;
}

function foldOne(token: Token, tokens: readonly Token[], from: number, currency: string): [Token, number] {
  let [next, place] = [from, token.figure?.place ?? 0];
  const digits =
    token.figure === undefined ? 0n : (token.figure.value.n * 10n ** BigInt(-place)) / token.figure.value.d;
  const word = tokens[next];
  const isClose = word?.start === token.end;
  const magnitude =
    MAGNITUDES.get(word?.lower ?? "") ??
    (isClose ? SHORT_MAGNITUDES.get(word.lower) : undefined) ??
    (isClose && currency !== "" ? MONEY_MAGNITUDES.get(word.lower) : undefined);
  if (magnitude !== undefined) [next, place] = [next + 1, place + magnitude];
  if (MAGNITUDES.has(tokens[next]?.lower ?? "")) return [{ ...token, kind: "unparsed" }, next + 1];
  const percent = countPercentTokens(tokens, next);
  next += percent;
  const end = tokens[next - 1]?.end ?? token.end;
  const { figure: _, ...bare } = token;
  return [{ ...bare, kind: "figure", end, figure: createFigure(digits, place, percent > 0, currency) }, next];
}

function countPercentTokens(tokens: readonly Token[], at: number): number {
  const [first, second] = [tokens[at]?.lower, tokens[at + 1]?.lower];
  if (first === "%" || first === "percent") return second === "points" || second === "point" ? 0 : 1;
  return first === "per" && second === "cent" ? 2 : 0;
}
