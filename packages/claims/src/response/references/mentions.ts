/** The things and people that a clause speaks of: what a later pronoun could stand for. */
import type { Word } from "../words.ts";
import { bareSubject } from "../clauses/coordination.ts";
import { findHead, findNumber, startOfPhrase, type Number } from "../clauses/phrases.ts";
import { COPULAS, isNominal, RELATIVES } from "../clauses/vocabulary.ts";
import { listDepths, parseClause, type Clause } from "../clauses/verb-groups.ts";
import { findNature, type Gender } from "./persons.ts";

export type Mention = {
  readonly words: readonly Word[];
  readonly number: Number;
  /** Undefined: nothing says whether it is one. */
  readonly isPerson: boolean | undefined;
  readonly gender: Gender;
  /** Common nouns it was said to be: "a movement". */
  readonly kinds: readonly string[];
};

type Said = { readonly words: readonly Word[]; readonly isSide: boolean };

/**
 * Subject, complement, objects and places of each clause. Phrases inside another ("the CEO of Twitter") are not counted: they only say
 * which CEO. What is said in passing tells more of what is there, and brings in nothing new.
 */
export function listMentions(clauses: readonly Said[]): readonly Mention[] {
  const mentions: Mention[] = [];
  for (const { words, isSide } of clauses.toSorted(
    (left, right) => Number(left.isSide) - Number(right.isSide),
  ))
    for (const mention of isSide ? mentionsOf(words).slice(0, 1) : mentionsOf(words)) {
      const at = mentions.findIndex((known) => isSameName(known.words, mention.words));
      const known = mentions[at];
      if (known !== undefined) mentions[at] = combine(known, mention);
      else if (!isSide) mentions.push(mention);
    }
  return mentions;
}

/** Both speak of the same: what either knows holds, and the longer name stays. */
export function combine(one: Mention, other: Mention): Mention {
  const named = other.words.length > one.words.length ? other : one;
  return {
    words: named.words,
    number: one.number === "open" ? other.number : one.number,
    isPerson: one.isPerson ?? other.isPerson,
    gender: one.gender === "open" ? other.gender : one.gender,
    kinds: [...new Set([...one.kinds, ...other.kinds])],
  };
}

/** "Jack Dorsey" and "Dorsey", "the bridge" and "bridge". */
export function isSameName(one: readonly Word[], other: readonly Word[]): boolean {
  const [left, right] = [nameOf(one), nameOf(other)].map((name) =>
    name.toLowerCase().replace(/^(?:the|a|an) /, ""),
  );
  if (left === undefined || right === undefined) return false;
  return left === right || left.endsWith(` ${right}`) || right.endsWith(` ${left}`);
}

export function nameOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(" ");
}

function mentionsOf(words: readonly Word[]): readonly Mention[] {
  const clause = parseClause(words);
  if (clause === undefined) return [];
  const subject = judgeSubject(createSubject(bareSubject(clause.subject)), clause);
  return [...readClause(subject, clause), ...listOwners(words)];
}

function readClause(subject: Mention | undefined, clause: Clause): readonly Mention[] {
  if (isIdentity(clause)) return [...identify(subject, clause), ...listObjects(afterRelative(clause.rest))];
  const objects = listObjects(clause.rest);
  return subject === undefined ? objects : [subject, ...objects];
}

