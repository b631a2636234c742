/** Verification events as stored and published bytes. */
import { events } from "@mira/api";
import type { EncodedEvent } from "@mira/event-store";
import { InvariantViolation, parseBaseUnits, parseUnixMs, unreachable } from "@mira/primitives";
import type { VerificationEvent, VerificationOpened } from "../domain/verification.ts";
import {
  fromRevealMessage,
  fromSentenceMessage,
  toCommitteeMessage,
  toRevealMessage,
  toSentenceMessage,
} from "../codec/verification-messages.ts";

const SCHEMA_VERSION = 1;
export function encodeVerificationEvent(event: VerificationEvent): EncodedEvent {
  return { type: event.type, schemaVersion: SCHEMA_VERSION, payload: encodePayload(event) };
}

function encodePayload(event: VerificationEvent): Uint8Array {
  const { verificationId } = event;
  const atMs = BigInt(event.at);
  switch (event.type) {
    case "VerificationOpened":
      return encodeOpened(event);
    case "AttestationsCommitted": {
      const commitments = [...event.commitments].map(([claimId, commitment]) => ({ claimId, commitment }));
      return events.AttestationsCommitted.encode({
        verificationId,
        validatorId: event.validatorId,
        commitments,
        signature: event.signature,
        atMs,
      }).finish();
    }
    case "RevealOpened":
      return events.RevealOpened.encode({ verificationId, atMs }).finish();
    case "AttestationsRevealed":
      return events.AttestationsRevealed.encode({
        verificationId,
        validatorId: event.validatorId,
        reveals: event.reveals.map(toRevealMessage),
        atMs,
      }).finish();
    case "CertificateIssued":
      return events.CertificateIssued.encode({
        verificationId,
        certificateId: event.certificateId,
        body: event.body,
        atMs,
      }).finish();
    default:
      return unreachable(event);
  }
}

function encodeOpened(event: VerificationOpened): Uint8Array {
  const { verificationId, requestId, response } = event;
  return events.VerificationOpened.encode({
    verificationId,
    requestId,
    response,
    sources: event.sources.map((source) => ({ ...source })),
    sentences: event.sentences.map(toSentenceMessage),
    claims: event.claims.map((claim) => ({ ...claim })),
    committee: event.committee.map(toCommitteeMessage),
    commitByMs: BigInt(event.commitBy),
    revealByMs: BigInt(event.revealBy),
    atMs: BigInt(event.at),
  }).finish();
}

export function decodeVerificationEvent({ type, payload }: EncodedEvent): VerificationEvent {
  switch (type) {
    case "VerificationOpened":
      return decodeOpened(payload);
    case "AttestationsCommitted": {
      const { verificationId, validatorId, commitments, signature, atMs } =
        events.AttestationsCommitted.decode(payload);
      return {
        type,
        verificationId,
        validatorId,
        commitments: new Map(commitments.map(({ claimId, commitment }) => [claimId, commitment])),
        signature,
        at: parseUnixMs(atMs),
      };
    }
    case "RevealOpened": {
      const { verificationId, atMs } = events.RevealOpened.decode(payload);
      return { type, verificationId, at: parseUnixMs(atMs) };
    }
    case "AttestationsRevealed": {
      const { verificationId, validatorId, reveals, atMs } = events.AttestationsRevealed.decode(payload);
      return {
        type,
        verificationId,
        validatorId,
        reveals: reveals.map(fromRevealMessage),
        at: parseUnixMs(atMs),
      };
    }
    case "CertificateIssued": {
      const { verificationId, certificateId, body, atMs } = events.CertificateIssued.decode(payload);
      return { type, verificationId, certificateId, body, at: parseUnixMs(atMs) };
    }
    default:
      throw new InvariantViolation(`a verification stream holds an unknown event: ${type}`);
  }
}

function decodeOpened(payload: Uint8Array): VerificationEvent {
  const {
    verificationId,
    requestId,
    response,
    sources,
    sentences,
    claims,
    committee,
    commitByMs,
    revealByMs,
    atMs,
  } = events.VerificationOpened.decode(payload);
  return {
    type: "VerificationOpened",
    verificationId,
    requestId,
    response,
    sources,
    sentences: sentences.map(fromSentenceMessage),
    claims,
    committee: committee.map(({ validatorId, publicKey, stakeUnits }) => ({
      validatorId,
      publicKey,
      stake: parseBaseUnits(stakeUnits),
    })),
    commitBy: parseUnixMs(commitByMs),
    revealBy: parseUnixMs(revealByMs),
    at: parseUnixMs(atMs),
  };
}
