/** From what a verification came to, to the statement that is signed. */
import type { Structure } from "@mira/claims";
import {
  encodeHex,
  encodeUtf8,
  sha256,
  type AttestationEvidence,
  type UnixMs,
  type Verdict,
} from "@mira/primitives";
import { encodeBase64 } from "@mira/merkle";
import { recombineSentences } from "./sentence-verdicts.ts";
import { certificateLogOrigin, PREDICATE_TYPE, STATEMENT_TYPE } from "../constants.ts";
import type {
  CertificateClaim,
  CertificateMember,
  CertificatePolicy,
  CertificateSentence,
  CertificateSpan,
  Statement,
  VerificationPredicate,
} from "./types.ts";

export const RESPONSE_SUBJECT = "response";

export type StatementFacts = Pick<
  VerificationPredicate,
  "networkId" | "verificationId" | "draws" | "decomposer"
> & {
  /** As it was served: its UTF-8 bytes are the first subject. */
  readonly response: string;
  readonly sources: readonly { readonly sourceId: string; readonly text: string }[];
  readonly issuedAt: UnixMs;
  readonly expiresAt: UnixMs;
  readonly policy: CertificatePolicy;
  readonly committee: readonly CertificateMember[];
  readonly sentences: readonly SentenceFacts[];
  readonly claims: readonly ClaimFacts[];
};

/** Verdicts on sentences follow from those on claims. */
export type SentenceFacts = Omit<CertificateSentence, "verdict">;

export type ClaimFacts = CertificateSpan &
  Pick<CertificateClaim, "claimId" | "pieces" | "verdict" | "method" | "confidence" | "reason"> & {
    readonly text: string;
    readonly calibrated?: CertificateClaim["calibrated"];
    readonly assigned?: readonly string[];
    readonly attestations: readonly AttestationFacts[];
  };

export type AttestationFacts = {
  readonly validatorId: string;
  /** Canonical bytes. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  readonly verdict: Verdict;
  readonly confidenceBps: number;
  readonly weight: string;
  readonly evidence: readonly AttestationEvidence[];
};

/** `keepTexts: false` leaves claims' texts, evidence and what quotes the response out; digests and places stay. */
export function createStatement(facts: StatementFacts, { keepTexts = true } = {}): Statement {
  const { networkId, verificationId, response, policy, draws, committee } = facts;
  return {
    _type: STATEMENT_TYPE,
    subject: [
      toSubject(RESPONSE_SUBJECT, response),
      ...facts.claims.map(({ claimId, text }) => toSubject(claimId, text)),
    ],
    predicateType: PREDICATE_TYPE,
    predicate: {
      networkId,
      verificationId,
      issuedAt: formatInstant(facts.issuedAt),
      expiresAt: formatInstant(facts.expiresAt),
      log: { origin: certificateLogOrigin(networkId) },
      policy,
      draws,
      committee,
      sources: facts.sources.map(({ sourceId, text }) => ({ sourceId, sha256: digest(text) })),
      decomposer: facts.decomposer,
      ...recombineSentences(
        keepTexts ? facts.sentences : facts.sentences.map(hideReasons),
        facts.claims.map(({ verdict }) => verdict),
      ),
      claims: facts.claims.map((claim) => toClaim(claim, keepTexts)),
    },
  };
}

/** The same verification with nothing decided: what may be said when too few validators signed. */
export function withholdVerdicts(statement: Statement, why: string): Statement {
  const { predicate } = statement;
  const claims = predicate.claims.map(({ calibrated: _, ...claim }) => ({
    ...claim,
    verdict: "unresolved" as const,
    confidence: 0,
    reason: why,
  }));
  const recombined = recombineSentences(
    predicate.sentences,
    claims.map(({ verdict }) => verdict),
  );
  return { ...statement, predicate: { ...predicate, ...recombined, claims, withheld: why } };
}

/** Reasons of what is ambiguous or left open name what the response names. */
function hideReasons(sentence: SentenceFacts): SentenceFacts {
  const { structure, ...rest } = sentence;
  return {
    ...rest,
    reason: sentence.kind === "ambiguous" ? PRIVATE_REASON : sentence.reason,
    ...(structure === undefined ? {} : { structure: hideOpen(structure) }),
  };
}

function hideOpen(structure: Structure): Structure {
  switch (structure.kind) {
    case "claim":
      return structure;
    case "open":
      return { kind: "open", reason: PRIVATE_REASON };
    case "within":
      return { ...structure, part: hideOpen(structure.part) };
    default:
      return { ...structure, parts: structure.parts.map(hideOpen) };
  }
}

const PRIVATE_REASON = "its reason is private";

function toClaim(
  { text, attestations, calibrated, assigned, ...claim }: ClaimFacts,
  keepTexts: boolean,
): CertificateClaim {
  const { claimId, start, end, pieces, verdict, method, confidence, reason } = claim;
  return {
    claimId,
    ...(keepTexts ? { text } : {}),
    start,
    end,
    pieces,
    verdict,
    method,
    confidence,
    ...(calibrated === undefined ? {} : { calibrated }),
    reason,
    ...(assigned === undefined ? {} : { assigned }),
    attestations: attestations.map((one) => ({
      validatorId: one.validatorId,
      attestation: encodeBase64(one.attestation),
      signature: encodeBase64(one.signature),
      verdict: one.verdict,
      confidenceBps: one.confidenceBps,
      weight: one.weight,
      ...(keepTexts ? { evidence: one.evidence } : {}),
    })),
  };
}

export function digest(text: string): string {
  return encodeHex(sha256(encodeUtf8(text)));
}

function toSubject(name: string, text: string): Statement["subject"][number] {
  return { name, digest: { sha256: digest(text) } };
}

function formatInstant(at: UnixMs): string {
  return new Date(at).toISOString();
}
