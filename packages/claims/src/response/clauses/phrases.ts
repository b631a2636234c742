/** Noun phrases: the one that ends before a comma, and the lists they stand in. */
import type { Word } from "../words.ts";
import { isNominal, isPhraseWord } from "./vocabulary.ts";
import { listDepths } from "./verb-groups.ts";

/** Start of the noun phrase without prepositions that ends before `end`; `end` when there is none. */
export function startOfPhrase(words: readonly Word[], end: number): number {
  let start = end;
  while (start > 0) {
    const word = words[start - 1];
    if (word === undefined || !isPhraseWord(word)) break;
    start--;
    const before = words[start - 1];
    if (word.pos === "DET") break;
    // "the World Cup two times": a spelled number after a noun begins another phrase.
    if (word.pos === "NUM" && /^\p{Ll}/u.test(word.text) && before !== undefined && isNominal(before)) break;
  }
  while (start < end && words[start]?.pos === "PUNCT" && !/^["“]$/.test(words[start]?.text ?? "")) start++;
  return start;
}

/** The noun that the phrase is about: the last one before a preposition or a relative clause. */
export function findHead(phrase: readonly Word[]): Word | undefined {
  let head: Word | undefined;
  for (const word of phrase) {
    if (isNominal(word) || word.pos === "NUM" || (word.pos === "ADJ" && head === undefined)) {
      head = word;
      continue;
    }
    if (head !== undefined && isNominal(head) && !isPhraseWord(word) && word.text !== "-") break;
  }
  return head;
}

export type Number = "one" | "many" | "open";

export function findNumber(phrase: readonly Word[]): Number {
  if (phrase.some((word, at) => word.lower === "and" && at > 0 && at < phrase.length - 1)) return "many";
  const head = findHead(phrase);
  const first = phrase[0];
  if (head === undefined) return "open";
  if (first !== undefined && /^(?:a|an|this|that|each|every|one)$/.test(first.lower)) return "one";
  if (
    first !== undefined &&
    /^(?:these|those|many|several|few|both|all|two|three|four|five)$/.test(first.lower)
  )
    return "many";
  if (head.pos === "PROPN") return /[^sui]s$/.test(head.lower) && head.lower.length > 4 ? "open" : "one";
  if (/^(?:people|men|women|children|mice|feet|teeth|media|data|bacteria)$/.test(head.lower)) return "many";
  return /[^sui]s$/.test(head.lower) ? "many" : "one";
}

/** "A, B and C" -> the three; undefined when it is no list of at least two noun phrases. */
export function splitList(words: readonly Word[]): (readonly Word[])[] | undefined {
  const depths = listDepths(words);
  const items: Word[][] = [[]];
  let isJoined = false;
  for (const [at, word] of words.entries()) {
    const isComma = depths[at] === 0 && word.text === ",";
    const isJoint = depths[at] === 0 && word.pos === "CCONJ" && (word.lower === "and" || word.lower === "or");
    if (!isComma && !isJoint) {
      items.at(-1)?.push(word);
      continue;
    }
    if (isJoint) isJoined = true;
    if (items.at(-1)?.length !== 0) items.push([]);
  }
  const hasVerb = words.some(
    (word, at) => depths[at] === 0 && (word.pos === "AUX" || word.lower === "which"),
  );
  const isWhole = items.length >= 2 && isJoined && items.every((item) => item.some(isNominalOrFigure));
  return isWhole && !hasVerb && items.length <= LIST_ITEMS_MAX ? items : undefined;
}

/** A longer list in one sentence is a table in disguise, and each item costs a committee. */
const LIST_ITEMS_MAX = 20;

function isNominalOrFigure(word: Word): boolean {
  return isNominal(word) || word.pos === "NUM" || word.pos === "ADJ";
}
