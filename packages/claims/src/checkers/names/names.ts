/** The name checker: who and what a claim names, against the sources. Absence is a flag; only another name in the same place refutes. */
import type { Checker, Claim, Finding, Source } from "../../types.ts";
import { indexSources, type SourceIndex } from "../../sources/source-index.ts";
import { isStopWord, listStems, listWords, toStem } from "../../sources/words.ts";
import { saysOnly } from "../only.ts";
import { readClaim } from "../reading.ts";
import { summarise, WITNESS_CHARS_MAX, type Statement } from "../statement.ts";
import { findAgents, type Agent } from "./agents.ts";
import { recheckNames } from "./recheck.ts";

export const nameChecker: Checker = { name: "names", judges: "grounding", check, recheck: recheckNames };

function check(claim: Claim, _response: string, sources: readonly Source[]): Finding {
  const reading = readClaim(claim);
  const indexes = indexSources(sources);
  if (reading === undefined || indexes.length === 0) return { verdict: "not-applicable" };
  const mention = readMention(reading.text, indexes);
  if (mention !== undefined) return summarise([mention], reading.reservation);
  const names = listNames(reading.text);
  if (names.length === 0) return { verdict: "not-applicable" };
  if (!indexes.every((index) => index.isEnglish()))
    return {
      verdict: "undecided",
      witness: "a source is not in English, and may write names in another way",
    };
  const absent = names.filter((name) => !isKnown(name, indexes));
  if (absent.length === 0)
    return {
      verdict: "undecided",
      witness: "each name stands in a source; what is said of them is not checked",
    };
  const other = findOther(reading.text, absent, indexes);
  if (other !== undefined) return summarise([other], reading.reservation);
  const witness = `in no source: ${absent.map((name) => JSON.stringify(name)).join(", ")}`;
  return { verdict: "undecided", witness: witness.slice(0, WITNESS_CHARS_MAX), flag: "not-in-sources" };
}

const NAMES_MAX = 20;

/** Capitalised words, the first of the sentence left out, lower case. */
function listNames(text: string): string[] {
  const words = listWords(text);
  const names = words.filter(
    ({ lower, start }, at) =>
      at > 0 && !isStopWord(lower) && /^\p{Lu}/u.test(text.slice(start)) && !NO_NAME.test(lower),
  );
  return [...new Set(names.map(({ lower }) => lower.replace(/'s$/, "")))].slice(0, NAMES_MAX);
}

/** Capitalised in English, and no name of anybody. Single letters are initials. */
const NO_NAME =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|i|ad|bc|bce|ce|\p{L})$/u;

function isKnown(name: string, indexes: readonly SourceIndex[]): boolean {
  return indexes.some((index) => index.vocabulary().has(name) || index.vocabulary().has(toStem(name)));
}

const MENTION =
  /^(?:the|this) (?:source|text|article|document|report|passage) (?:mentions|names) (.{2,60}?)\.?$/i;
const NO_WORDS: ReadonlySet<string> = new Set();

/** "The source mentions Mary Holt": literally there, or not. */
function readMention(text: string, indexes: readonly SourceIndex[]): Statement | undefined {
  const [, name = ""] = MENTION.exec(text.trim()) ?? [];
  const [index, ...others] = indexes;
  if (!/^\p{Lu}/u.test(name) || index === undefined || others.length > 0) return undefined;
  if (/\b(?:and|or|that|as)\b|,/.test(name) || saysOnly(name, NO_WORDS)) return undefined;
  const holds = standsIn(name, index.source.text);
  // Another spelling or a part of the name may be there: absence is told only when no word of it is.
  const isAbsent = listWords(name).every(({ lower }) => !isKnown(lower, indexes));
  const outcome = holds ? "holds" : isAbsent ? "fails" : "open, a part of it is there";
  const witness = `${JSON.stringify(name)} stands in source ${JSON.stringify(index.source.sourceId)}: ${outcome}`;
  return { holds: holds ? true : isAbsent ? false : undefined, isWhole: true, witness };
}

/** Letter by letter, and no part of a longer word. */
function standsIn(name: string, text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (
      !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
      !/^[\p{L}\p{N}]/u.test(text.slice(at + name.length))
    )
      return true;
  return false;
}

/** "Designed by Ada Quist" where the source has "designed by Mary Holt", of the same thing. */
function findOther(
  text: string,
  absent: readonly string[],
  indexes: readonly SourceIndex[],
): Statement | undefined {
  const [agent, ...more] = findAgents(text);
  if (agent === undefined || more.length > 0 || !agent.names.every((name) => absent.includes(name)))
    return undefined;
  const said = listStems(listWords(text.slice(0, agent.start) + text.slice(agent.end)));
  for (const { source, sentences } of indexes) {
    for (const { start, end, text: sentence } of sentences()) {
      const found = findAgents(sentence);
      const [theirs] = found;
      if (theirs === undefined || found.length > 1 || theirs.verb !== agent.verb) continue;
      if (!holdsAll(sentence, theirs, source.title, said)) continue;
      const place = `source ${JSON.stringify(source.sourceId)} at ${start} to ${end}`;
      const witness = `${agent.verb} by ${JSON.stringify(agent.text)}; ${place} has ${agent.verb} by ${JSON.stringify(theirs.text)}: other`;
      return { holds: false, isWhole: false, witness };
    }
  }
  return undefined;
}

/** Everything that the claim says but the name, and no negation. */
function holdsAll(sentence: string, agent: Agent, title: string, said: readonly string[]): boolean {
  if (/\b(?:not|never|no)\b|n['’]t\b/i.test(sentence)) return false;
  const rest = listWords(`${sentence.slice(0, agent.start)} ${sentence.slice(agent.end)} ${title}`);
  const there = new Set(listStems(rest));
  return said.length >= 2 && said.every((stem) => there.has(stem));
}