/** "Albert Einstein's work" speaks of him too. */
function listOwners(words: readonly Word[]): readonly Mention[] {
  return words.flatMap(({ pos, lower }, at) => {
    if (pos !== "PART" || !/^['’]s?$/.test(lower) || words[at - 1]?.pos !== "PROPN") return [];
    return createMention(words.slice(startOfPhrase(words, at), at)) ?? [];
  });
}

/** "X is Y, which means they see Z": a clause of its own that names more. */
function afterRelative(rest: readonly Word[]): readonly Word[] {
  const at = rest.findIndex(({ lower }) => RELATIVES.has(lower));
  return at < 0 ? [] : rest.slice(at + 1);
}

function listObjects(rest: readonly Word[]): readonly Mention[] {
  return splitPhrases(rest).flatMap(({ words: phrase, before }) => {
    const object = createMention(phrase);
    if (object === undefined) return [];
    const isPlace = object.isPerson === undefined && PLACING.test(before?.lower ?? "");
    return [isPlace ? { ...object, isPerson: false } : object];
  });
}

/** "is", "is called", "is believed to be": the two sides are one. */
function isIdentity({ verb, rest }: Clause): boolean {
  const [finite, last] = [verb.find(({ pos }) => pos !== "ADV"), verb.at(-1)];
  if (finite === undefined || last === undefined) return false;
  if (/^(?:became|becomes?|remain(?:s|ed)?)$/.test(last.lower)) return true;
  if (!COPULAS.has(finite.lower)) return false;
  if (verb.every(({ pos, lower }) => pos === "ADV" || COPULAS.has(lower))) return true;
  if (/^(?:called|named|titled|nicknamed|dubbed)$/.test(last.lower)) return true;
  return rest[0]?.lower === "to" && rest[1]?.lower === "be";
}

const PLACING = /^(?:in|at|on|near|across|throughout|within|into|around|through)$/;

/** The verb says more of its subject: "Argentina have" are many, and who is born is somebody. */
function judgeSubject(subject: Mention | undefined, { verb }: Clause): Mention | undefined {
  if (subject === undefined) return undefined;
  const isMany = verb.some(({ lower }) => /^(?:have|are|were)$/.test(lower));
  const isBorn = verb.some(({ lower }) => /^(?:born|died|married|graduated)$/.test(lower));
  return {
    ...subject,
    number: isMany ? "many" : subject.number,
    isPerson: isBorn && subject.isPerson === undefined ? true : subject.isPerson,
  };
}

/** "The CEO is Jack Dorsey": one person, called by the name. */
function identify(subject: Mention | undefined, { rest }: Clause): readonly Mention[] {
  const complement = createMention(splitPhrases(rest)[0]?.words ?? []);
  if (subject === undefined) return complement === undefined ? [] : [complement];
  if (complement === undefined) return [subject];
  const named = isProper(complement.words) && !isProper(subject.words) ? complement : subject;
  const head = findHead(complement.words);
  const isKind = /^an?$/.test(complement.words[0]?.lower ?? "");
  const kinds = isKind && head !== undefined && isNominal(head) ? [head.lower] : [];
  const both = combine(subject, complement);
  // What something is called says nothing of how many it is.
  return [{ ...both, words: named.words, number: subject.number, kinds: [...named.kinds, ...kinds] }];
}

/** A name and nothing that describes: "the Arctic Ocean", not "the smallest ocean in the world". */
function isProper(words: readonly Word[]): boolean {
  const isPlain = !words.some(({ pos }) => pos === "ADP") && !/^an?$/.test(words[0]?.lower ?? "");
  return isPlain && words.some(({ pos }) => pos === "PROPN");
}

type Phrase = { readonly words: readonly Word[]; readonly before: Word | undefined };

/** What stands after the verb, phrase by phrase; what follows "of" belongs to the phrase before it. */
function splitPhrases(words: readonly Word[]): readonly Phrase[] {
  const phrases: Phrase[] = [];
  const depths = listDepths(words);
  for (let end = words.length; end > 0;) {
    const start = startOfPhrase(words, end);
    if (start === end) {
      end--;
      continue;
    }
    // "Franeker, Netherlands" is one place.
    const isPlace =
      words[start - 1]?.text === "," && words[start - 2]?.pos === "PROPN" && words[start]?.pos === "PROPN";
    const isInner = isPlace || (words[start - 1]?.lower === "of" && start > 1);
    const isTime = isTimePhrase(words.slice(start, end), words[start - 1]);
    const isQuoted = (depths[end - 1] ?? 0) > 0 && words[start]?.text !== '"';
    if (!isInner && !isTime && !isQuoted)
      phrases.unshift({ words: words.slice(start, end), before: words[start - 1] });
    end = start;
  }
  return phrases;
}

const TIMES =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|century|centuries|decade|decades|year|years|month|months|week|weeks|day|days|hour|hours|minute|minutes|time|times|age|ages|era|period|monday|tuesday|wednesday|thursday|friday|saturday|sunday|average|total|addition|result|example)$/;

function isTimePhrase(phrase: readonly Word[], before: Word | undefined): boolean {
  const head = findHead(phrase);
  if (head === undefined || TIMES.test(head.lower)) return true;
  return (
    head.pos === "NUM" &&
    (before === undefined || before.pos === "ADP" || before.pos === "VERB" || before.pos === "SCONJ")
  );
}

/** A subject is always one: one that cannot be read may be what is meant. */
function createSubject(words: readonly Word[]): Mention | undefined {
  const isPronoun = words.every(({ pos }) => pos === "PRON");
  const unread: Mention = { words, number: "open", isPerson: undefined, gender: "open", kinds: [] };
  const isAmount =
    /^(?:little|much|more|most|less|nothing|something)$/.test(words[0]?.lower ?? "") && words.length === 1;
  if (isDay(words)) return undefined;
  return createMention(words) ?? (words.length === 0 || isPronoun || isAmount ? undefined : unread);
}

/** "4 July 1776 was a Thursday": nothing has it, and nothing is done by it. */
function isDay(words: readonly Word[]): boolean {
  return (
    words.some(({ lower }) => MONTHS.test(lower)) &&
    words.some(({ pos }) => pos === "NUM") &&
    words.every(({ pos, lower, text }) => pos === "NUM" || MONTHS.test(lower) || /^(?:,|the|of)$/i.test(text))
  );
}

const MONTHS = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

function createMention(words: readonly Word[]): Mention | undefined {
  const head = findHead(words);
  if (head === undefined || !isNominal(head) || words.length > PHRASE_WORDS_MAX) return undefined;
  return { words, number: findNumber(words), ...findNature(owned(untilOf(words))), kinds: [] };
}

/** A pronoun that stands for more words than this would make the claim unreadable. */
const PHRASE_WORDS_MAX = 16;

/** Of "Einstein's work", the work. */
function owned(words: readonly Word[]): readonly Word[] {
  const at = words.findLastIndex(({ pos, lower }) => pos === "PART" && /^['’]s?$/.test(lower));
  return at < 0 || at === words.length - 1 ? words : words.slice(at + 1);
}

function untilOf(words: readonly Word[]): readonly Word[] {
  const at = words.findIndex(({ pos }, index) => pos === "ADP" && index > 0);
  return at < 0 ? words : words.slice(0, at);
}
