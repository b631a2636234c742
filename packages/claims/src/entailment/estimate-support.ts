/** The built-in semantic validator: how likely the supplied sources support all of a claim. A probability, never a proof. */
import { MASK, maskMarkup } from "../response/markup.ts";
import { isEnglish } from "../sources/language.ts";
import type { Claim, Source } from "../types.ts";
import { describeSupport, SUPPORT_FEATURES, type SupportDescription } from "./describe.ts";
import { predictSupport, type SupportModel } from "./fit.ts";
import { SUPPORT_MODEL } from "./model.ts";
import { selectEvidence } from "./select-evidence.ts";

/** Neither proved nor refuted can be said with it: what a checker of kind `semantic` finds is an opinion. */
export type SupportEstimate =
  | {
      readonly kind: "estimate";
      /** That the sources support the claim as a whole, calibrated. Near `baseRate` it says nothing. */
      readonly probability: number;
      readonly baseRate: number;
      readonly modelId: string;
      /** The numbers it comes from, for a reader. */
      readonly witness: string;
    }
  | { readonly kind: "unknown"; readonly reason: string };

export type SemanticChecker = {
  readonly name: string;
  readonly kind: "semantic";
  readonly judges: "grounding";
  readonly estimate: (claim: Claim, response: string, sources: readonly Source[]) => SupportEstimate;
};

export const lexicalSupportChecker: SemanticChecker = {
  name: "lexical-support",
  kind: "semantic",
  judges: "grounding",
  estimate: (claim, _response, sources) => estimateSupport(claim.text, sources),
};

const CLAIM_CHARS_MAX = 2000;

export function estimateSupport(
  claimText: string,
  sources: readonly Source[],
  model: SupportModel = SUPPORT_MODEL,
): SupportEstimate {
  if (claimText.length > CLAIM_CHARS_MAX) return { kind: "unknown", reason: "the claim is too long" };
  const evidence = readEvidence(claimText, sources);
  if (evidence === undefined) return { kind: "unknown", reason: "no source has anything to compare" };
  if (!isEnglish(evidence.sentences.join(" ")))
    return { kind: "unknown", reason: "the sources are not in English" };
  const { description } = evidence;
  const probability = limit(predictSupport(model, description), description, model.baseRate);
  return {
    kind: "estimate",
    probability,
    baseRate: model.baseRate,
    modelId: model.modelId,
    witness: print(description, probability),
  };
}

type Evidence = { readonly sentences: readonly string[]; readonly description: SupportDescription };

/** What the estimate is made from; undefined when there is nothing to compare. */
export function readEvidence(claimText: string, sources: readonly Source[]): Evidence | undefined {
  const plain = maskMarkup(claimText).replaceAll(MASK, "");
  const sentences = selectEvidence(plain, sources);
  if (sentences.length === 0) return undefined;
  const description = describeSupport(plain, sentences);
  return description === undefined ? undefined : { sentences, description };
}

/** Shared words say nothing where the passage may say the opposite: no more than the base rate is left of them. */
function limit(probability: number, { opposition }: SupportDescription, baseRate: number): number {
  return opposition === undefined ? probability : Math.min(probability, baseRate);
}

const LISTED_MAX = 5;

function print(
  { features, thickness, missing, opposition }: SupportDescription,
  probability: number,
): string {
  const numbers = SUPPORT_FEATURES.map((name, at) => `${name} ${(features[at] ?? 0).toFixed(3)}`);
  const list = (words: readonly string[]): string => JSON.stringify(words.slice(0, LISTED_MAX));
  return [
    `support ${probability.toFixed(3)}`,
    ...numbers,
    `evidence ${thickness.toFixed(2)}`,
    ...(missing.figures.length > 0 ? [`figures not found ${list(missing.figures)}`] : []),
    ...(missing.names.length > 0 ? [`names not found ${list(missing.names)}`] : []),
    ...(opposition === undefined ? [] : [opposition]),
  ].join("; ");
}
