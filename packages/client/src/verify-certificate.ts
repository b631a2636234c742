/** Offline: that a certificate's verdicts follow from signed attestations and stake, and that the network logged it. */
import { fromEvidenceMessage, verifier } from "@mira/api";
import { aggregateStakeWeighted } from "@mira/inference";
import {
  bytesEqual,
  decodeAttestation,
  deriveValidatorId,
  encodeBase58,
  encodeEvidence,
  encodeHex,
  encodeUtf8,
  findAuditField,
  parseBaseUnits,
  refuse,
  sha256,
  succeed,
  verifySignature,
  type Refusal,
  type Result,
  type Verdict,
} from "@mira/primitives";
import type { NetworkTrust } from "./network.ts";
import { verifyEntryProof, type VerifiedEntry } from "./verify-entry.ts";

export type VerifiedCertificate = {
  readonly certificateId: string;
  readonly body: verifier.CertificateBody;
  readonly entry: VerifiedEntry;
};

const VERDICTS: Readonly<Record<number, Verdict>> = {
  [verifier.Verdict.SUPPORTED]: "supported",
  [verifier.Verdict.REFUTED]: "refuted",
  [verifier.Verdict.UNRESOLVED]: "unresolved",
};

/** No committee could be drawn. */
const NOBODY = { verdict: "unresolved", confidence: 0 } as const;

/** Base units above zero: nobody is drawn with less. */
const STAKE = /^[1-9]\d{0,39}$/;

/** `response`, when given, must be the very text that was verified. */
export function verifyCertificate(
  certificate: verifier.Certificate,
  trust: NetworkTrust,
  response?: string,
): Result<VerifiedCertificate, "PROOF_INVALID"> {
  const digest = sha256(certificate.body);
  if (certificate.certificateId !== encodeBase58(digest))
    return invalid("the certificate's id is not the hash of its body");
  const entry = verifyEntryProof(certificate.inclusion, trust);
  if (!entry.ok) return entry;
  if (
    entry.value.kind !== "certificate.issued" ||
    entry.value.subject !== certificate.certificateId ||
    findAuditField(entry.value, "certificate sha256") !== encodeHex(digest)
  )
    return invalid("the audit entry is not about this certificate", {
      kind: entry.value.kind,
      subject: entry.value.subject,
    });
  const body = decodeBody(certificate.body);
  if (body === undefined || body.networkId !== trust.networkId)
    return invalid("the body is malformed or another network's");
  const problem =
    findFormProblem(body) ?? (response === undefined ? undefined : findDifference(body, response));
  if (problem !== undefined) return invalid(problem);
  for (const claim of body.claims) {
    const refusal = refuseClaim(claim, body);
    if (refusal !== undefined) return refusal;
  }
  return succeed({ certificateId: certificate.certificateId, body, entry: entry.value });
}

/** What must hold before anything in the body is computed with. */
function findFormProblem({ committee, claims }: verifier.CertificateBody): string | undefined {
  if (!committee.every(({ stakeUnits }) => STAKE.test(stakeUnits)))
    return "a committee member's stake is malformed";
  if (new Set(committee.map(({ validatorId }) => validatorId)).size !== committee.length)
    return "a validator sits twice in the committee";
  if (committee.some(({ validatorId, publicKey }) => validatorId !== deriveValidatorId(publicKey)))
    return "a committee member's name is not that of its key";
  return claims.some(({ claim }) => claim === undefined) ? "a verdict is about no claim" : undefined;
}

function findDifference(body: verifier.CertificateBody, response: string): string | undefined {
  if (!bytesEqual(sha256(encodeUtf8(response)), body.responseHash))
    return "the certificate is about another response";
  return body.claims.every(({ claim }) => response.slice(claim?.start, claim?.end) === claim?.text)
    ? undefined
    : "a claim does not stand in the response where the certificate says";
}

