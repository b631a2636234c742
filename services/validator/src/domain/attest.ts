/** From an assignment to signed attestations and the commitments that hide them. Pure: checker, key and salts are handed in. */
import type { ClaimPiece } from "@mira/claims";
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
  /** The text, one after the other; absent: it is the stretch of the response. */
  readonly pieces?: readonly ClaimPiece[];
};
export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };
export type Assignment = {
  readonly verificationId: string;
  readonly claims: readonly AssignedClaim[];
  readonly response: string;
  readonly sources: readonly Source[];
  /** Unix time; after it nothing is accepted. */
  readonly commitByMs?: bigint;
};

export type Report = {
  readonly verdict: Verdict;
  /** Absent: certain, as proofs are. An `unresolved` is sure of nothing, whatever stands here. */
  readonly confidenceBps?: number;
  readonly evidence: readonly AttestationEvidence[];
};
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

const CERTAIN_BPS = 10_000;

export function attest(
  assignment: Assignment,
  identity: Identity,
  { check, createSalt }: { readonly check: Check; readonly createSalt: () => Uint8Array },
): readonly SignedAttestation[] {
  const { networkId, validatorId, keyPair } = identity;
  return assignment.claims.map((claim) => {
    const {
      verdict,
      confidenceBps = CERTAIN_BPS,
      evidence,
    } = check(claim, assignment.response, assignment.sources);
    const attestation = encodeAttestation({
      networkId,
      verificationId: assignment.verificationId,
      claimId: claim.claimId,
      claimHash: sha256(encodeUtf8(claim.text)),
      validatorId,
      verdict,
      confidenceBps: verdict === "unresolved" ? 0 : confidenceBps,
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
