/** The part of the sources that a claim is held against: as much as the model was fitted on, the closest sentences first. */
import { indexSources, type SourceSentence } from "../sources/source-index.ts";
import type { Source } from "../types.ts";
import { readContent, weigh } from "./content.ts";

/** A long source has every word somewhere: coverage means something only within about as much text as in the examples. */
export const EVIDENCE_CHARS_MAX = 2000;

/** Sentences in the order of their sources. */
export function selectEvidence(claim: string, sources: readonly Source[]): string[] {
  const sentences = indexSources(sources).flatMap((index) => index.sentences());
  if (countChars(sentences) <= EVIDENCE_CHARS_MAX) return sentences.map(({ text }) => text);
  const stems = new Set(readContent(claim).stems);
  const ranked = sentences
    .map((sentence, at) => ({ sentence, at, score: score(stems, sentence) }))
    .sort((one, other) => other.score - one.score || one.at - other.at);
  const chosen: typeof ranked = [];
  let chars = 0;
  for (const entry of ranked) {
    chars += entry.sentence.text.length;
    if (chars > EVIDENCE_CHARS_MAX && chosen.length > 0) break;
    chosen.push(entry);
  }
  return chosen.sort((one, other) => one.at - other.at).map(({ sentence }) => sentence.text);
}

function countChars(sentences: readonly SourceSentence[]): number {
  return sentences.reduce((chars, { text }) => chars + text.length, 0);
}

const stemSets = new WeakMap<SourceSentence, ReadonlySet<string>>();

/** Weight of the claim's words that the sentence has. */
function score(stems: ReadonlySet<string>, sentence: SourceSentence): number {
  const known = stemSets.get(sentence) ?? new Set(readContent(sentence.text).stems);
  stemSets.set(sentence, known);
  let sum = 0;
  for (const stem of stems) if (known.has(stem)) sum += weigh(stem);
  return sum;
}