/** Checks every attestation, then computes the verdict again from them. */
function refuseClaim(
  claimVerdict: verifier.ClaimVerdict,
  body: verifier.CertificateBody,
): Refusal<"PROOF_INVALID"> | undefined {
  const claimId = claimVerdict.claim?.claimId ?? "";
  for (const attestation of claimVerdict.attestations) {
    const problem = findProblem(attestation, claimVerdict, body);
    if (problem !== undefined) return invalid(problem, { claimId, validatorId: attestation.validatorId });
  }
  if (
    new Set(claimVerdict.attestations.map(({ validatorId }) => validatorId)).size !==
    claimVerdict.attestations.length
  )
    return invalid("a validator attests twice to one claim", { claimId });
  const panel = body.committee.filter(({ claimIds }) => claimIds.length === 0 || claimIds.includes(claimId));
  const committeeStake = panel.reduce((sum, { stakeUnits }) => sum + parseBaseUnits(stakeUnits), 0n);
  const weighed = claimVerdict.attestations.map(
    ({ validatorId, verdict, confidence, stakeUnits: stake }) => ({
      validatorId,
      verdict: VERDICTS[verdict] ?? "unresolved",
      confidence,
      stake: parseBaseUnits(stake),
    }),
  );
  const inferred = committeeStake === 0n ? NOBODY : aggregateStakeWeighted(weighed, { committeeStake });
  // A verdict of less confidence than the policy asks for is unresolved.
  const verdict = inferred.confidence < (body.policy?.confidenceMin ?? 0) ? "unresolved" : inferred.verdict;
  if (
    verdict !== VERDICTS[claimVerdict.verdict] ||
    Math.abs(inferred.confidence - claimVerdict.confidence) > 1e-9
  )
    return invalid("the verdict does not follow from the attestations", {
      claimId,
      needed: `${verdict} ${inferred.confidence}`,
      got: `${VERDICTS[claimVerdict.verdict] ?? "none"} ${claimVerdict.confidence}`,
    });
  return undefined;
}

function findProblem(
  attestation: verifier.Attestation,
  { claim }: verifier.ClaimVerdict,
  body: verifier.CertificateBody,
): string | undefined {
  const member = body.committee.find(({ validatorId }) => validatorId === attestation.validatorId);
  if (
    member === undefined ||
    !bytesEqual(member.publicKey, attestation.publicKey) ||
    member.stakeUnits !== attestation.stakeUnits
  )
    return "an attestation is not of a committee member";
  const decoded = decodeAttestation(attestation.attestation);
  if (!decoded.ok) return "an attestation is malformed";
  const { networkId, verificationId, claimId, claimHash, validatorId, verdict, confidenceBps, evidenceHash } =
    decoded.value;
  if (
    networkId !== body.networkId ||
    verificationId !== body.verificationId ||
    validatorId !== attestation.validatorId
  )
    return "an attestation is about something else";
  if (claimId !== claim?.claimId || !bytesEqual(claimHash, sha256(encodeUtf8(claim.text))))
    return "an attestation is about another claim";
  if (verdict !== VERDICTS[attestation.verdict] || confidenceBps / 10_000 !== attestation.confidence)
    return "an attestation's verdict is not the signed one";
  const evidence = attestation.evidence.map(fromEvidenceMessage);
  if (!bytesEqual(sha256(encodeEvidence(evidence)), evidenceHash))
    return "an attestation's evidence is not the signed one";
  return verifySignature(attestation.publicKey, attestation.attestation, attestation.signature)
    ? undefined
    : "an attestation's signature does not verify";
}

function decodeBody(bytes: Uint8Array): verifier.CertificateBody | undefined {
  try {
    return verifier.CertificateBody.decode(bytes);
  } catch {
    return undefined;
  }
}

function invalid(message: string, details: Record<string, string> = {}): Refusal<"PROOF_INVALID"> {
  return refuse("PROOF_INVALID", message, details);
}
