/** Sources without the sentences that speak to whoever checks a claim: an order is no evidence, whoever slipped it in. */
import { isInstructionLike } from "@mira/claims";
import { SOURCES_CHARACTERS_MAX, type SourceText } from "./verdict-prompt.ts";

export type QuietSources = { readonly sources: readonly SourceText[]; readonly leftOut: number };

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** All claims of an assignment are held against the same list: it is read once. */
const known = new WeakMap<readonly SourceText[], QuietSources>();

export function quietSources(sources: readonly SourceText[]): QuietSources {
  const before = known.get(sources);
  if (before !== undefined) return before;
  let leftOut = 0;
  const keep = ({ segment }: { readonly segment: string }): boolean => {
    const order = isInstructionLike(segment);
    if (order) leftOut++;
    return !order;
  };
  const quiet = sources.map(({ title, text }) => ({
    title: isInstructionLike(title) ? "" : title,
    // No more of a source than this reaches a prompt.
    text: [...sentences.segment(text.slice(0, SOURCES_CHARACTERS_MAX))]
      .filter(keep)
      .map(({ segment }) => segment)
      .join(""),
  }));
  const result = { sources: quiet, leftOut };
  known.set(sources, result);
  return result;
}
