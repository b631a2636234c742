/** What a clause says in passing: relative clauses, appositions, "known as ...", "with 94 ...", "including ...". */
import { insertWord, type Word } from "../words.ts";
import { bareSubject } from "./coordination.ts";
import { findHead, findNumber, startOfPhrase } from "./phrases.ts";
import { COPULAS, hasNegation, isNominal, isParticipleLike, isPast, RELATIVES } from "./vocabulary.ts";
import { findVerbGroup, listDepths, parseClause, type Clause } from "./verb-groups.ts";

export type Aside = {
  /** The clause without it. */
  readonly main: readonly Word[];
  /** What it says, as a clause of its own. */
  readonly said: readonly Word[];
  /** Said of the clause's subject under all that governs the clause. */
  readonly isGoverned: boolean;
};

type Place = {
  readonly words: readonly Word[];
  readonly clause: Clause;
  readonly verbAt: number;
  /** Index of the comma before, or of the relative pronoun where there is none. */
  readonly at: number;
  readonly end: number;
};

/** The first aside that can stand alone; undefined when there is none. */
export function findAside(words: readonly Word[]): Aside | undefined {
  const clause = parseClause(words);
  if (clause === undefined) return undefined;
  const depths = listDepths(words);
  const verbAt = clause.subject.length;
  for (let at = 1; at < words.length - 2; at++) {
    if (depths[at] !== 0) continue;
    if (words[at]?.text === ",") {
      const place = { words, clause, verbAt, at, end: endOfAside(words, at, verbAt) };
      const aside =
        readRelative(place) ??
        readApposition(place) ??
        readParticiple(place) ??
        readFigure(place) ??
        readIncluded(place);
      if (aside !== undefined) return aside;
    }
    if (at > verbAt && /^(?:who|that|which)$/.test(words[at]?.lower ?? "")) {
      const aside = readDefining({ words, clause, verbAt, at, end: words.length });
      if (aside !== undefined) return aside;
    }
  }
  return undefined;
}

/** Within the subject up to the comma before the verb, else up to the next relative clause or the end. */
function endOfAside(words: readonly Word[], at: number, verbAt: number): number {
  const depths = listDepths(words);
  if (at < verbAt) {
    for (let end = verbAt - 1; end > at; end--) if (words[end]?.text === "," && depths[end] === 0) return end;
    return -1;
  }
  for (let end = at + 2; end < words.length - 1; end++) {
    if (RELATIVES.has(words[end]?.lower ?? "")) break;
    const isComma = words[end]?.text === "," && depths[end] === 0;
    if (isComma && opensRelative(words, end)) return end;
  }
  return words.length;
}

const opensRelative = (words: readonly Word[], comma: number): boolean =>
  /^(?:which|who)$/.test(words[comma + 1]?.lower ?? "");

/** The comma that closes the aside goes with it, unless the next aside begins there. */
function cutOut({ words, at, end }: Place): readonly Word[] {
  return [...words.slice(0, at), ...words.slice(opensRelative(words, end) ? end : end + 1)];
}

/** ", which is on Mars": of the phrase before the comma, when it is the only one that fits. */
function readRelative(place: Place): Aside | undefined {
  const { words, at, end, verbAt } = place;
  const pronoun = words[at + 1]?.lower;
  if (end < 0 || (pronoun !== "which" && pronoun !== "who")) return undefined;
  const body = words.slice(at + 2, end);
  const group = findVerbGroup([insertWord("it", "PRON"), ...body], 1);
  if (group?.start !== 1) return undefined;
  const verb = body.slice(0, group.end - 1);
  const antecedent = findAntecedent(words.slice(0, at), verb, at < verbAt);
  if (antecedent === undefined) return undefined;
  return { main: cutOut(place), said: [...antecedent, ...body], isGoverned: false };
}

/** "in the house of X in Y, which": two phrases could be meant, unless number leaves one. */
function findAntecedent(
  before: readonly Word[],
  verb: readonly Word[],
  isSubject: boolean,
): readonly Word[] | undefined {
  const start = startOfPhrase(before, before.length);
  const near = before.slice(start);
  if (!near.some(isNominal) || hasNegation(near)) return undefined;
  const fits = (phrase: readonly Word[]): boolean => agrees(phrase, verb);
  if (before[start - 1]?.pos !== "ADP") return fits(near) ? near : undefined;
  const outerStart = startOfPhrase(before, start - 1);
  const outer = before.slice(outerStart, start - 1);
  if (!outer.some(isNominal)) return fits(near) && !isSubject ? near : undefined;
  return fits(near) && !fits(outer) ? near : undefined;
}

