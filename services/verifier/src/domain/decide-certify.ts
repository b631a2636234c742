/** From verdicts to a certificate: a statement is proposed, those who attested sign it, and it goes out with the signatures that came in time. */
import { encodePae, PAYLOAD_TYPE } from "@mira/certificate";
import { accept, refuse, verifySignature, type Decision, type UnixMs } from "@mira/primitives";
import { findMember, haveAllSigned } from "./rounds.ts";
import type { OpenedVerification, VerificationEvent } from "./verification.ts";

export type ProposeCommand = {
  readonly type: "propose";
  readonly statement: Uint8Array;
  readonly signBy: UnixMs;
  readonly at: UnixMs;
};
export type SignCommand = {
  readonly type: "sign";
  readonly validatorId: string;
  readonly signature: Uint8Array;
  readonly at: UnixMs;
};
export type CertifyCommand = {
  readonly type: "certify";
  readonly certificateId: string;
  readonly envelope: Uint8Array;
  /** Empty: what was proposed is certified. */
  readonly withheld: string;
  readonly at: UnixMs;
};

export function decidePropose(
  { statement, signBy, at }: ProposeCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  if (state.status !== "certifying") return accept();
  const { verificationId } = state.opened;
  return accept({ type: "StatementProposed", verificationId, statement, signBy, at });
}

/** Whoever has revealed has something to sign for; whoever has not, does not know what it would be signing. */
export function decideSign(
  { validatorId, signature, at }: SignCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { verificationId } = state.opened;
  const member = findMember(state, validatorId);
  if (member === undefined || !state.reveals.has(validatorId))
    return refuse("NOT_IN_COMMITTEE", "the validator has attested nothing in this verification", {
      validatorId,
      verificationId,
    });
  const { proposal } = state;
  if (state.status !== "signing" || proposal === undefined || at >= proposal.signBy)
    return refuse("SIGNING_CLOSED", "nothing is to be signed now", {
      status: state.status,
      signBy: proposal?.signBy ?? 0,
      now: at,
    });
  if (!verifySignature(member.publicKey, encodePae(PAYLOAD_TYPE, proposal.statement), signature))
    return refuse("ATTESTATION_INVALID", "the signature over the statement does not verify", { validatorId });
  if (state.signatures.has(validatorId)) return accept();
  return accept({ type: "StatementSigned", verificationId, validatorId, signature, at });
}

export function decideCertify(
  { certificateId, envelope, withheld, at }: CertifyCommand,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  if (state.status === "certified") return accept();
  const { proposal } = state;
  if (state.status !== "signing" || proposal === undefined)
    return refuse("REVEAL_NOT_OPEN", "the verdicts are not reached yet", { status: state.status });
  if (!haveAllSigned(state) && at < proposal.signBy)
    return refuse("REVEAL_NOT_OPEN", "some may still sign", { signBy: proposal.signBy, now: at });
  const { verificationId } = state.opened;
  return accept({ type: "CertificateIssued", verificationId, certificateId, envelope, withheld, at });
}
