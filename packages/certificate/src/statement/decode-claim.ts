/** Reads a claim of a statement: its place, its verdict and who attested what. */
import type { ClaimPiece } from "@mira/claims";
import { CONFIDENCE_BASES, type AttestationEvidence, type ModelRun } from "@mira/primitives";
import type { ObjectReader } from "../json/object-reader.ts";
import { BASE58, BASE64, COUNT, DECIMAL, ID, OFFSET, TEXT_MAX } from "./rules.ts";
import type { CertificateAttestation, CertificateClaim, CertificateSpan } from "./types.ts";

export const VERDICTS = ["supported", "refuted", "unresolved"] as const;
const SHARE = { min: 0, max: 1 };
const ATTESTATIONS_MAX = 1_024;
const EVIDENCE_MAX = 256;
/** A claim has at most so many words. */
const PIECES_MAX = 2_048;

export function readClaim(reader: ObjectReader): CertificateClaim {
  const text = reader.optional("text", (key) => reader.text(key, TEXT_MAX));
  const assigned = reader.optional("assigned", (key) =>
    reader.texts(key, { ...BASE58, max: ATTESTATIONS_MAX }),
  );
  const calibrated = reader.optional("calibrated", (key) =>
    reader.object(key, (inner) => ({
      confidence: inner.number("confidence", SHARE),
      calibrationId: inner.text("calibrationId", ID),
    })),
  );
  return {
    claimId: reader.text("claimId", ID),
    ...(text === undefined ? {} : { text }),
    ...readSpan(reader),
    pieces: reader.list("pieces", { min: 1, max: PIECES_MAX }, readPiece),
    verdict: reader.oneOf("verdict", VERDICTS),
    method: reader.oneOf("method", ["stake-weighted@1"]),
    confidence: reader.number("confidence", SHARE),
    ...(calibrated === undefined ? {} : { calibrated }),
    reason: reader.text("reason", TEXT_MAX),
    ...(assigned === undefined ? {} : { assigned }),
    attestations: reader.list("attestations", { max: ATTESTATIONS_MAX }, readAttestation),
  };
}

function readPiece(reader: ObjectReader): ClaimPiece {
  return reader.has("insert") ? { insert: reader.text("insert", TEXT_MAX) } : readSpan(reader);
}

function readAttestation(reader: ObjectReader): CertificateAttestation {
  const evidence = reader.optional("evidence", (key) =>
    reader.list(key, { max: EVIDENCE_MAX }, readEvidence),
  );
  return {
    validatorId: reader.text("validatorId", BASE58),
    attestation: reader.text("attestation", BASE64),
    signature: reader.text("signature", BASE64),
    verdict: reader.oneOf("verdict", VERDICTS),
    confidenceBps: reader.integer("confidenceBps", { min: 0, max: 10_000 }),
    weight: reader.text("weight", DECIMAL),
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function readEvidence(reader: ObjectReader): AttestationEvidence {
  const model = reader.optional("model", (key) => reader.object(key, readModelRun));
  return {
    checker: reader.text("checker", { charsMax: 256 }),
    verdict: reader.oneOf("verdict", VERDICTS),
    witness: reader.text("witness", TEXT_MAX),
    ...(model === undefined ? {} : { model }),
  };
}

function readModelRun(reader: ObjectReader): ModelRun {
  return {
    model: reader.text("model", TEXT_MAX),
    modelDigest: reader.text("modelDigest", TEXT_MAX),
    promptDigest: reader.text("promptDigest", TEXT_MAX),
    transcriptDigest: reader.text("transcriptDigest", TEXT_MAX),
    confidenceBasis: reader.oneOf("confidenceBasis", CONFIDENCE_BASES),
    supportedBps: reader.integer("supportedBps", COUNT),
    refutedBps: reader.integer("refutedBps", COUNT),
    unresolvedBps: reader.integer("unresolvedBps", COUNT),
    samples: reader.integer("samples", COUNT),
    inputTokens: reader.integer("inputTokens", COUNT),
    outputTokens: reader.integer("outputTokens", COUNT),
    instructionLike: reader.flag("instructionLike"),
    untrustedRationale: reader.text("untrustedRationale", TEXT_MAX),
  };
}

export function readSpan(reader: ObjectReader): CertificateSpan {
  return { start: reader.integer("start", OFFSET), end: reader.integer("end", OFFSET) };
}
