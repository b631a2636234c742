/** Who sits for what: the committees of a verification, the members at work, the panel of a claim. */
import { invariant } from "@mira/primitives";
import type { CommitteeMember, OpenedVerification, Round, VerifiedClaim } from "./verification.ts";

/** Everyone who was drawn, in the order of the draws. */
export function listCommittee({ rounds }: OpenedVerification): readonly CommitteeMember[] {
  return rounds.flatMap(({ committee }) => committee);
}

export function getRound({ rounds }: OpenedVerification): Round {
  const round = rounds.at(-1);
  invariant(round !== undefined, "a verification that is asked for its round has one");
  return round;
}

export function findMember(
  verification: OpenedVerification,
  validatorId: string,
): CommitteeMember | undefined {
  return listCommittee(verification).find((member) => member.validatorId === validatorId);
}

/** Those drawn for this claim. */
export function listPanel(verification: OpenedVerification, claimId: string): readonly CommitteeMember[] {
  return listCommittee(verification).filter(({ claimIds }) => claimIds.includes(claimId));
}

/** What one member has to attest to, in the response's order. */
export function listClaims(
  { opened }: OpenedVerification,
  { claimIds }: CommitteeMember,
): readonly VerifiedClaim[] {
  return opened.claims.filter(({ claimId }) => claimIds.includes(claimId));
}

/** Nobody is left to wait for: everyone drawn in this round has committed. */
export function haveAllCommitted(verification: OpenedVerification): boolean {
  return getRound(verification).committee.every(({ validatorId }) => verification.commits.has(validatorId));
}

/** Everyone who committed in this round has revealed. */
export function haveAllRevealed(verification: OpenedVerification): boolean {
  return getRound(verification).committee.every(
    ({ validatorId }) => !verification.commits.has(validatorId) || verification.reveals.has(validatorId),
  );
}

/** Everyone who has revealed, in any round, has signed what is proposed. */
export function haveAllSigned({ reveals, signatures }: OpenedVerification): boolean {
  return [...reveals.keys()].every((validatorId) => signatures.has(validatorId));
}
