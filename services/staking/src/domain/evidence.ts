/** Proof of equivocation: two validly signed attestations of one validator on one claim with different verdicts. */
import {
  CanonicalWriter,
  decodeAttestation,
  encodeHex,
  refuse,
  sha256,
  succeed,
  verifySignature,
  type Attestation,
  type Result,
} from "@mira/primitives";
import type { SignedBytes } from "./validator.ts";

export type Equivocation = {
  readonly validatorId: string;
  /** The same fault has the same id, whatever the order or choice of the two attestations: it is punished once. Hex. */
  readonly evidenceId: string;
  readonly first: SignedBytes;
  readonly second: SignedBytes;
};

export type EvidenceContext = {
  readonly networkId: string;
  readonly validatorId: string;
  readonly publicKey: Uint8Array;
};

/** Checks the proof against the validator's own key; nothing that the submitter says counts. */
export function verifyEquivocation(
  first: SignedBytes,
  second: SignedBytes,
  context: EvidenceContext,
): Result<Equivocation, "EVIDENCE_INVALID"> {
  const left = readAttestation("first", first, context);
  if (!left.ok) return left;
  const right = readAttestation("second", second, context);
  if (!right.ok) return right;
  const one = left.value;
  const other = right.value;
  if (one.verificationId !== other.verificationId || one.claimId !== other.claimId)
    return refuse("EVIDENCE_INVALID", "the attestations are about different claims", {
      first: `${one.verificationId}/${one.claimId}`,
      second: `${other.verificationId}/${other.claimId}`,
    });
  if (one.verdict === other.verdict)
    return refuse("EVIDENCE_INVALID", "the attestations do not contradict each other", {
      verdict: one.verdict,
    });
  return succeed({ validatorId: context.validatorId, evidenceId: deriveEvidenceId(one), first, second });
}

function readAttestation(
  which: string,
  signed: SignedBytes,
  context: EvidenceContext,
): Result<Attestation, "EVIDENCE_INVALID"> {
  const decoded = decodeAttestation(signed.attestation);
  if (!decoded.ok)
    return refuse("EVIDENCE_INVALID", `the ${which} attestation is malformed`, { problem: decoded.message });
  const { networkId, validatorId } = decoded.value;
  if (networkId !== context.networkId || validatorId !== context.validatorId)
    return refuse("EVIDENCE_INVALID", `the ${which} attestation is another network's or validator's`, {
      needed: `${context.networkId} ${context.validatorId}`,
      got: `${networkId} ${validatorId}`,
    });
  return verifySignature(context.publicKey, signed.attestation, signed.signature)
    ? succeed(decoded.value)
    : refuse("EVIDENCE_INVALID", `the ${which} attestation's signature does not verify`, { validatorId });
}

function deriveEvidenceId(attestation: Attestation): string {
  const { networkId, validatorId, verificationId, claimId } = attestation;
  const bytes = new CanonicalWriter()
    .text("mira:evidence-id:v1")
    .text("equivocation")
    .text(networkId)
    .text(validatorId)
    .text(verificationId)
    .text(claimId)
    .finish();
  return encodeHex(sha256(bytes));
}
