/** One verification: who was drawn, what they committed and revealed, and how its events fold. */
import { unreachable, type AttestationEvidence, type BaseUnits, type UnixMs } from "@mira/primitives";

export type Span = { readonly start: number; readonly end: number };
export type AccountedSentence = Span & {
  readonly kind: "claim" | "not-checkable" | "ambiguous";
  readonly reason: string;
};
export type VerifiedClaim = Span & { readonly claimId: string; readonly text: string };
export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };
export type CommitteeMember = {
  readonly validatorId: string;
  readonly publicKey: Uint8Array;
  readonly stake: BaseUnits;
};

export type RevealedAttestation = {
  readonly claimId: string;
  /** Canonical bytes, see encodeAttestation. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  readonly salt: Uint8Array;
  readonly evidence: readonly AttestationEvidence[];
};

/** Claim id -> 32-byte commitment. */
export type Commitments = ReadonlyMap<string, Uint8Array>;

export type VerificationOpened = {
  readonly type: "VerificationOpened";
  readonly verificationId: string;
  readonly requestId: string;
  readonly response: string;
  readonly sources: readonly Source[];
  readonly sentences: readonly AccountedSentence[];
  readonly claims: readonly VerifiedClaim[];
  readonly committee: readonly CommitteeMember[];
  readonly commitBy: UnixMs;
  readonly revealBy: UnixMs;
  readonly at: UnixMs;
};

export type VerificationEvent =
  | VerificationOpened
  | {
      readonly type: "AttestationsCommitted";
      readonly verificationId: string;
      readonly validatorId: string;
      readonly commitments: Commitments;
      readonly signature: Uint8Array;
      readonly at: UnixMs;
    }
  | { readonly type: "RevealOpened"; readonly verificationId: string; readonly at: UnixMs }
  | {
      readonly type: "AttestationsRevealed";
      readonly verificationId: string;
      readonly validatorId: string;
      readonly reveals: readonly RevealedAttestation[];
      readonly at: UnixMs;
    }
  | {
      readonly type: "CertificateIssued";
      readonly verificationId: string;
      readonly certificateId: string;
      readonly body: Uint8Array;
      readonly at: UnixMs;
    };

export type OpenedVerification = {
  readonly status: "committing" | "revealing" | "certified";
  readonly opened: VerificationOpened;
  readonly commits: ReadonlyMap<string, Commitments>;
  readonly reveals: ReadonlyMap<string, readonly RevealedAttestation[]>;
  readonly certificateId: string | undefined;
  /** The certificate's exact bytes, once issued. */
  readonly body: Uint8Array | undefined;
};

export type VerificationState = { readonly status: "none" } | OpenedVerification;

export const initialState: VerificationState = { status: "none" };

export function evolve(state: VerificationState, event: VerificationEvent): VerificationState {
  if (event.type === "VerificationOpened")
    return {
      status: "committing",
      opened: event,
      commits: new Map(),
      reveals: new Map(),
      certificateId: undefined,
      body: undefined,
    };
  if (state.status === "none") return state;
  switch (event.type) {
    case "AttestationsCommitted":
      return { ...state, commits: new Map(state.commits).set(event.validatorId, event.commitments) };
    case "RevealOpened":
      return { ...state, status: "revealing" };
    case "AttestationsRevealed":
      return { ...state, reveals: new Map(state.reveals).set(event.validatorId, event.reveals) };
    case "CertificateIssued":
      return { ...state, status: "certified", certificateId: event.certificateId, body: event.body };
    default:
      return unreachable(event);
  }
}

export function findMember(
  verification: OpenedVerification,
  validatorId: string,
): CommitteeMember | undefined {
  return verification.opened.committee.find((member) => member.validatorId === validatorId);
}

/** Nobody is left to wait for: everyone drawn has committed. */
export function haveAllCommitted(verification: OpenedVerification): boolean {
  return verification.opened.committee.every((member) => verification.commits.has(member.validatorId));
}

/** Everyone who committed has revealed. */
export function haveAllRevealed(verification: OpenedVerification): boolean {
  return [...verification.commits.keys()].every((validatorId) => verification.reveals.has(validatorId));
}
