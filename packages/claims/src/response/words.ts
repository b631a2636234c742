/** A sentence as words with part-of-speech tags and exact offsets into the response. */
import model from "wink-eng-lite-web-model";
import winkNLP, { type PartOfSpeech, type WinkMethods } from "wink-nlp";
import { MASK, maskMarkup } from "./markup.ts";
import type { Span } from "./sentences.ts";

export type Word = {
  readonly text: string;
  readonly lower: string;
  readonly pos: PartOfSpeech;
  /** Place in the response; both are -1 for a word that was put in. */
  readonly start: number;
  readonly end: number;
};

/** The tagger's time grows with the square of a word's length, and a longer sentence is no plain statement. */
export const TAGGED_CHARS_MAX = 1000;
const WORD_CHARS_MAX = 60;

/** Undefined where the sentence cannot be tagged: too long, or the tagger's words are not those of the text. */
export function readWords(response: string, { start, end }: Span): readonly Word[] | undefined {
  if (end - start > TAGGED_CHARS_MAX) return undefined;
  const text = maskMarkup(response.slice(start, end)).replaceAll(UNREAD, " ");
  if (LONG_WORD.test(text)) return undefined;
  const doc = getTagger().readDoc(text);
  const { its } = getTagger();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- the library tells its readers apart by identity
  const [values, tags] = [doc.tokens().out(its.value), doc.tokens().out(its.pos) as PartOfSpeech[]];
  const words: Word[] = [];
  let at = 0;
  for (const [index, token] of values.entries()) {
    if (token.trim() === "") continue;
    const found = text.indexOf(token, at);
    if (found < 0 || text.slice(at, found).trim() !== "") return undefined;
    at = found + token.length;
    words.push(createWord(token, tags[index] ?? "X", start + found));
  }
  return text.slice(at).trim() === "" ? findMissedVerbs(joinTorn(words)) : undefined;
}

/** A word that stands nowhere in the response: only those of INSERTABLE, see compose.ts. */
export function insertWord(text: string, pos: PartOfSpeech): Word {
  return { text, lower: text.toLowerCase(), pos, start: -1, end: -1 };
}

const UNREAD = new RegExp(
  `[${MASK}\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\ufeff]`,
  "g",
);
const LONG_WORD = new RegExp(`\\S{${WORD_CHARS_MAX + 1}}`);

let tagger: WinkMethods | undefined;

/** Loaded when first needed: a third of a second, and some 60 MB. */
function getTagger(): WinkMethods {
  tagger ??= winkNLP(model, ["pos"]);
  return tagger;
}

function createWord(text: string, pos: PartOfSpeech, start: number): Word {
  return { text, lower: text.toLowerCase(), pos, start, end: start + text.length };
}

/** "Canadians work an average of ...": between a plural and an article there is a verb, whatever the tagger says. */
function findMissedVerbs(words: readonly Word[]): readonly Word[] {
  return words.map((word, at) => {
    const [before, next] = [words[at - 1], words[at + 1]];
    const isAfterPlural =
      before !== undefined &&
      /[^sui]s$/.test(before.lower) &&
      (before.pos === "NOUN" || before.pos === "PROPN");
    const isVerb =
      word.pos === "NOUN" && /^\p{Ll}+[^s]$/u.test(word.text) && isAfterPlural && next?.pos === "DET";
    // "The bridge cost £6 million": before an amount, it is no noun.
    const isCost =
      /^costs?$/.test(word.lower) && word.pos === "NOUN" && before !== undefined && isAmount(next);
    return isVerb || isCost ? { ...word, pos: "VERB" } : word;
  });
}

function isAmount(word: Word | undefined): boolean {
  return word !== undefined && (word.pos === "NUM" || /^[$£€]/.test(word.text));
}

/** The tagger tears "modern-day" and "Ph.D." apart: what touches and is joined by a hyphen or a stop is one word. */
function joinTorn(words: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of words) {
    const [before, last] = [joined.at(-2), joined.at(-1)];
    const isTorn =
      before !== undefined &&
      last !== undefined &&
      /^[-‐‑/]$/.test(last.text) &&
      before.end === last.start &&
      last.end === word.start;
    if (!isTorn) joined.push(word);
    else {
      joined.splice(-2, 2);
      joined.push({ ...createWord(before.text + last.text + word.text, word.pos, before.start) });
    }
  }
  return joined;
}
