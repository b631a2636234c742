/** Whether a reveal shows exactly what was committed, about exactly this claim, by exactly this validator. */
import {
  bytesEqual,
  computeCommitment,
  decodeAttestation,
  encodeEvidence,
  encodeUtf8,
  refuse,
  sha256,
  verifySignature,
  type Attestation,
  type Refusal,
} from "@mira/primitives";
import type { CommitteeMember, RevealedAttestation, VerifiedClaim } from "./verification.ts";

export type RevealContext = {
  readonly networkId: string;
  readonly verificationId: string;
  readonly claim: VerifiedClaim;
  readonly member: CommitteeMember;
  readonly commitment: Uint8Array | undefined;
};

const EVIDENCE_ITEMS_MAX = 64;

export function refuseReveal(
  reveal: RevealedAttestation | undefined,
  context: RevealContext,
): Refusal | undefined {
  const { claim, member, commitment } = context;
  const at = { claimId: claim.claimId, validatorId: member.validatorId };
  if (reveal === undefined) return refuse("REQUEST_INVALID", "a reveal is needed for each claim", at);
  if (
    reveal.salt.length !== 32 ||
    commitment === undefined ||
    !bytesEqual(computeCommitment(reveal.attestation, reveal.salt), commitment)
  )
    return refuse("REVEAL_MISMATCH", "the revealed attestation is not the committed one", at);
  const decoded = decodeAttestation(reveal.attestation);
  if (!decoded.ok) return decoded;
  const difference = findDifference(decoded.value, context);
  if (difference !== undefined)
    return refuse("ATTESTATION_INVALID", `the attestation is about another ${difference}`, at);
  if (reveal.evidence.length > EVIDENCE_ITEMS_MAX)
    return refuse("ATTESTATION_INVALID", "there is more evidence than allowed", {
      ...at,
      neededMax: EVIDENCE_ITEMS_MAX,
      got: reveal.evidence.length,
    });
  if (!bytesEqual(sha256(encodeEvidence(reveal.evidence)), decoded.value.evidenceHash))
    return refuse("ATTESTATION_INVALID", "the evidence is not what was attested", at);
  if (!verifySignature(member.publicKey, reveal.attestation, reveal.signature))
    return refuse("ATTESTATION_INVALID", "the attestation's signature does not verify", at);
  return undefined;
}

function findDifference(
  attestation: Attestation,
  { networkId, verificationId, claim, member }: RevealContext,
): string | undefined {
  if (attestation.networkId !== networkId) return "network";
  if (attestation.verificationId !== verificationId) return "verification";
  if (
    attestation.claimId !== claim.claimId ||
    !bytesEqual(attestation.claimHash, sha256(encodeUtf8(claim.text)))
  )
    return "claim";
  return attestation.validatorId === member.validatorId ? undefined : "validator";
}
