/** Verdicts on sentences, and on the response, from the verdicts on claims. */
import { recombine } from "@mira/claims/structure";
import type { Verdict } from "@mira/primitives";
import type { CertificateSentence, VerificationPredicate } from "./types.ts";

/** The response says all that its sentences say; those that are not checkable have no part in it. */
export function recombineSentences(
  sentences: readonly Omit<CertificateSentence, "verdict">[],
  verdicts: readonly Verdict[],
): Pick<VerificationPredicate, "verdict" | "sentences"> {
  const parts = sentences.flatMap(({ structure }) => structure ?? []);
  return {
    verdict: recombine({ kind: "all", parts }, verdicts),
    sentences: sentences.map((sentence) =>
      sentence.structure === undefined
        ? sentence
        : { ...sentence, verdict: recombine(sentence.structure, verdicts) },
    ),
  };
}
