/** Closed word classes that the grammar of clauses looks for. English alone. */
import type { Word } from "../words.ts";

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));

export const COPULAS = setOf("is are was were 's 're");
const NON_FINITE = setOf("be been being having");
export const NEGATIONS = setOf(
  "not n't n’t never no none nobody nothing neither nor cannot without hardly scarcely unless",
);
export const RELATIVES = setOf("which who whom whose that");
/** Words of one part that point into the other: what they stand in is not taken apart. */
export const TIES = setOf(
  "respectively former latter together combined altogether vice same instead each either another sum difference product ratio therefore thus hence later earlier afterwards too",
);
/** Past participles that differ from the past tense, or stand in for it so rarely that they do not count as one. */
const STRONG_PARTICIPLES = setOf(
  "known born written given taken seen done begun chosen driven grown shown drawn thrown broken spoken stolen worn sworn torn hidden forbidden fallen eaten beaten been gone flown risen awoken woven",
);
const SAME_PARTICIPLES = setOf(
  "made built found held led set put cut sold told kept left lost met paid said sent spent taught thought bought brought caught fought sought won read spread",
);
const PAST_ONLY = setOf(
  "became began came did drew drove fell flew forgot gave grew knew ran rose sang saw shook spoke swam took threw went wore wrote rang broke chose ate was were had",
);

/** "called", "built", "known": a participle, or the past tense that looks the same. */
export function isParticipleLike({ lower, pos }: Word): boolean {
  if (pos !== "VERB") return false;
  return /[^e]ed$/.test(lower) || STRONG_PARTICIPLES.has(lower) || SAME_PARTICIPLES.has(lower);
}

export function isStrongParticiple({ lower }: Word): boolean {
  return STRONG_PARTICIPLES.has(lower);
}

/** A form that can be nothing but finite: "has", "became", "covers". */
export function isPlainlyFinite(word: Word): boolean {
  if (word.pos === "AUX") return !NON_FINITE.has(word.lower);
  return word.pos === "VERB" && (PAST_ONLY.has(word.lower) || /[^s]s$/.test(word.lower));
}

export function isNonFinite(word: Word): boolean {
  return NON_FINITE.has(word.lower) || (word.pos === "VERB" && word.lower.endsWith("ing"));
}

export const isNominal = ({ pos }: Word): boolean => pos === "NOUN" || pos === "PROPN";
export const isPast = ({ lower }: Word): boolean =>
  /[^e]ed$/.test(lower) || PAST_ONLY.has(lower) || SAME_PARTICIPLES.has(lower);

/** Words that may stand inside a noun phrase, prepositions left out. */
export function isPhraseWord({ pos, lower, text }: Word): boolean {
  if (RELATIVES.has(lower)) return false;
  if (pos === "PART") return /^['’]s?$/.test(lower);
  if (pos === "PUNCT") return /^["“”'‘’]$/.test(text);
  return (
    ["DET", "ADJ", "NOUN", "PROPN", "NUM", "SYM"].includes(pos) || (pos === "PRON" && POSSESSIVES.has(lower))
  );
}

export const POSSESSIVES = setOf("his her its their my our your");

export function startsSubject({ pos, text, lower }: Word): boolean {
  if (RELATIVES.has(lower) && pos !== "DET") return false;
  return ["DET", "PROPN", "NOUN", "PRON", "NUM", "ADJ", "SYM"].includes(pos) || /^["“‘(]$/.test(text);
}

export function hasNegation(words: readonly Word[]): boolean {
  return words.some(({ lower }) => NEGATIONS.has(lower));
}
