/** Makes probes look like work: a response of as many sentences as the one that it is mixed in with has claims. */
import type { Probe } from "@mira/primitives";
import type { AccountedSentence, VerifiedClaim } from "./verification.ts";

export type ComposedProbe = {
  readonly response: string;
  readonly sentences: readonly AccountedSentence[];
  readonly claims: readonly VerifiedClaim[];
};

/** What any sentence that is a claim gets for a reason. */
const REASON = "states something that can be checked";

export function composeProbe(probes: readonly Pick<Probe, "claim">[]): ComposedProbe {
  let response = "";
  const sentences: AccountedSentence[] = [];
  const claims: VerifiedClaim[] = [];
  for (const [index, { claim: text }] of probes.entries()) {
    if (index > 0) response += " ";
    const start = response.length;
    response += text;
    const end = response.length;
    // As decomposers write them: a claim ends before the full stop of its sentence.
    if (!/[.!?]$/.test(text)) response += ".";
    const structure = { kind: "claim", claim: index } as const;
    sentences.push({
      start,
      end: response.length,
      kind: "claim",
      category: "fact",
      reason: REASON,
      structure,
    });
    claims.push({ claimId: `c${index + 1}`, text, start, end, pieces: [{ start, end }] });
  }
  return { response, sentences, claims };
}
