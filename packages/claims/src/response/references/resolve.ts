/** Pronouns and short names -> what they stand for, when exactly one thing named before fits; else the readings that are left. */
import { insertWord, type Word } from "../words.ts";
import { isNominal } from "../clauses/vocabulary.ts";
import { parseClause } from "../clauses/verb-groups.ts";
import { findHead } from "../clauses/phrases.ts";
import { findNature } from "./persons.ts";
import { combine, isSameName, nameOf, type Mention } from "./mentions.ts";

export type Resolved =
  { readonly ok: true; readonly words: readonly Word[] } | { readonly ok: false; readonly reason: string };

/** Mentions before the clause, nearest sentence first; inside a sentence in their order. */
export type Context = readonly (readonly Mention[])[];

/** Place of a pronoun -> what it stands for: the subject of two clauses is looked up once. */
export type Known = Map<number, Mention>;

/** How many sentences back a pronoun may point. */
export const WINDOW_SENTENCES = 4;

type Part = { readonly front: readonly Word[]; readonly words: readonly Word[] };

/** The clause with its open pronouns replaced; a pronoun whose antecedent stands before it in the claim is left as it is. */
export function resolveReferences({ front, words }: Part, context: Context, known: Known): Resolved {
  const pointer = findPointer(words);
  const definite = replaceDefinite(words, context);
  if (pointer !== undefined && definite === words) return { ok: false, reason: pointer };
  const resolved: Word[] = [];
  const named = new Set<Pronoun["kind"]>();
  for (const [at, word] of definite.entries()) {
    const pronoun = readPronoun(definite, at);
    // After "Ada wrote" in place of "she wrote", "her" reads as before.
    const isSaid = pronoun !== undefined && named.has(pronoun.kind);
    if (
      pronoun === undefined ||
      isSaid ||
      isBound([...front, ...listBinders(definite, at, pronoun)], pronoun)
    ) {
      resolved.push(word);
      continue;
    }
    const found = known.get(word.start) ?? findAntecedent(pronoun, context);
    if (typeof found === "string") return { ok: false, reason: found };
    known.set(word.start, found);
    named.add(pronoun.kind);
    resolved.push(
      ...found.words,
      ...(pronoun.isPossessive ? [insertWord(endsPlural(found) ? "'" : "'s", "PART")] : []),
    );
  }
  return { ok: true, words: completeName(resolved, context) };
}

const endsPlural = ({ words, number }: Mention): boolean =>
  number === "many" && (words.at(-1)?.lower ?? "").endsWith("s");

/** "Both countries", "This name" at the head of a clause: which ones, only the text before can say. */
function findPointer(words: readonly Word[]): string | undefined {
  const [first, second] = words;
  if (first === undefined || second === undefined || first.start < 0) return undefined;
  const isPointer =
    /^(?:this|these|those|both|such)$/.test(first.lower) && (second.pos === "NOUN" || second.pos === "ADJ");
  return isPointer ? `"${first.text} ${second.text}" points to something said before` : undefined;
}

type Pronoun = {
  readonly text: string;
  readonly kind: "he" | "she" | "it" | "they" | "this";
  readonly isPossessive: boolean;
  /** "They both". */
  readonly isBoth: boolean;
};

const KINDS: Readonly<Record<string, Pronoun["kind"] | undefined>> = {
  he: "he",
  him: "he",
  his: "he",
  himself: "he",
  she: "she",
  her: "she",
  hers: "she",
  herself: "she",
  it: "it",
  its: "it",
  itself: "it",
  they: "they",
  them: "they",
  their: "they",
  theirs: "they",
  themselves: "they",
  this: "this",
  that: "this",
  these: "this",
  those: "this",
};

function readPronoun(words: readonly Word[], at: number): Pronoun | undefined {
  const word = words[at];
  const kind = KINDS[word?.lower ?? ""];
  if (word === undefined || kind === undefined || word.start < 0) return undefined;
  const next = words[at + 1];
  if (kind === "it" && isPleonastic(words, at)) return undefined;
  if (kind === "this" && !isBareDemonstrative(words, at)) return undefined;
  const isPossessive =
    /^(?:his|its|their)$/.test(word.lower) ||
    (word.lower === "her" && next !== undefined && startsNoun(next));
  return { text: word.text, kind, isPossessive, isBoth: next?.lower === "both" };
}

const startsNoun = (word: Word): boolean => isNominal(word) || word.pos === "ADJ" || word.pos === "NUM";

