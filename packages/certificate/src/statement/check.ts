/** Whether a statement holds in itself: what a validator checks before it signs, and everyone else after the signatures. */
import {
  bytesEqual,
  decodeAttestation,
  decodeHex,
  decodeKey,
  encodeEvidence,
  sha256,
  verifySignature,
} from "@mira/primitives";
import { decodeBase64 } from "@mira/merkle";
import { certificateLogOrigin } from "../constants.ts";
import { refusePart, type CertificateRefusal } from "../part.ts";
import { refuseSentences } from "./check-sentences.ts";
import { digest, RESPONSE_SUBJECT } from "./create.ts";
import type { CertificateAttestation, CertificateClaim, Statement, VerificationPredicate } from "./types.ts";
import { findVerdictProblem } from "./verdicts.ts";

const PREDICATE = "statement.predicate";

/** The first part that does not hold. Signers, log, draws and expiry are others' business: see verifyCertificate. */
export function refuseStatement(statement: Statement, networkId: string): CertificateRefusal | undefined {
  const { predicate } = statement;
  if (predicate.networkId !== networkId || predicate.log.origin !== certificateLogOrigin(networkId))
    return refusePart(`${PREDICATE}.networkId`, "it is another network's", {
      needed: networkId,
      got: predicate.networkId,
    });
  return (
    refuseCommittee(predicate) ??
    refuseSubjects(statement) ??
    refuseClaims(statement) ??
    refuseSentences(predicate)
  );
}

function refuseCommittee({ committee, policy }: VerificationPredicate): CertificateRefusal | undefined {
  if (digest(policy.text) !== policy.sha256)
    return refusePart(`${PREDICATE}.policy.sha256`, "it is not of the policy's text");
  const seen = new Set<string>();
  for (const [index, { validatorId }] of committee.entries()) {
    if (seen.has(validatorId))
      return refusePart(`${PREDICATE}.committee[${index}]`, "a validator sits twice", { validatorId });
    seen.add(validatorId);
  }
  return undefined;
}

function refuseSubjects({ subject, predicate }: Statement): CertificateRefusal | undefined {
  const names = [RESPONSE_SUBJECT, ...predicate.claims.map(({ claimId }) => claimId)];
  if (subject.length !== names.length || subject.some(({ name }, index) => name !== names[index]))
    return refusePart("statement.subject", "it is not the response and then each claim");
  if (new Set(names).size !== names.length) return refusePart("statement.subject", "a name stands twice");
  const wrong = predicate.claims.findIndex(
    ({ text }, index) => text !== undefined && digest(text) !== subject[index + 1]?.digest.sha256,
  );
  return wrong < 0
    ? undefined
    : refusePart(`${PREDICATE}.claims[${wrong}].text`, "its digest is not the subject's");
}

function refuseClaims(statement: Statement): CertificateRefusal | undefined {
  const { claims, withheld } = statement.predicate;
  for (const [index, claim] of claims.entries()) {
    const part = `${PREDICATE}.claims[${index}]`;
    const refusal = refuseAttestations(claim, statement, part);
    if (refusal !== undefined) return refusal;
    if (withheld !== undefined && claim.verdict !== "unresolved")
      return refusePart(`${part}.verdict`, "nothing may be decided where verdicts are withheld");
    const problem = findVerdictProblem(claim, statement.predicate);
    if (problem !== undefined) return refusePart(`${part}.verdict`, problem, { claimId: claim.claimId });
  }
  return undefined;
}

function refuseAttestations(
  claim: CertificateClaim,
  statement: Statement,
  part: string,
): CertificateRefusal | undefined {
  const members = new Set(statement.predicate.committee.map(({ validatorId }) => validatorId));
  const stranger = claim.assigned?.find((validatorId) => !members.has(validatorId));
  if (stranger !== undefined)
    return refusePart(`${part}.assigned`, "it names no member", { validatorId: stranger });
  const allowed = claim.assigned === undefined ? members : new Set(claim.assigned);
  const seen = new Set<string>();
  for (const [index, attestation] of claim.attestations.entries()) {
    const { validatorId } = attestation;
    const problem = !allowed.has(validatorId)
      ? "it is not of a member who had the claim to check"
      : seen.has(validatorId)
        ? "a validator attests twice"
        : findAttestationProblem(attestation, claim, statement);
    if (problem !== undefined)
      return refusePart(`${part}.attestations[${index}]`, problem, { claimId: claim.claimId, validatorId });
    seen.add(validatorId);
  }
  return undefined;
}

function findAttestationProblem(
  attestation: CertificateAttestation,
  { claimId }: CertificateClaim,
  { subject, predicate }: Statement,
): string | undefined {
  const bytes = decodeBase64(attestation.attestation);
  const signature = decodeBase64(attestation.signature);
  const key = decodeKey(attestation.validatorId);
  if (bytes === undefined || signature === undefined || key === undefined) return "it is not canonical";
  const decoded = decodeAttestation(bytes);
  if (!decoded.ok) return decoded.message;
  const signed = decoded.value;
  if (
    signed.networkId !== predicate.networkId ||
    signed.verificationId !== predicate.verificationId ||
    signed.validatorId !== attestation.validatorId
  )
    return "it is about another network, verification or validator";
  const claimSha256 = subject.find(({ name }) => name === claimId)?.digest.sha256 ?? "";
  if (signed.claimId !== claimId || !bytesEqual(signed.claimHash, decodeHex(claimSha256) ?? new Uint8Array()))
    return "it is about another claim";
  if (signed.verdict !== attestation.verdict || signed.confidenceBps !== attestation.confidenceBps)
    return "its verdict is not the signed one";
  if (
    attestation.evidence !== undefined &&
    !bytesEqual(sha256(encodeEvidence(attestation.evidence)), signed.evidenceHash)
  )
    return "its evidence is not the signed one";
  return verifySignature(key, bytes, signature) ? undefined : "its signature does not verify";
}
