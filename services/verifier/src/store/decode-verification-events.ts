/** Verification events from stored bytes, of every version there was. */
import { events } from "@mira/api";
import { invariant, parseBaseUnits, parseUnixMs, type BaseUnits } from "@mira/primitives";
import {
  fromClaimMessage,
  fromDecomposerMessage,
  fromSentenceMessages,
} from "../codec/decomposition-messages.ts";
import { fromFixedMessage, fromTermsMessage } from "../codec/draw-messages.ts";
import { fromPolicyTermsMessage } from "../codec/policy-messages.ts";
import {
  fromCommitteeMessage,
  fromReachedMessage,
  fromRevealMessage,
  fromTruthMessage,
} from "../codec/verification-messages.ts";
import type { PolicyTerms } from "../domain/policy.ts";
import type { CarelessFault, VerificationEvent } from "../domain/verification.ts";

export const DECODERS: Readonly<Record<string, (payload: Uint8Array) => VerificationEvent>> = {
  VerificationOpened: decodeOpened,
  DrawPrepared: (payload) => {
    const { verificationId, terms, networkId, candidates, nonce, claimIds, atMs } =
      events.DrawPrepared.decode(payload);
    invariant(terms !== undefined, "a prepared draw has terms");
    return {
      type: "DrawPrepared",
      verificationId,
      terms: fromTermsMessage(terms, { networkId, verificationId }),
      candidates: candidates.map(fromCommitteeMessage),
      nonce,
      claimIds,
      at: parseUnixMs(atMs),
    };
  },
  DrawFixed: (payload) => {
    const { atMs, ...fields } = events.DrawFixed.decode(payload);
    return { type: "DrawFixed", ...fields, at: parseUnixMs(atMs) };
  },
  CommitteeDrawn: (payload) => {
    const { verificationId, round, committee, fixed, commitByMs, revealByMs, atMs } =
      events.CommitteeDrawn.decode(payload);
    invariant(fixed !== undefined, "a drawn committee has the proof of its draw");
    return {
      type: "CommitteeDrawn",
      verificationId,
      round,
      committee: committee.map(fromCommitteeMessage),
      fixed: fromFixedMessage(fixed),
      commitBy: parseUnixMs(commitByMs),
      revealBy: parseUnixMs(revealByMs),
      at: parseUnixMs(atMs),
    };
  },
  DrawAbandoned: (payload) => {
    const { atMs, ...fields } = events.DrawAbandoned.decode(payload);
    return { type: "DrawAbandoned", ...fields, at: parseUnixMs(atMs) };
  },
  AttestationsCommitted: (payload) => {
    const { verificationId, validatorId, commitments, signature, atMs } =
      events.AttestationsCommitted.decode(payload);
    return {
      type: "AttestationsCommitted",
      verificationId,
      validatorId,
      commitments: new Map(commitments.map(({ claimId, commitment }) => [claimId, commitment])),
      signature,
      at: parseUnixMs(atMs),
    };
  },
  RevealOpened: (payload) => {
    const { verificationId, atMs } = events.RevealOpened.decode(payload);
    return { type: "RevealOpened", verificationId, at: parseUnixMs(atMs) };
  },
  AttestationsRevealed: (payload) => {
    const { verificationId, validatorId, reveals, atMs } = events.AttestationsRevealed.decode(payload);
    return {
      type: "AttestationsRevealed",
      verificationId,
      validatorId,
      reveals: reveals.map(fromRevealMessage),
      at: parseUnixMs(atMs),
    };
  },
  RoundClosed: (payload) => {
    const { verificationId, round, verdicts, undecided, atMs } = events.RoundClosed.decode(payload);
    return {
      type: "RoundClosed",
      verificationId,
      round,
      verdicts: verdicts.map(fromReachedMessage),
      undecided,
      at: parseUnixMs(atMs),
    };
  },
  FaultsFound: (payload) => {
    const { verificationId, round, policy, faults, atMs } = events.FaultsFound.decode(payload);
    return {
      type: "FaultsFound",
      verificationId,
      round,
      policy,
      faults: faults.map(({ kind, ...fault }) => ({ ...fault, kind: kind as CarelessFault["kind"] })),
      at: parseUnixMs(atMs),
    };
  },
  AttestationsScored: (payload) => {
    const { verificationId, scores, atMs } = events.AttestationsScored.decode(payload);
    return { type: "AttestationsScored", verificationId, scores, at: parseUnixMs(atMs) };
  },
  ProbesScored: (payload) => {
    const { atMs, ...fields } = events.ProbesScored.decode(payload);
    return { type: "ProbesScored", ...fields, at: parseUnixMs(atMs) };
  },
  CertificateIssued: (payload) => {
    const { atMs, ...same } = events.CertificateIssued.decode(payload);
    return { type: "CertificateIssued", ...same, at: parseUnixMs(atMs) };
  },
  StatementProposed: (payload) => {
    const { signByMs, atMs, ...same } = events.StatementProposed.decode(payload);
    return { type: "StatementProposed", ...same, signBy: parseUnixMs(signByMs), at: parseUnixMs(atMs) };
  },
  StatementSigned: (payload) => {
    const { atMs, ...same } = events.StatementSigned.decode(payload);
    return { type: "StatementSigned", ...same, at: parseUnixMs(atMs) };
  },
};

function decodeOpened(payload: Uint8Array): VerificationEvent {
  const { policy, sentences, claims, committee, commitByMs, revealByMs, atMs, probes, decomposer, ...same } =
    events.VerificationOpened.decode(payload);
  const known = claims.map(fromClaimMessage);
  const opened = {
    type: "VerificationOpened",
    ...same,
    sentences: fromSentenceMessages(sentences, known),
    claims: known,
    decomposer: fromDecomposerMessage(decomposer),
    at: parseUnixMs(atMs),
    ...(probes.length === 0
      ? {}
      : { probes: probes.map((use) => ({ ...use, truth: fromTruthMessage(use.truth) })) }),
  } as const;
  if (policy !== undefined) return { ...opened, terms: fromPolicyTermsMessage(policy) };
  const claimIds = claims.map(({ claimId }) => claimId);
  const members = committee.map((member) => ({ ...fromCommitteeMessage(member), claimIds }));
  const drawn = { committee: members, commitBy: parseUnixMs(commitByMs), revealBy: parseUnixMs(revealByMs) };
  return { ...opened, terms: describeFirstVersion(members.length), drawn };
}

/** What held before there were policies: no least confidence, no widening, no price. */
function describeFirstVersion(committeeSize: number): PolicyTerms {
  const nothing: BaseUnits = parseBaseUnits("0");
  return {
    policy: "",
    domain: "general",
    valueAtStake: nothing,
    committeeSize,
    confidenceMin: 0,
    operatorSeatsMax: committeeSize,
    familyShareBps: 10_000,
    wideningsMax: 0,
    commitMs: 0,
    revealMs: 0,
    carelessSlashBps: 0,
    isPrivate: false,
    priceUnits: nothing,
  };
}
