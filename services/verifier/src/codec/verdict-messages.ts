/** Verdicts as callers are told of them. */
import { toEvidenceMessage, type verifier } from "@mira/api";
import type { ClaimVerdict } from "../domain/verdict.ts";
import { toClaimMessage } from "./decomposition-messages.ts";
import { toVerdictMessage } from "./verification-messages.ts";

export function toClaimVerdictMessage({
  claim,
  verdict,
  confidence,
  reason,
  attestations,
}: ClaimVerdict): verifier.ClaimVerdict {
  return {
    claim: toClaimMessage(claim),
    verdict: toVerdictMessage(verdict),
    confidence,
    reason,
    attestations: attestations.map(
      ({ member, attestation, signature, verdict: attested, confidence: certainty, evidence }) => ({
        validatorId: member.validatorId,
        publicKey: member.publicKey,
        attestation,
        signature,
        verdict: toVerdictMessage(attested),
        confidence: certainty,
        stakeUnits: String(member.stake),
        evidence: evidence.map(toEvidenceMessage),
      }),
    ),
  };
}
