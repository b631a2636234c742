/** Between the domain's words and those of the contracts; an event's bytes and a caller's message say the same thing the same way. */
import { fromEvidenceMessage, toEvidenceMessage, verifier } from "@mira/api";
import type { Candidate } from "@mira/committee";
import { parseBaseUnits, type ProbeTruth, type Verdict } from "@mira/primitives";
import type { CommitteeMember, ReachedVerdict, RevealedAttestation } from "../domain/verification.ts";

const VERDICTS = {
  supported: verifier.Verdict.SUPPORTED,
  refuted: verifier.Verdict.REFUTED,
  unresolved: verifier.Verdict.UNRESOLVED,
} as const satisfies Record<Verdict, verifier.Verdict>;

export function toVerdictMessage(verdict: Verdict): verifier.Verdict {
  return VERDICTS[verdict];
}

/** Candidates, too: they were drawn for nothing yet. */
export function toCommitteeMessage({
  validatorId,
  publicKey,
  stake,
  operator,
  family,
  claimIds = [],
}: Candidate & Partial<CommitteeMember>): verifier.CommitteeMember {
  return { validatorId, publicKey, stakeUnits: String(stake), operator, family, claimIds: [...claimIds] };
}

export function fromCommitteeMessage(message: verifier.CommitteeMember): CommitteeMember {
  const { stakeUnits, ...member } = message;
  return { ...member, stake: parseBaseUnits(stakeUnits) };
}

export function toReachedMessage({ calibrated, ...reached }: ReachedVerdict): verifier.ReachedVerdict {
  return {
    ...reached,
    calibratedConfidence: calibrated,
    verdict: VERDICTS[reached.verdict],
    weights: reached.weights.map((weight) => ({ ...weight })),
  };
}

export function fromReachedMessage(message: verifier.ReachedVerdict): ReachedVerdict {
  const { calibratedConfidence: calibrated, ...same } = message;
  return { ...same, calibrated, verdict: fromVerdictMessage(message.verdict) };
}

/** Of a probe: anything but supported is refuted, as the import saw to. */
export function fromTruthMessage(verdict: verifier.Verdict): ProbeTruth {
  return verdict === verifier.Verdict.SUPPORTED ? "supported" : "refuted";
}

/** An unknown verdict counts as unresolved. */
function fromVerdictMessage(verdict: verifier.Verdict): Verdict {
  if (verdict === verifier.Verdict.SUPPORTED) return "supported";
  return verdict === verifier.Verdict.REFUTED ? "refuted" : "unresolved";
}

export function toRevealMessage({
  claimId,
  attestation,
  signature,
  salt,
  evidence,
}: RevealedAttestation): verifier.Reveal {
  return { claimId, attestation, signature, salt, evidence: evidence.map(toEvidenceMessage) };
}

export function fromRevealMessage({
  claimId,
  attestation,
  signature,
  salt,
  evidence,
}: verifier.Reveal): RevealedAttestation {
  return {
    claimId,
    attestation,
    signature,
    salt,
    evidence: evidence.map(fromEvidenceMessage),
  };
}
