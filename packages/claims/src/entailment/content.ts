/** What a text is made of for the scorer: its content words, cut to stems, its names and its figures. */
import { compareRationals } from "../text/rational.ts";
import { getHalfUnit, isWithin, type Figure } from "../text/figure.ts";
import { tokenize } from "../text/tokens.ts";
import { isStopWord, listWords, toStem, type Word } from "../sources/words.ts";

export type Content = {
  /** Stems of content words in order; figures and stop words left out. */
  readonly stems: readonly string[];
  /** Stems of capitalised words, the first word of the text left out: it is capitalised, name or not. */
  readonly names: readonly string[];
  readonly figures: readonly ContentFigure[];
};

/** A figure that was read, or the digits of a number that was not: "2004–05" counts as 2004 and 05. */
export type ContentFigure = { readonly text: string; readonly figure?: Figure };

export function readContent(text: string): Content {
  const all = listWords(text);
  const words = all.filter(({ lower }) => !isStopWord(lower) && !/^\p{N}/u.test(lower));
  const names = words.filter((word) => word !== all[0] && /^\p{Lu}/u.test(text.slice(word.start)));
  return {
    stems: words.map(stemOf),
    names: [...new Set(names.map(stemOf))],
    figures: listFigures(text),
  };
}

export function stemOf({ lower }: Word): string {
  return toStem(lower.replace(/'s$/, ""));
}

/**
 * How much a word says. Rarer words are longer (Zipf's law of abbreviation), and length needs no list of frequencies; on held-out
 * claims it did as well as frequencies counted over all evidence.
 */
export function weigh(stem: string): number {
  return Math.min(WEIGHT_MAX, Math.max(WEIGHT_MIN, stem.length / 3));
}
const WEIGHT_MIN = 0.5;
const WEIGHT_MAX = 3;

function listFigures(text: string): ContentFigure[] {
  return (tokenize(text) ?? []).flatMap((token) => {
    if (token.kind === "figure" && token.figure !== undefined)
      return token.lower === "one" ? [] : [{ text: token.text, figure: token.figure }];
    if (token.kind === "word" || token.kind === "symbol") return [];
    return (token.text.match(/\d+/g) ?? []).map((digits) => ({ text: digits }));
  });
}

/** The same value, or the claim's figure is the other, rounded to what it prints. */
export function isSameFigure(claimed: ContentFigure, found: ContentFigure): boolean {
  if (claimed.figure === undefined || found.figure === undefined)
    return trimZeros(claimed.text) === trimZeros(found.text);
  const [one, other] = [claimed.figure, found.figure];
  if (compareRationals(one.value, other.value) === 0) return true;
  return one.place !== 0 && isWithin(one.value, other.value, getHalfUnit(one.place));
}

const trimZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, "");
