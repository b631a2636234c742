/** Where a clause's finite verb stands, and so where its subject ends. */
import type { Word } from "../words.ts";
import { isNominal, isNonFinite, isParticipleLike, isPlainlyFinite, RELATIVES } from "./vocabulary.ts";

export type Clause = {
  readonly subject: readonly Word[];
  readonly verb: readonly Word[];
  readonly rest: readonly Word[];
};
type Range = { readonly start: number; readonly end: number };

/** Subject, finite verb group and what follows; undefined when no finite verb is found with something before it. */
export function parseClause(words: readonly Word[]): Clause | undefined {
  const group = findVerbGroup(words, 0);
  if (group === undefined || group.start === 0) return undefined;
  return {
    subject: words.slice(0, group.start),
    verb: words.slice(group.start, group.end),
    rest: words.slice(group.end),
  };
}

/** The first finite verb group that stands neither in brackets, nor in quotation marks, nor in a relative clause. */
export function findVerbGroup(words: readonly Word[], from: number): Range | undefined {
  const depths = listDepths(words);
  let skip = 0;
  for (let at = from; at < words.length; at++) {
    const word = words[at];
    if (word === undefined || depths[at] !== 0) continue;
    if (isRelative(words, at)) skip++;
    if (!isFiniteAt(words, at)) continue;
    const group = { start: startOfGroup(words, at, from), end: endOfGroup(words, at) };
    if (skip === 0) return group;
    skip--;
    at = group.end - 1;
  }
  return undefined;
}

/** Nesting in brackets and quotation marks, word by word; the marks themselves count as inside. */
export function listDepths(words: readonly Word[]): number[] {
  let [brackets, isQuoted] = [0, false];
  return words.map(({ text }) => {
    const before = brackets + (isQuoted ? 1 : 0);
    if (text === "(" || text === "[") brackets++;
    if (text === ")" || text === "]") brackets = Math.max(0, brackets - 1);
    if (text === '"') isQuoted = !isQuoted;
    if (text === "“") isQuoted = true;
    if (text === "”") isQuoted = false;
    return Math.max(before, brackets + (isQuoted ? 1 : 0));
  });
}

/** "that" and its kin after a noun open a clause with a verb of its own. */
function isRelative(words: readonly Word[], at: number): boolean {
  const [before, word] = [words[at - 1], words[at]];
  if (before === undefined || word === undefined || !RELATIVES.has(word.lower)) return false;
  const isAfterNoun =
    isNominal(before) || before.pos === "PRON" || before.pos === "NUM" || /^[,"”)]$/.test(before.text);
  return isAfterNoun && (word.pos === "PRON" || word.lower === "that" || word.lower === "which");
}

function isFiniteAt(words: readonly Word[], at: number): boolean {
  const [before, word] = [words[at - 1], words[at]];
  if (word === undefined || (word.pos !== "AUX" && word.pos !== "VERB") || isNonFinite(word)) return false;
  if (before?.lower === "to" && before.pos === "PART") return false;
  if (word.pos === "AUX") return true;
  if (before !== undefined && ["DET", "ADJ", "ADP", "SYM", "PART", "VERB"].includes(before.pos)) return false;
  if (before !== undefined && /^[-/]$/.test(before.text)) return false;
  return !isParticipleLike(word) || !isReduced(words, at);
}

/** "the artwork called X sold": a participle after its noun when a finite verb follows in the same clause. */
function isReduced(words: readonly Word[], at: number): boolean {
  const next = words[at + 1];
  for (let later = at + 1; later < words.length; later++) {
    const word = words[later];
    if (word === undefined || /^[,;:]$/.test(word.text) || word.pos === "CCONJ") break;
    if (word.pos === "SCONJ" || RELATIVES.has(word.lower) || /^(?:when|where|after|before)$/.test(word.lower))
      break;
    if (word.pos === "AUX" && !isNonFinite(word) && words[later - 1]?.lower !== "to") return true;
    if (isPlainlyFinite(word) && words[later - 1]?.lower !== "to") return true;
  }
  return next !== undefined && next.lower === "by";
}

function startOfGroup(words: readonly Word[], at: number, from: number): number {
  let start = at;
  while (start > from + 1 && words[start - 1]?.pos === "ADV" && words[start - 2]?.pos !== "ADP") start--;
  return start;
}

function endOfGroup(words: readonly Word[], at: number): number {
  if (words[at]?.pos === "VERB") return at + 1;
  let end = at + 1;
  for (let next = end; next < words.length; next++) {
    const word = words[next];
    if (word === undefined || !["AUX", "ADV", "PART", "VERB"].includes(word.pos)) break;
    if (word.pos === "PART" && word.lower === "to") break;
    end = next + 1;
    if (word.pos === "VERB") break;
  }
  return end;
}
