/** Relative clauses: ", which is on Mars" says something of its own; "a movement that emerged" does after "is". */
import { insertWord, type Word } from "../words.ts";
import { cutOut, type Aside, type Place } from "./aside-place.ts";
import { bareSubject } from "./coordination.ts";
import { findNumber, startOfPhrase } from "./phrases.ts";
import { COPULAS, hasNegation, isNominal } from "./vocabulary.ts";
import { findVerbGroup } from "./verb-groups.ts";

/** ", which is on Mars": of the phrase before the comma, when it is the only one that fits. */
export function readRelative(place: Place): Aside | undefined {
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
export function readDefining({ words, clause, verbAt, at, end }: Place): Aside | undefined {
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
