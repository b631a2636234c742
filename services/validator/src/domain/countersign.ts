/** Whether a validator signs what is to be certified: it holds in itself, and says of this validator exactly what it attested. */
import { decodeStatement, refuseStatement, signPayload, type CertificateClaim } from "@mira/certificate";
import { encodeBase64 } from "@mira/merkle";
import { refuse, succeed, type Result } from "@mira/primitives";
import type { Identity, SignedAttestation } from "./attest.ts";

/** The signature over the statement's bytes. Refused for a statement that this validator cannot stand behind. */
export function countersign(
  statement: Uint8Array,
  verificationId: string,
  { networkId, validatorId, keyPair }: Identity,
  attestations: readonly SignedAttestation[],
): Result<Uint8Array, "PROOF_INVALID"> {
  const decoded = decodeStatement(statement);
  if (!decoded.ok) return decoded;
  const { predicate } = decoded.value;
  if (predicate.verificationId !== verificationId)
    return refuse("PROOF_INVALID", "the statement is about another verification", {
      needed: verificationId,
      got: predicate.verificationId,
    });
  const refusal = refuseStatement(decoded.value, networkId);
  if (refusal !== undefined) return refusal;
  const missing = attestations.find((own) => !isShown(own, predicate.claims, validatorId));
  if (missing !== undefined)
    return refuse("PROOF_INVALID", "what was attested is missing in the statement", {
      claimId: missing.claimId,
    });
  return succeed(signPayload(statement, keyPair).sig);
}

/** Byte for byte; that nothing else is shown under this validator's name follows from the signatures, which were verified. */
function isShown(
  { claimId, attestation }: SignedAttestation,
  claims: readonly CertificateClaim[],
  validatorId: string,
): boolean {
  const shown = claims
    .find((claim) => claim.claimId === claimId)
    ?.attestations.find((one) => one.validatorId === validatorId);
  return shown?.attestation === encodeBase64(attestation);
}
