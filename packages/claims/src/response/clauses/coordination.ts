/** Clauses and verb phrases joined by "and", "but", "while", "or", ";": where a sentence says several things side by side. */
import type { Word } from "../words.ts";
import { dropConnectives } from "./openings.ts";
import { findHead } from "./phrases.ts";
import {
  hasNegation,
  isNominal,
  isNonFinite,
  isParticipleLike,
  isPlainlyFinite,
  isStrongParticiple,
  startsSubject,
  TIES,
} from "./vocabulary.ts";
import { findVerbGroup, listDepths, parseClause, type Clause } from "./verb-groups.ts";

export type Coordination = {
  readonly kind: "all" | "any";
  readonly left: readonly Word[];
  /** With its subject, borrowed from the left where it has none. */
  readonly right: readonly Word[];
  /** What the joint says beyond "both": "so". */
  readonly link: string | undefined;
};

/** The first place where the sentence can be taken apart; undefined where a part would not stand alone. */
export function findCoordination(words: readonly Word[]): Coordination | undefined {
  const clause = parseClause(words);
  if (clause === undefined || words.some((word, at) => isCorrelative(words, word, at))) return undefined;
  const depths = listDepths(words);
  for (let at = clause.subject.length + clause.verb.length; at < words.length - 1; at++) {
    const width = depths[at] === 0 ? measureJoint(words, at) : 0;
    if (width === 0) continue;
    const joint = words[at + width - 1]?.lower ?? "";
    const [left, right] = [words.slice(0, at), dropConnectives(words.slice(at + width))];
    const completed = completeRight({ clause, left, right, joint, hasComma: width === 2 || joint === ";" });
    if (completed === undefined) continue;
    return {
      kind: joint === "or" ? "any" : "all",
      left,
      right: completed,
      link: joint === "so" ? "so" : undefined,
    };
  }
  return undefined;
}

function isCorrelative(words: readonly Word[], { lower }: Word, at: number): boolean {
  if (/^(?:respectively|neither|either|whether)$/.test(lower)) return true;
  return lower === "not" && words[at + 1]?.lower === "only";
}

/** How many words the joint at `at` takes, 0 for none. */
function measureJoint(words: readonly Word[], at: number): number {
  const [word, next] = [words[at], words[at + 1]];
  if (word === undefined || next === undefined) return 0;
  if (word.text === ";") return /^(?:and|but)$/.test(next.lower) ? 2 : 1;
  if (word.text === ",")
    return /^(?:and|but|or|yet|so|while|whereas|although|though)$/.test(next.lower) ? 2 : 0;
  return /^(?:and|but|or|whereas)$/.test(word.lower) || (word.lower === "while" && word.pos === "SCONJ")
    ? 1
    : 0;
}

type Joint = {
  readonly clause: Clause;
  readonly left: readonly Word[];
  readonly right: readonly Word[];
  readonly joint: string;
  readonly hasComma: boolean;
};

function completeRight(joint: Joint): readonly Word[] | undefined {
  const { right, left } = joint;
  if (right.some(({ lower }) => TIES.has(lower))) return undefined;
  if (joint.joint === "or" && hasNegation([...left, ...right])) return undefined;
  if (hasOwnSubject(joint)) return right;
  return joint.joint === "and" || joint.joint === "but" || joint.joint === "or" || joint.joint === "yet"
    ? borrowSubject(joint)
    : undefined;
}

/** A longer subject than this is more likely a misread object of the left part. */
const SUBJECT_WORDS_MAX = 14;

function hasOwnSubject({ right, hasComma }: Joint): boolean {
  const [first] = right;
  const clause = first !== undefined && startsSubject(first) ? parseClause(right) : undefined;
  if (clause === undefined || clause.subject.length > SUBJECT_WORDS_MAX) return false;
  const [verb] = clause.verb.filter(({ pos }) => pos !== "ADV");
  const head = findHead(clause.subject);
  const hasHead =
    (head !== undefined && (isNominal(head) || head.pos === "NUM")) || clause.subject[0]?.pos === "PRON";
  if (!hasHead || verb === undefined || clause.subject.some(isEmbedding)) return false;
  if (isTornList(clause.subject)) return false;
  if (isPlainlyFinite(verb) || clause.subject[0]?.pos === "PRON") return true;
  // "books and articles published in 1990": without a comma a participle belongs to its noun.
  return (
    hasComma &&
    !(isParticipleLike(verb) && clause.rest[0]?.pos === "ADP" && clause.subject[0]?.pos === "NOUN")
  );
}

/** "'pilot' and they": a list that began in the left part, and the subject of the right. */
function isTornList(subject: readonly Word[]): boolean {
  return subject.some(({ pos }) => pos === "CCONJ") && subject.some(({ pos }) => pos === "PRON");
}

/** What comes after these belongs to a clause inside the phrase. */
function isEmbedding({ text, lower, pos }: Word): boolean {
  return text === "," || (pos === "PART" && lower === "to") || pos === "SCONJ" || lower === "that";
}

/** "X rose in 1990 and fell in 1991": the right part says it of the same subject. */
function borrowSubject({ clause, left, right }: Joint): readonly Word[] | undefined {
  const verbAt = right.findIndex(({ pos }) => pos !== "ADV");
  const verb = right[verbAt];
  if (verb === undefined || verbAt > 2 || isNonFinite(verb)) return undefined;
  const subject = bareSubject(clause.subject);
  const isOwnVerb =
    isPlainlyFinite(verb) ||
    (isParticipleLike(verb) && !isStrongParticiple(verb) && isPlainPast(clause, left));
  if (isOwnVerb) return right.length > verbAt + 1 ? [...subject, ...right] : undefined;
  const auxiliaries = clause.verb.filter(({ pos }) => pos === "AUX");
  const isShared =
    auxiliaries.length > 0 &&
    isPassive(clause) &&
    isStrongParticiple(verb) &&
    right[verbAt + 1]?.pos === "ADP";
  return isShared && !hasNegation(left) ? [...subject, ...auxiliaries, ...right] : undefined;
}

/** The left verb is a past tense of its own ("flooded"), so a like form to the right is one too; no other verb stands between. */
function isPlainPast({ subject, verb }: Clause, left: readonly Word[]): boolean {
  const between = left.slice(subject.length + verb.length);
  const isSimple = verb.every(({ pos }) => pos !== "AUX");
  return isSimple && findVerbGroup([...verb.slice(-1), ...between], 1) === undefined;
}

function isPassive({ verb }: Clause): boolean {
  const last = verb.at(-1);
  return last?.pos === "VERB" && verb.some(({ lower }) => /^(?:is|are|was|were|been|be)$/.test(lower));
}

/** The subject without what is said of it in passing: "Ada, a countess, wrote" -> "Ada". A list keeps its commas. */
export function bareSubject(subject: readonly Word[]): readonly Word[] {
  const comma = subject.findIndex(({ text }) => text === ",");
  const isList = subject.some(({ pos }, at) => pos === "CCONJ" && at > comma);
  return comma <= 0 || isList ? subject : subject.slice(0, comma);
}