function agrees(phrase: readonly Word[], verb: readonly Word[]): boolean {
  const first = verb.find(({ pos }) => pos === "AUX" || pos === "VERB");
  const number = findNumber(phrase);
  if (first === undefined || number === "open") return true;
  if (/^(?:is|was|has|does)$/.test(first.lower)) return number === "one";
  if (/^(?:are|were|have|do)$/.test(first.lower)) return number === "many";
  if (first.pos === "VERB" && /[^s]s$/.test(first.lower)) return number === "one";
  return true;
}

/** "is a movement that emerged in 1890": X is a movement, and X emerged in 1890. Only for "a": "the only one that" defines. */
function readDefining({ words, clause, verbAt, at, end }: Place): Aside | undefined {
  const isCopula = clause.verb.length <= 2 && COPULAS.has(clause.verb[0]?.lower ?? "");
  const complement = words.slice(verbAt + clause.verb.length, at);
  const [first] = complement;
  if (!isCopula || first === undefined || !/^an?$/.test(first.lower) || hasNegation(clause.verb))
    return undefined;
  if (complement.some(({ pos, text }) => pos === "ADP" || text === ",")) return undefined;
  const body = words.slice(at + 1, end);
  const group = findVerbGroup([insertWord("it", "PRON"), ...body], 1);
  if (group?.start !== 1) return undefined;
  return { main: words.slice(0, at), said: [...bareSubject(clause.subject), ...body], isGoverned: true };
}

/** Appositions to what happened, not to the name before them. */
const EVENTS =
  /^(?:first|record|feat|move|decision|achievement|practice|title|position|role|honou?r|process|fact|result)$/;

/** "Damascus, the capital of Syria": Damascus is the capital of Syria. */
function readApposition(place: Place): Aside | undefined {
  const { words, clause, at, end, verbAt } = place;
  const [first] = words.slice(at + 1);
  if (end < 0 || first === undefined || !/^(?:a|an|the)$/.test(first.lower)) return undefined;
  const body = words.slice(at + 1, end);
  const plain = body.slice(0, findRelativeIn(body));
  if (plain.some(({ text, pos }) => text === "," || pos === "AUX") || joinsPhrases(plain)) return undefined;
  if (findVerbGroup([insertWord("it", "PRON"), insertWord("is", "AUX"), ...plain], 2) !== undefined)
    return undefined;
  const start = startOfPhrase(words, at);
  const name = words.slice(start, at);
  const head = findHead(plain);
  if (name.at(-1)?.pos !== "PROPN" || head === undefined || !isNominal(head) || EVENTS.test(head.lower))
    return undefined;
  const before = words[start - 1];
  const isAttached =
    before === undefined ||
    at < verbAt ||
    before.pos !== "ADP" ||
    /^(?:of|by|named|called)$/.test(before.lower);
  if (!isAttached || (at < verbAt && start > 0)) return undefined;
  return { main: cutOut(place), said: [...name, createCopula(clause, "one"), ...body], isGoverned: false };
}

function findRelativeIn(words: readonly Word[]): number {
  const at = words.findIndex(({ lower }) => /^(?:who|which|that)$/.test(lower));
  return at < 0 ? words.length : at;
}

/** "the cup and the shield": a list goes on there. */
function joinsPhrases(words: readonly Word[]): boolean {
  return words.some(({ pos }, at) => pos === "CCONJ" && words[at + 1]?.pos === "DET");
}

/** Participles that name or place a thing: true of it whatever else the clause says. */
const NAMING =
  /^(?:known|called|named|located|situated|founded|established|built|born|written|directed|composed|published|invented|created|designed|based|discovered|nicknamed|titled|dubbed)$/;

