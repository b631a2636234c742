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
    sentences.push({ start, end: response.length, kind: "claim", reason: REASON });
    claims.push({ claimId: `c${index + 1}`, text, start, end: response.length });
  }
  return { response, sentences, claims };
}