/** "It is believed that", "it takes", "made it to": the word stands for nothing. */
function isPleonastic(words: readonly Word[], at: number): boolean {
  const after = words.slice(at + 1, at + 8).map(({ lower }) => lower);
  if (/^(?:make|makes|made|making)$/.test(words[at - 1]?.lower ?? "") && after[0] === "to") return true;
  if (/^(?:place|part|over|its|the)$/.test(after[1] ?? "")) return false;
  if (/^(?:takes?|took|rains?|rained|snows?|seems?|appears?|turns|turned|follows)$/.test(after[0] ?? ""))
    return true;
  const isBe = /^(?:is|was|'s|has|can|may|could|should|would|will)$/.test(after[0] ?? "");
  const isOpened = after.slice(1).some((word) => word === "that" || word === "whether" || word === "if");
  const isFact = after.some((word) => EMPTY_NOUNS.test(word));
  if (isBe && isOpened && (words[at + 2]?.pos !== "DET" || isFact)) return true;
  return isBe && words[at + 2]?.pos === "ADJ" && (after[2] === "to" || after[2] === "for");
}

/** "It is a myth that": what follows is the myth. "It is a city that": something was named before. */
const EMPTY_NOUNS = /^(?:fact|myth|misconception|belief|pity|shame|mistake|wonder)$/;

/** "This is why": a demonstrative without a noun, at the head of its clause. "those of Rome" and "that he left" are none. */
function isBareDemonstrative(words: readonly Word[], at: number): boolean {
  const next = words[at + 1];
  const isHead = at === 0 || words[at - 1]?.text === ",";
  return isHead && next !== undefined && (next.pos === "AUX" || next.pos === "VERB" || next.pos === "ADV");
}

/** Something before it in the same claim fits: whoever reads the claim reads that too. */
function isBound(before: readonly Word[], { kind }: Pronoun): boolean {
  return kind !== "this" && before.some((_, at) => canBind(before, at, kind));
}

/** What stands before the pronoun. "Rome likes it": the subject is not what an object of its own verb stands for, nor is a label. */
function listBinders(words: readonly Word[], at: number, { isPossessive }: Pronoun): readonly Word[] {
  const before = words.slice(words.slice(0, at).findLastIndex(({ text }) => text === ":") + 1, at);
  const clause = parseClause(words);
  const verbEnd = clause === undefined ? 0 : clause.subject.length + clause.verb.length;
  const between = words.slice(verbEnd, at);
  const isSubject = words[at + 1]?.pos === "AUX" || words[at + 1]?.pos === "VERB";
  const isObject =
    !isSubject &&
    at >= verbEnd &&
    !between.some(({ pos }) => pos === "VERB" || pos === "AUX" || pos === "SCONJ");
  return clause !== undefined && isObject && !isPossessive ? between : before;
}

function canBind(before: readonly Word[], at: number, kind: Pronoun["kind"]): boolean {
  const [previous, word, next] = [before[at - 1], before[at], before[at + 1]];
  if (word === undefined) return false;
  // "After the Battle of Waterloo, he": a place or a part of another name is nobody.
  const isPlace = previous !== undefined && /^(?:in|at|of|on|near|to)$/.test(previous.lower);
  if (isPlace && (kind === "he" || kind === "she")) return false;
  const isInside = next !== undefined && isNominal(next);
  if (!isNominal(word) || isInside || MONTHS.test(word.lower)) return false;
  const isMany =
    word.pos === "NOUN" &&
    (/[^sui]s$/.test(word.lower) || /^(?:people|children|men|women)$/.test(word.lower));
  if (kind === "they") return isMany || word.pos === "PROPN";
  const { isPerson } = findNature([word]);
  return !isMany && (kind === "it" ? isPerson !== true : isPerson !== false);
}

const MONTHS = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;

/** The one mention that fits, or the reason why there is no one. Everything in the nearest sentence that has a fitting one counts. */
function findAntecedent(pronoun: Pronoun, context: Context): Mention | string {
  const { text, kind } = pronoun;
  if (kind === "this") return `"${text}" stands for something said before`;
  for (const mentions of context.slice(0, WINDOW_SENTENCES + 1)) {
    const fitting = mergeSame(mentions).filter((mention) => fits(mention, pronoun));
    const [only, another] = fitting;
    if (only === undefined) continue;
    if (another === undefined) return only;
    return `"${text}" can stand for ${fitting
      .slice(0, 3)
      .map(({ words }) => nameOf(words))
      .join(" or ")}`;
  }
  return `"${text}" stands for something that is not named`;
}

/** "They" may be a team, or somebody of unknown gender, as well as many. */
function fits({ words, number, isPerson, gender }: Mention, { kind, isBoth }: Pronoun): boolean {
  if (kind === "they" && number !== "one") return true;
  if (kind === "they")
    return !isBoth && (isPerson === true ? gender === "open" : words.some(({ pos }) => pos === "PROPN"));
  if (number === "many") return false;
  if (kind === "it") return isPerson !== true;
  return isPerson !== false && (gender === "open" || gender === kind);
}

function mergeSame(mentions: readonly Mention[]): readonly Mention[] {
  const kept: Mention[] = [];
  for (const mention of mentions) {
    const at = kept.findIndex((other) => isSameName(other.words, mention.words));
    const other = kept[at];
    if (other === undefined) kept.push(mention);
    else kept[at] = combine(other, mention);
  }
  return kept;
}

/** "The movement" -> the one thing that was said to be a movement; "the song" -> the one song that was named. */
function replaceDefinite(words: readonly Word[], context: Context): readonly Word[] {
  const clause = parseClause(words);
  const [first, noun, ...more] = clause?.subject ?? [];
  if (first === undefined || noun === undefined || more.length > 0 || noun.pos !== "NOUN") return words;
  if (!/^(?:the|this|that)$/.test(first.lower)) return words;
  const named = mergeSame(context.flat()).filter(
    (mention) =>
      mention.kinds.includes(noun.lower) ||
      (mention.words.length > 2 && findHead(mention.words)?.lower === noun.lower),
  );
  return named.length === 1 && named[0] !== undefined ? [...named[0].words, ...words.slice(2)] : words;
}

/** "Dorsey" -> "Jack Dorsey", when one name before ends so. */
function completeName(words: readonly Word[], context: Context): readonly Word[] {
  const clause = parseClause(words);
  const [name, ...more] = clause?.subject ?? [];
  if (name?.pos !== "PROPN" || more.length > 0) return words;
  const full = mergeSame(
    context.flat().filter((mention) => mention.isPerson !== false && isNameOf(mention, name)),
  );
  return full.length === 1 && full[0] !== undefined ? [...full[0].words, ...words.slice(1)] : words;
}

function isNameOf({ words }: Mention, name: Word): boolean {
  return (
    words.length > 1 &&
    words.length <= 4 &&
    words.at(-1)?.lower === name.lower &&
    findHead(words)?.pos === "PROPN" &&
    words.every(({ pos }) => pos === "PROPN")
  );
}
