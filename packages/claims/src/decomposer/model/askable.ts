/** Which sentences a model may be asked about: plain prose that hides nothing and addresses nobody. */
import { findAmbiguity } from "../../response/ambiguity.ts";
import { WINDOW_SENTENCES } from "../../response/references/resolve.ts";
import { readPlain } from "../../response/read-unit.ts";
import type { DecomposedSentence, Structure } from "../../types.ts";
import { cleanText } from "../../untrusted/clean-text.ts";
import { isInstructionLike } from "../../untrusted/instruction-like.ts";

export type Askable = {
  readonly index: number;
  readonly text: string;
  /** Indexes of the sentences a claim may draw on: itself, then those before it, nearest first. */
  readonly window: readonly number[];
};

const ASKED_CHARS_MAX = 1000;
/** Opinions, advice and questions stay what the rules say they are; as context they are read all the same. */
const ASKED = new Set(["fact", "ambiguous"]);
const READ = new Set([...ASKED, "opinion", "hypothetical", "advice", "introduction"]);

export function listAskable(sentences: readonly DecomposedSentence[]): readonly Askable[] {
  const prose = sentences.flatMap((sentence, index) => (isPlainProse(sentence) ? [index] : []));
  return prose.flatMap((index, at) => {
    const sentence = sentences[index];
    if (sentence === undefined || !mayBeAsked(sentence)) return [];
    const window = [index, ...prose.slice(Math.max(0, at - WINDOW_SENTENCES), at).toReversed()];
    return [{ index, text: sentence.text, window }];
  });
}

/** Nothing in it was hidden, nothing in it speaks to a model. */
function isPlainProse({ text, category }: DecomposedSentence): boolean {
  if (!READ.has(category)) return false;
  const { hidden, markers, truncated } = cleanText(text, ASKED_CHARS_MAX);
  return hidden === 0 && markers.length === 0 && !truncated && !isInstructionLike(text);
}

/** What the rules are sure of stays: two readings of a date, what a condition or a speaker governs, rows and list items. */
function mayBeAsked({ text, category, structure }: DecomposedSentence): boolean {
  if (!ASKED.has(category) || findAmbiguity(readPlain(text)) !== undefined) return false;
  return structure === undefined || !isGoverned(structure);
}

function isGoverned(structure: Structure): boolean {
  if (structure.kind === "within") return structure.scope !== "circumstance" || isGoverned(structure.part);
  return (structure.kind === "all" || structure.kind === "any") && structure.parts.some(isGoverned);
}
