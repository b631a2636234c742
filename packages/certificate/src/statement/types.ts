/** What a certificate states: an in-toto Statement v1 about a response and each claim in it. */
import type { ClaimPiece, Structure } from "@mira/claims";
import type { AttestationEvidence, Verdict } from "@mira/primitives";
import type { PREDICATE_TYPE, STATEMENT_TYPE } from "../constants.ts";

export type Statement = {
  readonly _type: typeof STATEMENT_TYPE;
  /** First the response's bytes as they were served, then each claim's text, in order. */
  readonly subject: readonly StatementSubject[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: VerificationPredicate;
};

export type StatementSubject = {
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly digest: { readonly sha256: string };
};

export type VerificationPredicate = {
  readonly networkId: string;
  readonly verificationId: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly issuedAt: string;
  /** From this instant on, nothing is certified any more. */
  readonly expiresAt: string;
  readonly log: { readonly origin: string };
  readonly policy: CertificatePolicy;
  /** One for each time members were drawn: the first committee, then each time it was widened. */
  readonly draws: readonly CertificateDraw[];
  /** Everyone who was drawn: those who stayed silent count, too. */
  readonly committee: readonly CertificateMember[];
  readonly sources: readonly CertificateSource[];
  readonly decomposer: CertificateDecomposer;
  /** On the response as a whole, recombined from its sentences. */
  readonly verdict: Verdict;
  /** Every sentence of the response. */
  readonly sentences: readonly CertificateSentence[];
  readonly claims: readonly CertificateClaim[];
  /** Why nothing is decided although validators attested, such as too few who signed. Then every verdict is `unresolved`. */
  readonly withheld?: string;
};

/** How a verdict follows from attestations and weights. */
export type VerdictMethod = "stake-weighted@1";

export type CertificatePolicy = {
  /** `name@version`. */
  readonly id: string;
  /** The terms as they held for this verification. */
  readonly text: string;
  /** Of the text, lower-case hexadecimal. */
  readonly sha256: string;
  /** 0..1; a verdict of less is `unresolved`. */
  readonly confidenceMin: number;
  /** How many distinct operators MUST sign a certificate that decides anything. */
  readonly operatorsMin: number;
};

/**
 * The proof of a draw (packages/committee) but for the candidates, of whom there may be thousands: whoever has those that the digest is
 * of draws the same committee again.
 */
export type CertificateDraw = {
  readonly round: number;
  readonly attempt: number;
  /** `name@version` of the policy that size and caps come from. */
  readonly policy: string;
  readonly seats: number;
  readonly operatorSeatsMax: number;
  readonly familySeatsMax: number;
  /** Digests and the nonce are 32 bytes in lower-case hexadecimal. */
  readonly claimsSha256: string;
  readonly candidatesSha256: string;
  readonly nonce: string;
  /** Validators who sat already. */
  readonly seated: readonly string[];
  /** The audit entry that fixed all this beforehand, and its place under the checkpoint. Base64. */
  readonly fixed: { readonly entry: string; readonly index: number; readonly path: readonly string[] };
  /** The signed head of the audit log that the seed is made from, and that nobody knew when the draw was fixed. */
  readonly checkpoint: string;
};

export type CertificateMember = {
  /** The validator's public key in base58. */
  readonly validatorId: string;
  /** Who answers for it, in base58; quorums count operators, not keys. */
  readonly operator: string;
  readonly family: string;
  /** Decimal base units. */
  readonly stakeUnits: string;
};

export type CertificateSource = { readonly sourceId: string; readonly sha256: string };

/** What took the response apart; `id` is `rules@1` or `model@1`. */
export type CertificateDecomposer = {
  readonly id: string;
  /** The model that was asked, also where it failed and the rules answered. */
  readonly model?: string;
  readonly note?: string;
};

/** Offsets are UTF-16 code units into the response. */
export type CertificateSpan = { readonly start: number; readonly end: number };

export type CertificateSentence = CertificateSpan & {
  readonly kind: "claim" | "not-checkable" | "ambiguous";
  /** What its words are for, such as `fact`, `opinion` or `heading`. */
  readonly category: string;
  readonly reason: string;
  /** How it follows from its claims, which are named by their index; absent where it is not checkable. */
  readonly structure?: Structure;
  /** Recombined; absent where it is not checkable. */
  readonly verdict?: Verdict;
};

export type CertificateClaim = CertificateSpan & {
  readonly claimId: string;
  /** Absent when the policy keeps texts private: its digest is among the subjects. */
  readonly text?: string;
  /** The text, one after the other: stretches of the response, and what was put in between. */
  readonly pieces: readonly ClaimPiece[];
  readonly verdict: Verdict;
  readonly method: VerdictMethod;
  /** 0..1, as the method computes it. */
  readonly confidence: number;
  /** Absent when nothing was there to calibrate with. */
  readonly calibrated?: { readonly confidence: number; readonly calibrationId: string };
  readonly reason: string;
  /** Those of the committee who had this claim to check; absent: everyone. */
  readonly assigned?: readonly string[];
  readonly attestations: readonly CertificateAttestation[];
};

export type CertificateAttestation = {
  readonly validatorId: string;
  /** Base64 of the canonical bytes that the validator signed; see packages/primitives/src/attestation.ts. */
  readonly attestation: string;
  readonly signature: string;
  readonly verdict: Verdict;
  /** 0..10,000: hundredths of a percent. */
  readonly confidenceBps: number;
  /** What the method counted it with; decimal. */
  readonly weight: string;
  /** What was found, whose digest is signed. Absent when the policy keeps texts private. */
  readonly evidence?: readonly AttestationEvidence[];
};
