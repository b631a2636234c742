/** Policies between the domain's words and the contracts'. */
import type { verifier } from "@mira/api";
import { parseBaseUnits } from "@mira/primitives";
import type { Policy, PolicyTerms } from "../domain/policy.ts";

export function toPolicyMessage(policy: Policy): verifier.Policy {
  const { isPrivate, commitMs, revealMs, priceUnits, tiers, domains, ...same } = policy;
  return {
    ...same,
    domains: [...domains],
    tiers: tiers.map(({ valueMaxUnits, committeeSize, confidenceMin }) => ({
      valueMaxUnits: valueMaxUnits === undefined ? "" : String(valueMaxUnits),
      committeeSize,
      confidenceMin,
    })),
    commitMs: BigInt(commitMs),
    revealMs: BigInt(revealMs),
    private: isPrivate,
    priceUnits: String(priceUnits),
  };
}

export function toPolicyTermsMessage(terms: PolicyTerms): verifier.PolicyTerms {
  const { isPrivate, commitMs, revealMs, priceUnits, valueAtStake, ...same } = terms;
  return {
    ...same,
    valueAtStakeUnits: String(valueAtStake),
    commitMs: BigInt(commitMs),
    revealMs: BigInt(revealMs),
    private: isPrivate,
    priceUnits: String(priceUnits),
  };
}

export function fromPolicyTermsMessage(message: verifier.PolicyTerms): PolicyTerms {
  const { private: isPrivate, commitMs, revealMs, priceUnits, valueAtStakeUnits, ...same } = message;
  return {
    ...same,
    valueAtStake: parseBaseUnits(valueAtStakeUnits),
    commitMs: Number(commitMs),
    revealMs: Number(revealMs),
    isPrivate,
    priceUnits: parseBaseUnits(priceUnits),
  };
}
