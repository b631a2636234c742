/** What a verification costs: before from what is asked, after from what was given. */
import { computeSize } from "./policy.ts";
import type { OpenedVerification, VerificationOpened } from "./verification.ts";

/** Attestations that the first committee is asked for. */
export function countAsked(opened: VerificationOpened): number {
  return opened.claims.length * computeSize(opened.terms, 0);
}

export function estimateCost(opened: VerificationOpened): {
  readonly estimate: bigint;
  readonly max: bigint;
} {
  const { terms, claims } = opened;
  const price = (size: number): bigint => BigInt(claims.length * size) * terms.priceUnits;
  return {
    estimate: price(computeSize(terms, 0)),
    max: price(computeSize(terms, terms.wideningsMax)),
  };
}

/** For each attestation that was shown: silence costs the caller nothing. */
export function computeCost({ opened, reveals }: OpenedVerification): bigint {
  const given = [...reveals.values()].reduce((sum, shown) => sum + shown.length, 0);
  return BigInt(given) * opened.terms.priceUnits;
}