/** ", located on the border": of the subject, or of the name that the subject is. */
function readParticiple(place: Place): Aside | undefined {
  const { words, clause, at, end, verbAt } = place;
  const from = /^(?:also|formerly|often|commonly|now)$/.test(words[at + 1]?.lower ?? "") ? at + 2 : at + 1;
  const participle = words[from];
  if (end < 0 || participle === undefined || !isParticipleLike(participle) || !NAMING.test(participle.lower))
    return undefined;
  const body = words.slice(at + 1, end);
  if (body.some(({ text, pos }) => text === "," || pos === "AUX")) return undefined;
  const subject = bareSubject(clause.subject);
  const complement = words.slice(verbAt + clause.verb.length, at);
  const isNear = at < verbAt ? subject.length === at : isIdentity(clause, complement);
  if (!isNear) return undefined;
  const named = at > verbAt && isName(complement) ? complement : subject;
  return {
    main: cutOut(place),
    said: [...named, createCopula(clause, findNumber(named)), ...body],
    isGoverned: false,
  };
}

/** ", with 94 reactors": it has 94 reactors; only of what is or has, since an event has them otherwise. */
function readFigure(place: Place): Aside | undefined {
  const { words, clause, at, end, verbAt } = place;
  if (end < 0 || at < verbAt || words[at + 1]?.lower !== "with") return undefined;
  const body = words.slice(at + 2, end);
  const isStative = clause.verb.every(
    ({ lower, pos }) => pos === "ADV" || /^(?:is|are|has|have|'s)$/.test(lower),
  );
  if (!isStative || !startsWithFigure(body) || body.some(isLooseVerb)) return undefined;
  const complement = clause.rest.slice(0, at - verbAt - clause.verb.length);
  const subject = bareSubject(clause.subject);
  if (subject[0]?.lower === "there") return undefined;
  const named = isName(complement) && COPULAS.has(clause.verb[0]?.lower ?? "") ? complement : subject;
  const has = insertWord(
    findNumber(named) === "many" || clause.verb[0]?.lower === "have" ? "have" : "has",
    "AUX",
  );
  return { main: cutOut(place), said: [...named, has, ...body], isGoverned: true };
}

function startsWithFigure(words: readonly Word[]): boolean {
  const at = words.findIndex(({ pos }) => pos === "NUM");
  return (
    at >= 0 &&
    at <= 4 &&
    words
      .slice(0, at)
      .every(
        ({ pos, lower }) => /^(?:ADV|ADP|DET|SYM|ADJ)$/.test(pos) || lower === "total" || lower === "more",
      )
  );
}

/** A verb after a noun makes a clause of it: "with 82 % of the population identifying as ...". */
function isLooseVerb({ pos }: Word, at: number, words: readonly Word[]): boolean {
  const before = words[at - 1];
  return pos === "AUX" || (pos === "VERB" && before !== undefined && isNominal(before));
}

/** "has won 28 medals, including 23 gold medals": has won 23 gold medals. */
function readIncluded(place: Place): Aside | undefined {
  const { words, clause, at, end, verbAt } = place;
  if (end < 0 || at < verbAt || words[at + 1]?.lower !== "including" || hasNegation(words)) return undefined;
  if (clause.verb.some(({ lower }) => COPULAS.has(lower))) return undefined;
  const body = words.slice(at + 2, end);
  const object = clause.rest.slice(0, at - verbAt - clause.verb.length);
  const isPlain = object.every(({ pos, lower }) => (pos !== "ADP" || lower === "of") && pos !== "VERB");
  if (!isPlain || !startsWithFigure(body) || body.some(isLooseVerb)) return undefined;
  return {
    main: cutOut(place),
    said: [...bareSubject(clause.subject), ...clause.verb, ...body],
    isGoverned: true,
  };
}

/** A name and nothing else after "is": the subject and it are one. */
function isName(words: readonly Word[]): boolean {
  return (
    words.length > 0 &&
    words.at(-1)?.pos === "PROPN" &&
    words.every(({ pos, lower }) => pos === "PROPN" || lower === "the")
  );
}

function isIdentity({ verb }: Clause, complement: readonly Word[]): boolean {
  const isCopula = verb.every(({ lower, pos }) => pos === "ADV" || COPULAS.has(lower));
  return (
    isCopula && complement.length > 0 && !complement.some(({ pos, lower }) => pos === "ADP" && lower !== "of")
  );
}

/** In the tense of the clause: what was said in passing was said of the same time. */
function createCopula({ verb }: Clause, number: string): Word {
  const [finite] = verb.filter(({ pos }) => pos !== "ADV");
  const isBefore = finite !== undefined && isPast(finite);
  const [one, many] = isBefore ? ["was", "were"] : ["is", "are"];
  return insertWord(number === "many" ? many : one, "AUX");
}
