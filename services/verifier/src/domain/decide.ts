/** What may happen to a verification: a straight column of refusals, then the event. Pure: time and nonces come in the command. */
import {
  accept,
  bytesEqual,
  encodeCommitments,
  refuse,
  unreachable,
  verifySignature,
  type Decision,
  type UnixMs,
} from "@mira/primitives";
import { refuseReveal } from "./check-reveal.ts";
import {
  decideCertify,
  decidePropose,
  decideSign,
  type CertifyCommand,
  type ProposeCommand,
  type SignCommand,
} from "./decide-certify.ts";
import { decideCloseRound, type CloseRoundCommand } from "./decide-close.ts";
import {
  decideDraw,
  decideFixDraw,
  decideOpen,
  type DrawCommand,
  type FixDrawCommand,
  type OpenCommand,
} from "./decide-draw.ts";
import { findMember, getRound, haveAllCommitted, listClaims } from "./rounds.ts";
import type {
  Commitments,
  OpenedVerification,
  RevealedAttestation,
  VerificationEvent,
  VerificationState,
} from "./verification.ts";

export type VerificationCommand =
  | OpenCommand
  | FixDrawCommand
  | DrawCommand
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
  | CloseRoundCommand
  | ProposeCommand
  | SignCommand
  | CertifyCommand;

export function decide(command: VerificationCommand, state: VerificationState): Decision<VerificationEvent> {
  if (command.type === "open") return decideOpen(command, state);
  if (state.status === "none") return refuse("NOT_FOUND", "no such verification");
  switch (command.type) {
    case "fixDraw":
      return decideFixDraw(command, state);
    case "draw":
      return decideDraw(command, state);
    case "commit":
      return decideCommit(command, state);
    case "openReveal":
      return decideOpenReveal(command.at, state);
    case "reveal":
      return decideReveal(command, state);
    case "closeRound":
      return decideCloseRound(command, state);
    case "propose":
      return decidePropose(command, state);
    case "sign":
      return decideSign(command, state);
    case "certify":
      return decideCertify(command, state);
    default:
      return unreachable(command);
  }
}

function decideCommit(
  command: Extract<VerificationCommand, { type: "commit" }>,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { networkId, validatorId, commitments, signature, at } = command;
  const { verificationId } = state.opened;
  const member = findMember(state, validatorId);
  if (member === undefined)
    return refuse("NOT_IN_COMMITTEE", "the validator was not drawn for this verification", {
      validatorId,
      verificationId,
    });
  const { committee, commitBy } = getRound(state);
  if (state.status !== "committing" || at >= commitBy || !committee.includes(member))
    return refuse("COMMIT_CLOSED", "the time to commit has passed", { commitBy, now: at });
  const claims = listClaims(state, member);
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
  if (isCopied(state, commitments))
    return refuse("ATTESTATION_INVALID", "a commitment is another validator's", { validatorId });
  return accept({ type: "AttestationsCommitted", verificationId, validatorId, commitments, signature, at });
}

/** With salts of 32 random bytes no two commitments are the same by chance. */
function isCopied(state: OpenedVerification, commitments: Commitments): boolean {
  const given = [...state.commits.values()].flatMap((others) => [...others.values()]);
  return [...commitments.values()].some((own) => given.some((other) => bytesEqual(own, other)));
}

function sameCommitments(left: Commitments, right: Commitments): boolean {
  return [...left].every(
    ([claimId, commitment]) => Buffer.compare(commitment, right.get(claimId) ?? Buffer.alloc(0)) === 0,
  );
}

/** Nobody reveals while someone may still commit, or the last to commit could copy. */
function decideOpenReveal(at: UnixMs, state: OpenedVerification): Decision<VerificationEvent> {
  if (state.status !== "committing") return accept();
  const { commitBy } = getRound(state);
  if (!haveAllCommitted(state) && at < commitBy)
    return refuse("REVEAL_NOT_OPEN", "some may still commit", { commitBy, now: at });
  return accept({ type: "RevealOpened", verificationId: state.opened.verificationId, at });
}

function decideReveal(
  command: Extract<VerificationCommand, { type: "reveal" }>,
  state: OpenedVerification,
): Decision<VerificationEvent> {
  const { networkId, validatorId, reveals, at } = command;
  const { verificationId } = state.opened;
  const member = findMember(state, validatorId);
  const commitments = state.commits.get(validatorId);
  if (member === undefined || commitments === undefined)
    return refuse("NOT_IN_COMMITTEE", "the validator has committed nothing in this verification", {
      validatorId,
      verificationId,
    });
  if (state.reveals.has(validatorId)) return accept();
  const { committee, revealBy } = getRound(state);
  if (state.status !== "revealing" || at >= revealBy || !committee.includes(member))
    return refuse("REVEAL_NOT_OPEN", "reveals are not open", { status: state.status, revealBy, now: at });
  const claims = listClaims(state, member);
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
