/** What a clause says in passing: relative clauses, appositions, "known as ...", "with 94 ...", "including ...". */
import { insertWord, type Word } from "../words.ts";
import { cutOut, endOfAside, type Aside, type Place } from "./aside-place.ts";
import { bareSubject } from "./coordination.ts";
import { findHead, findNumber, startOfPhrase } from "./phrases.ts";
import { readDefining, readRelative } from "./relative-clauses.ts";
import { COPULAS, hasNegation, isNominal, isParticipleLike, isPast } from "./vocabulary.ts";
import { findVerbGroup, listDepths, parseClause, type Clause } from "./verb-groups.ts";

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
