/** What may happen to a verification: a straight column of refusals, then the event. Pure: time comes in the command. */
import {
  accept,
  encodeCommitments,
  refuse,
  unreachable,
  verifySignature,
  type Decision,
  type UnixMs,
} from "@mira/primitives";
import { refuseReveal } from "./check-reveal.ts";
import {
  findMember,
  haveAllCommitted,
  haveAllRevealed,
  type Commitments,
  type OpenedVerification,
  type RevealedAttestation,
  type VerificationEvent,
  type VerificationOpened,
  type VerificationState,
} from "./verification.ts";

export type VerificationCommand =
  | { readonly type: "open"; readonly opened: VerificationOpened; readonly committeeSizeMin: number }
  | {
      readonly type: "commit";
      readonly networkId: string;
      readonly validatorId: string;
      readonly commitments: Commitments;
      readonly signature: Uint8Array;
      readonly at: UnixMs;
    }
  | { readonly type: "openReveal"; readonly at: UnixMs }
  | {
      readonly type: "reveal";
      readonly networkId: string;
      readonly validatorId: string;
      readonly reveals: readonly RevealedAttestation[];
      readonly at: UnixMs;
    }
  | {
      readonly type: "certify";
      readonly certificateId: string;
      readonly body: Uint8Array;
      readonly at: UnixMs;
    };

export function decide(command: VerificationCommand, state: VerificationState): Decision<VerificationEvent> {
  if (command.type === "open") return decideOpen(command, state);
  if (state.status === "none") return refuse("NOT_FOUND", "no such verification");
  switch (command.type) {
    case "commit":
      return decideCommit(command, state);
    case "openReveal":
      return decideOpenReveal(command.at, state);
    case "reveal":
      return decideReveal(command, state);
    case "certify":
      return decideCertify(command, state);
    default:
      return unreachable(command);
  }
}

function decideOpen(
  command: Extract<VerificationCommand, { type: "open" }>,
  state: VerificationState,
): Decision<VerificationEvent> {
  const { opened } = command;
  if (state.status !== "none")
    return refuse("REQUEST_ID_REUSED", "this verification was opened before", {
      verificationId: opened.verificationId,
    });
  if (opened.response.trim() === "") return refuse("RESPONSE_EMPTY", "the response has no text");
  if (opened.committee.length < command.committeeSizeMin)
    return refuse("COMMITTEE_TOO_SMALL", "too few bonded validators are there to draw a committee", {
      needed: command.committeeSizeMin,
      there: opened.committee.length,
    });
  return accept(opened);
}

function decideCommit(
  command: Extract<VerificationCommand, { type: "commit" }>,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { networkId, validatorId, commitments, signature, at } = command;
  const { verificationId, claims, commitBy } = state.opened;
  const member = findMember(state, validatorId);
  if (member === undefined)
    return refuse("NOT_IN_COMMITTEE", "the validator was not drawn for this verification", {
      validatorId,
      verificationId,
    });
  if (state.status !== "committing" || at >= commitBy)
    return refuse("COMMIT_CLOSED", "the time to commit has passed", { commitBy, now: at });
  if (claims.length !== commitments.size || !claims.every(({ claimId }) => commitments.has(claimId)))
    return refuse("REQUEST_INVALID", "a commitment is needed for each claim of the assignment", {
      needed: claims.length,
      got: commitments.size,
    });
  const signed = encodeCommitments(
    networkId,
    verificationId,
    validatorId,
    [...commitments].map(([claimId, commitment]) => ({ claimId, commitment })),
  );
  if (!verifySignature(member.publicKey, signed, signature))
    return refuse("ATTESTATION_INVALID", "the commitments' signature does not verify", { validatorId });
  // A commitment once given stands: a second one is the same one sent again, or is refused.
  const earlier = state.commits.get(validatorId);
  if (earlier !== undefined)
    return sameCommitments(earlier, commitments)
      ? accept()
      : refuse("CONCURRENT_CHANGE", "other commitments were given before", { validatorId });
  return accept({ type: "AttestationsCommitted", verificationId, validatorId, commitments, signature, at });
}

function sameCommitments(left: Commitments, right: Commitments): boolean {
  return [...left].every(
    ([claimId, commitment]) => Buffer.compare(commitment, right.get(claimId) ?? Buffer.alloc(0)) === 0,
  );
}

/** Nobody reveals while someone may still commit, or the last to commit could copy. */
function decideOpenReveal(at: UnixMs, state: OpenedVerification): Decision<VerificationEvent> {
  if (state.status !== "committing") return accept();
  if (!haveAllCommitted(state) && at < state.opened.commitBy)
    return refuse("REVEAL_NOT_OPEN", "some may still commit", { commitBy: state.opened.commitBy, now: at });
  return accept({ type: "RevealOpened", verificationId: state.opened.verificationId, at });
}

function decideReveal(
  command: Extract<VerificationCommand, { type: "reveal" }>,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { networkId, validatorId, reveals, at } = command;
  const { verificationId, claims, revealBy } = state.opened;
  const member = findMember(state, validatorId);
  const commitments = state.commits.get(validatorId);
  if (member === undefined || commitments === undefined)
    return refuse("NOT_IN_COMMITTEE", "the validator has committed nothing in this verification", {
      validatorId,
      verificationId,
    });
  if (state.reveals.has(validatorId)) return accept();
  if (state.status !== "revealing" || at >= revealBy)
    return refuse("REVEAL_NOT_OPEN", "reveals are not open", { status: state.status, revealBy, now: at });
  if (reveals.length !== claims.length)
    return refuse("REQUEST_INVALID", "a reveal is needed for each claim", {
      needed: claims.length,
      got: reveals.length,
    });
  for (const claim of claims) {
    const reveal = reveals.find(({ claimId }) => claimId === claim.claimId);
    const refusal = refuseReveal(reveal, {
      networkId,
      verificationId,
      claim,
      member,
      commitment: commitments.get(claim.claimId),
    });
    if (refusal !== undefined) return refusal;
  }
  return accept({ type: "AttestationsRevealed", verificationId, validatorId, reveals, at });
}

function decideCertify(
  command: Extract<VerificationCommand, { type: "certify" }>,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  if (state.status === "certified") return accept();
  if (state.status !== "revealing" || (!haveAllRevealed(state) && command.at < state.opened.revealBy))
    return refuse("REVEAL_NOT_OPEN", "some may still reveal", {
      status: state.status,
      revealBy: state.opened.revealBy,
      now: command.at,
    });
  const { certificateId, body, at } = command;
  return accept({
    type: "CertificateIssued",
    verificationId: state.opened.verificationId,
    certificateId,
    body,
    at,
  });
}
