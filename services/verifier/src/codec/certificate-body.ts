/** The certificate's body: these very bytes are hashed, logged and handed out. */
import { toEvidenceMessage, verifier } from "@mira/api";
import { encodeBase58, encodeUtf8, sha256, type UnixMs } from "@mira/primitives";
import { listVerdicts, type ClaimVerdict } from "../domain/verdict.ts";
import { listCommittee } from "../domain/rounds.ts";
import type { OpenedVerification } from "../domain/verification.ts";
import { toPolicyTermsMessage } from "./policy-messages.ts";
import { toCommitteeMessage, toSentenceMessage, toVerdictMessage } from "./verification-messages.ts";

export type EncodedCertificate = { readonly certificateId: string; readonly body: Uint8Array };

export function encodeCertificate(
  networkId: string,
  verification: OpenedVerification,
  issuedAt: UnixMs,
): EncodedCertificate {
  const { opened } = verification;
  const body = verifier.CertificateBody.encode({
    networkId,
    verificationId: opened.verificationId,
    responseHash: sha256(encodeUtf8(opened.response)),
    sentences: opened.sentences.map(toSentenceMessage),
    claims: listVerdicts(verification).map(toClaimVerdictMessage),
    issuedMs: BigInt(issuedAt),
    sources: opened.sources.map(({ sourceId, text }) => ({ sourceId, hash: sha256(encodeUtf8(text)) })),
    committee: listCommittee(verification).map(toCommitteeMessage),
    policy: toPolicyTermsMessage(opened.terms),
  }).finish();
  return { certificateId: encodeBase58(sha256(body)), body };
}

export function toClaimVerdictMessage({
  claim,
  verdict,
  confidence,
  reason,
  attestations,
}: ClaimVerdict): verifier.ClaimVerdict {
  return {
    claim: { ...claim },
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
