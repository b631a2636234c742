/** From an assignment to signed attestations and the commitments that hide them. Pure: checker, key and salts are handed in. */
import {
  computeCommitment,
  encodeAttestation,
  encodeCommitments,
  encodeEvidence,
  encodeUtf8,
  sha256,
  type AttestationEvidence,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";

export type AssignedClaim = {
  readonly claimId: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
};
export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };
export type Assignment = {
  readonly verificationId: string;
  readonly claims: readonly AssignedClaim[];
  readonly response: string;
  readonly sources: readonly Source[];
};

export type Report = { readonly verdict: Verdict; readonly evidence: readonly AttestationEvidence[] };
export type Check = (claim: AssignedClaim, response: string, sources: readonly Source[]) => Report;

export type Identity = {
  readonly networkId: string;
  readonly validatorId: string;
  readonly keyPair: KeyPair;
};

export type SignedAttestation = {
  readonly claimId: string;
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  readonly salt: Uint8Array;
  readonly evidence: readonly AttestationEvidence[];
};

/** A proof or a refutation is certain; everything else is an abstention and says so. */
const CERTAIN_BPS = 10_000;

export function attest(
  assignment: Assignment,
  identity: Identity,
  { check, createSalt }: { readonly check: Check; readonly createSalt: () => Uint8Array },
): readonly SignedAttestation[] {
  const { networkId, validatorId, keyPair } = identity;
  return assignment.claims.map((claim) => {
    const { verdict, evidence } = check(claim, assignment.response, assignment.sources);
    const attestation = encodeAttestation({
      networkId,
      verificationId: assignment.verificationId,
      claimId: claim.claimId,
      claimHash: sha256(encodeUtf8(claim.text)),
      validatorId,
      verdict,
      confidenceBps: verdict === "unresolved" ? 0 : CERTAIN_BPS,
      evidenceHash: sha256(encodeEvidence(evidence)),
    });
    return {
      claimId: claim.claimId,
      attestation,
      signature: keyPair.sign(attestation),
      salt: createSalt(),
      evidence,
    };
  });
}

export type SignedCommitments = {
  readonly commitments: readonly { readonly claimId: string; readonly commitment: Uint8Array }[];
  readonly signature: Uint8Array;
};

export function commit(
  verificationId: string,
  attestations: readonly SignedAttestation[],
  { networkId, validatorId, keyPair }: Identity,
): SignedCommitments {
  const commitments = attestations.map(({ claimId, attestation, salt }) => ({
    claimId,
    commitment: computeCommitment(attestation, salt),
  }));
  return {
    commitments,
    signature: keyPair.sign(encodeCommitments(networkId, verificationId, validatorId, commitments)),
  };
}
