/** The shipped model as a source file: constants, and what they come from. */
import { SUPPORT_FEATURES, type SupportExample, type SupportModel } from "@mira/claims";

/** Enough digits for the fourth decimal of a probability, few enough to be the same on any machine. */
const DIGITS = 6;

export function printModel(
  model: SupportModel,
  examples: readonly SupportExample[],
  dataDigest: string,
): string {
  const claims = new Set(examples.map(({ group }) => group)).size;
  const list = (values: readonly number[]): string => `[${values.map(print).join(", ")}]`;
  return `/**
 * The shipped support model. Written by \`npm run bench -- entailment --data FILE --train\`; do not edit.
 *
 * Fitted on ${examples.length} pairs of claim and evidence (${claims} claims) of the development part of WiCE (ryokamoi/wice): annotations
 * ODC-BY 1.0, texts from Wikipedia (CC BY-SA 4.0) and Common Crawl (its terms of use). Nothing of the texts is in here: means,
 * deviations and weights of ${SUPPORT_FEATURES.length} numbers each. SHA-256 of the data:
 * ${dataDigest}
 */
import type { SupportModel } from "./fit.ts";

/** Features: ${SUPPORT_FEATURES.join(", ")}. */
export const SUPPORT_MODEL: SupportModel = {
  modelId: ${JSON.stringify(model.modelId)},
  fittedOn: "WiCE development set, ${claims} claims",
  means: ${list(model.means)},
  deviations: ${list(model.deviations)},
  weights: ${list(model.weights)},
  slope: ${print(model.slope)},
  offset: ${print(model.offset)},
  baseRate: ${print(model.baseRate)},
};
`;
}

function print(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
