/** The verdict on each claim from what was revealed and from the stake of everyone drawn. */
import { aggregateStakeWeighted } from "@mira/inference";
import { decodeAttestation, invariant, type Verdict } from "@mira/primitives";
import type {
  CommitteeMember,
  OpenedVerification,
  RevealedAttestation,
  VerifiedClaim,
} from "./verification.ts";

export type StoodAttestation = RevealedAttestation & {
  readonly member: CommitteeMember;
  readonly verdict: Verdict;
  readonly confidence: number;
};

export type ClaimVerdict = {
  readonly claim: VerifiedClaim;
  readonly verdict: Verdict;
  /** 0..1 */
  readonly confidence: number;
  readonly reason: string;
  readonly attestations: readonly StoodAttestation[];
};

export function computeVerdicts(verification: OpenedVerification): readonly ClaimVerdict[] {
  const committeeStake = verification.opened.committee.reduce((sum, { stake }) => sum + stake, 0n);
  return verification.opened.claims.map((claim) => {
    const attestations = verification.opened.committee.flatMap((member) =>
      collectAttestation(verification, member, claim),
    );
    const weighed = attestations.map(({ member, verdict, confidence }) => ({
      validatorId: member.validatorId,
      verdict,
      confidence,
      stake: member.stake,
    }));
    return { claim, attestations, ...aggregateStakeWeighted(weighed, { committeeStake }) };
  });
}

function collectAttestation(
  verification: OpenedVerification,
  member: CommitteeMember,
  claim: VerifiedClaim,
): readonly StoodAttestation[] {
  const reveal = verification.reveals
    .get(member.validatorId)
    ?.find(({ claimId }) => claimId === claim.claimId);
  if (reveal === undefined) return [];
  const decoded = decodeAttestation(reveal.attestation);
  invariant(decoded.ok, "a revealed attestation was checked before it was accepted");
  return [
    { ...reveal, member, verdict: decoded.value.verdict, confidence: decoded.value.confidenceBps / 10_000 },
  ];
}
