/** Verification events as stored and published bytes. */
import { events } from "@mira/api";
import type { EncodedEvent } from "@mira/event-store";
import { InvariantViolation, unreachable } from "@mira/primitives";
import { toClaimMessage, toDecomposerMessage, toSentenceMessage } from "../codec/decomposition-messages.ts";
import { toPolicyTermsMessage } from "../codec/policy-messages.ts";
import { toFixedMessage, toTermsMessage } from "../codec/draw-messages.ts";
import {
  toCommitteeMessage,
  toReachedMessage,
  toRevealMessage,
  toVerdictMessage,
} from "../codec/verification-messages.ts";
import type { VerificationEvent } from "../domain/verification.ts";
import { DECODERS } from "./decode-verification-events.ts";

/** Version 2 of VerificationOpened: the committee is drawn by later events. */
const SCHEMA_VERSION = 2;

export function encodeVerificationEvent(event: VerificationEvent): EncodedEvent {
  return { type: event.type, schemaVersion: SCHEMA_VERSION, payload: encodePayload(event) };
}

export function decodeVerificationEvent({ type, payload }: EncodedEvent): VerificationEvent {
  const decode = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined;
  if (decode === undefined)
    throw new InvariantViolation(`a verification stream holds an unknown event: ${type}`);
  return decode(payload);
}

function encodePayload(event: VerificationEvent): Uint8Array {
  switch (event.type) {
    case "VerificationOpened":
      return encodeOpened(event);
    case "DrawPrepared":
    case "DrawFixed":
    case "CommitteeDrawn":
    case "DrawAbandoned":
      return encodeDraw(event);
    case "AttestationsCommitted":
    case "RevealOpened":
    case "AttestationsRevealed":
      return encodeAttested(event);
    case "RoundClosed":
    case "FaultsFound":
    case "AttestationsScored":
    case "ProbesScored":
      return encodeOutcome(event);
    case "StatementProposed":
    case "StatementSigned":
    case "CertificateIssued":
      return encodeCertifying(event);
    default:
      return unreachable(event);
  }
}

type Of<Type extends VerificationEvent["type"]> = Extract<VerificationEvent, { type: Type }>;

function encodeOpened(event: Of<"VerificationOpened">): Uint8Array {
  const { verificationId, requestId, response } = event;
  return events.VerificationOpened.encode({
    verificationId,
    requestId,
    response,
    sources: event.sources.map((source) => ({ ...source })),
    sentences: event.sentences.map((sentence) => toSentenceMessage(sentence)),
    claims: event.claims.map(toClaimMessage),
    decomposer: toDecomposerMessage(event.decomposer),
    committee: event.drawn?.committee.map(toCommitteeMessage) ?? [],
    commitByMs: BigInt(event.drawn?.commitBy ?? 0),
    revealByMs: BigInt(event.drawn?.revealBy ?? 0),
    atMs: BigInt(event.at),
    policy: toPolicyTermsMessage(event.terms),
    probes: (event.probes ?? []).map((use) => ({ ...use, truth: toVerdictMessage(use.truth) })),
  }).finish();
}

function encodeDraw(
  event: Of<"DrawPrepared"> | Of<"DrawFixed"> | Of<"CommitteeDrawn"> | Of<"DrawAbandoned">,
): Uint8Array {
  const common = { verificationId: event.verificationId, atMs: BigInt(event.at) };
  switch (event.type) {
    case "DrawPrepared":
      return events.DrawPrepared.encode({
        ...common,
        terms: toTermsMessage(event.terms),
        networkId: event.terms.networkId,
        candidates: event.candidates.map(toCommitteeMessage),
        nonce: event.nonce,
        claimIds: [...event.claimIds],
      }).finish();
    case "DrawFixed": {
      const { round, attempt, termsDigest } = event;
      return events.DrawFixed.encode({ ...common, round, attempt, termsDigest }).finish();
    }
    case "CommitteeDrawn":
      return events.CommitteeDrawn.encode({
        ...common,
        round: event.round,
        committee: event.committee.map(toCommitteeMessage),
        fixed: toFixedMessage(event.fixed),
        commitByMs: BigInt(event.commitBy),
        revealByMs: BigInt(event.revealBy),
      }).finish();
    case "DrawAbandoned":
      return events.DrawAbandoned.encode({ ...common, round: event.round, reason: event.reason }).finish();
    default:
      return unreachable(event);
  }
}

function encodeAttested(
  event: Of<"AttestationsCommitted"> | Of<"RevealOpened"> | Of<"AttestationsRevealed">,
): Uint8Array {
  const common = { verificationId: event.verificationId, atMs: BigInt(event.at) };
  switch (event.type) {
    case "AttestationsCommitted": {
      const { validatorId, signature } = event;
      const commitments = [...event.commitments].map(([claimId, commitment]) => ({ claimId, commitment }));
      return events.AttestationsCommitted.encode({
        ...common,
        validatorId,
        commitments,
        signature,
      }).finish();
    }
    case "RevealOpened":
      return events.RevealOpened.encode(common).finish();
    case "AttestationsRevealed":
      return events.AttestationsRevealed.encode({
        ...common,
        validatorId: event.validatorId,
        reveals: event.reveals.map(toRevealMessage),
      }).finish();
    default:
      return unreachable(event);
  }
}

function encodeOutcome(
  event: Of<"RoundClosed"> | Of<"FaultsFound"> | Of<"AttestationsScored"> | Of<"ProbesScored">,
): Uint8Array {
  const common = { verificationId: event.verificationId, atMs: BigInt(event.at) };
  switch (event.type) {
    case "RoundClosed":
      return events.RoundClosed.encode({
        ...common,
        round: event.round,
        verdicts: event.verdicts.map(toReachedMessage),
        undecided: [...event.undecided],
      }).finish();
    case "FaultsFound":
      return events.FaultsFound.encode({
        ...common,
        round: event.round,
        policy: event.policy,
        faults: event.faults.map((fault) => ({ ...fault })),
      }).finish();
    case "AttestationsScored":
      return events.AttestationsScored.encode({
        ...common,
        scores: event.scores.map((score) => ({ ...score })),
      }).finish();
    case "ProbesScored":
      return events.ProbesScored.encode({
        ...common,
        domain: event.domain,
        scores: event.scores.map((score) => ({ ...score })),
      }).finish();
    default:
      return unreachable(event);
  }
}

function encodeCertifying(
  event: Of<"StatementProposed"> | Of<"StatementSigned"> | Of<"CertificateIssued">,
): Uint8Array {
  const common = { verificationId: event.verificationId, atMs: BigInt(event.at) };
  switch (event.type) {
    case "StatementProposed": {
      const { statement, signBy } = event;
      return events.StatementProposed.encode({ ...common, statement, signByMs: BigInt(signBy) }).finish();
    }
    case "StatementSigned": {
      const { validatorId, signature } = event;
      return events.StatementSigned.encode({ ...common, validatorId, signature }).finish();
    }
    case "CertificateIssued": {
      const { certificateId, envelope, withheld } = event;
      return events.CertificateIssued.encode({ ...common, certificateId, envelope, withheld }).finish();
    }
    default:
      return unreachable(event);
  }
}
