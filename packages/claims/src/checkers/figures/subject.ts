/** What a sentence is about: its content words, its names in order, and the words near its figures. */
import { MASK } from "../../response/markup.ts";
import { isStopWord, listStems, listWords, toStem } from "../../sources/words.ts";
import type { SourceSentence } from "../../sources/source-index.ts";
import type { Token } from "../../text/tokens.ts";
import { readUnit } from "../units/read-measure.ts";

export type Subject = {
  readonly stems: readonly string[];
  /** Capitalised words but the first, in order, lower case. */
  readonly names: readonly string[];
  /** Content words that are no name: what is said, rather than of whom. */
  readonly predicate: readonly string[];
  readonly isNegated: boolean;
};

const NEGATION = /\b(?:not|cannot|never|no|none|without|neither|nor|denied|false|except|unlike)\b|n['’]t\b/i;
/** Hedges of a figure, and the adverbs that come with them, are no part of what is said. */
const EMPTY = new Set(
  "about approximately roughly around circa exactly nearly almost some total stand rank currently now today officially km".split(
    " ",
  ),
);

export function describeStatement(tokens: readonly Token[], text: string): Subject {
  const unitWords = new Set<number>();
  for (const [at, token] of tokens.entries()) {
    const unit = token.kind === "figure" ? readUnit(tokens, at + 1) : undefined;
    for (let word = at + 1; word < (unit?.next ?? 0); word++) unitWords.add(word);
  }
  const words = tokens.filter(
    ({ kind, lower }, at) => kind === "word" && !unitWords.has(at) && !isStopWord(lower),
  );
  const names = words
    .filter(({ text: printed }) => /^\p{Lu}/u.test(printed))
    .map(({ lower }) => lower.replace(/['’]s$/, ""));
  const stems = words
    .map(({ lower }) => toStem(lower))
    .filter((stem) => !EMPTY.has(stem) && !/^cannot$|n['’]t$/.test(stem));
  const nameStems = new Set(names.map(toStem));
  const predicate = stems.filter((stem) => !nameStems.has(stem));
  return { stems, names, predicate, isNegated: NEGATION.test(text.replaceAll(MASK, "")) };
}

const described = new WeakMap<SourceSentence, Subject>();

/** Of a sentence that many claims are held against: described once. */
export function describeSentence(sentence: SourceSentence): Subject {
  const known = described.get(sentence);
  if (known !== undefined) return known;
  const subject = describeStatement(sentence.tokens, sentence.text);
  described.set(sentence, subject);
  return subject;
}

const STEMS_MIN = 2;

/**
 * The source sentence holds every content word of the claim, its names in the same order; names of the claim may also stand in the
 * source's title. Deliberately strict: a paraphrase is left to those who can read.
 */
export function sayTheSame(claim: Subject, found: Subject, title: string): boolean {
  if (claim.isNegated || found.isNegated || claim.stems.length < STEMS_MIN) return false;
  const nameStems = new Set(claim.names.map(toStem));
  let titleStems: ReadonlySet<string> | undefined;
  for (const stem of claim.stems) {
    if (found.stems.includes(stem)) continue;
    if (!nameStems.has(stem)) return false;
    titleStems ??= new Set(listStems(listWords(title)));
    if (!titleStems.has(stem)) return false;
  }
  return areInOrder(
    claim.names.filter((name) => found.stems.includes(toStem(name))),
    found.names,
  );
}

/** "A beat B" is not "B beat A". */
function areInOrder(names: readonly string[], found: readonly string[]): boolean {
  let at = 0;
  for (const name of names) {
    const place = found.indexOf(name, at);
    // The first word of a sentence is capitalised, name or not: it may be missing among the names of the other.
    if (place < 0) {
      if (found.includes(name)) return false;
      continue;
    }
    at = place + 1;
  }
  return true;
}
