/**
 * The shipped support model. Written by `npm run bench -- entailment --data FILE --train`; do not edit.
 *
 * Fitted on 1043 pairs of claim and evidence (349 claims) of the development part of WiCE (ryokamoi/wice): annotations
 * ODC-BY 1.0, texts from Wikipedia (CC BY-SA 4.0) and Common Crawl (its terms of use). Nothing of the texts is in here: means,
 * deviations and weights of 5 numbers each. SHA-256 of the data:
 * ae33170930d690cb96cd46f097ec5658daaf7fd6700d6d2bf97644e3a8dfb2f9
 */
import type { SupportModel } from "./fit.ts";

/** Features: coverage, window, weakest-clause, missing-figures, missing-names. */
export const SUPPORT_MODEL: SupportModel = {
  modelId: "lexical-support/1",
  fittedOn: "WiCE development set, 349 claims",
  means: [0.578402, 0.457697, 0.26909, 0.229062, 0.537955],
  deviations: [0.230497, 0.223768, 0.251218, 0.374889, 0.644488],
  weights: [-1.10529, 0.287042, 0.343403, 0.280342, -0.750559, -0.599625],
  slope: 1.15037,
  offset: 0.0678558,
  baseRate: 0.326648,
};
