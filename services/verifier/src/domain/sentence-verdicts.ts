/** Verdicts on sentences, and on the response, from those on claims. */
import { recombine } from "@mira/claims/structure";
import type { Verdict } from "@mira/primitives";
import { listVerdicts } from "./verdict.ts";
import type { OpenedVerification } from "./verification.ts";

export type Recombined = {
  readonly response: Verdict;
  /** One for each sentence; undefined for one that is not checkable. */
  readonly sentences: readonly (Verdict | undefined)[];
};

export function recombineVerdicts(verification: OpenedVerification): Recombined {
  const { sentences } = verification.opened;
  const verdicts = listVerdicts(verification).map(({ verdict }) => verdict);
  const parts = sentences.flatMap(({ structure }) => structure ?? []);
  return {
    response: recombine({ kind: "all", parts }, verdicts),
    sentences: sentences.map(({ structure }) => structure && recombine(structure, verdicts)),
  };
}
