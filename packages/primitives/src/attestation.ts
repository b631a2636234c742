/** The canonical bytes of an attestation and of its commitment: what a validator signs, and what equivocation is judged by. */
import { bytesEqual, encodeUtf8 } from "./bytes.ts";
import { CanonicalError, CanonicalReader, CanonicalWriter } from "./canonical.ts";
import { sha256 } from "./hash.ts";
import { writeModelRun, type ModelRun } from "./model-run.ts";
import { refuse, succeed, type Result } from "./refusal.ts";

export const ATTESTATION_DOMAIN = "mira:attestation:v1";
const COMMIT_DOMAIN = encodeUtf8("mira:commit:v1");

export type Verdict = "supported" | "refuted" | "unresolved";
const VERDICTS: readonly Verdict[] = ["supported", "refuted", "unresolved"];

export type Attestation = {
  readonly networkId: string;
  readonly verificationId: string;
  readonly claimId: string;
  /** SHA-256 of the claim's text, 32 bytes. */
  readonly claimHash: Uint8Array;
  readonly validatorId: string;
  readonly verdict: Verdict;
  /** 0..10,000: hundredths of a percent. */
  readonly confidenceBps: number;
  /** SHA-256 of the canonical evidence, 32 bytes; see encodeEvidence. */
  readonly evidenceHash: Uint8Array;
};

export type AttestationEvidence = {
  readonly checker: string;
  readonly verdict: Verdict;
  readonly witness: string;
  /** Of a checker with a model behind it. What it found is an opinion: never proof of a fault. */
  readonly model?: ModelRun;
};

export function encodeAttestation(attestation: Attestation): Uint8Array {
  return new CanonicalWriter()
    .text(ATTESTATION_DOMAIN)
    .text(attestation.networkId)
    .text(attestation.verificationId)
    .text(attestation.claimId)
    .fixed(attestation.claimHash, 32)
    .text(attestation.validatorId)
    .u8(VERDICTS.indexOf(attestation.verdict))
    .u32(attestation.confidenceBps)
    .fixed(attestation.evidenceHash, 32)
    .finish();
}

export function decodeAttestation(bytes: Uint8Array): Result<Attestation, "ATTESTATION_INVALID"> {
  try {
    const attestation = readAttestation(new CanonicalReader(bytes));
    return bytesEqual(encodeAttestation(attestation), bytes)
      ? succeed(attestation)
      : refuse("ATTESTATION_INVALID", "the bytes are not canonical");
  } catch (error) {
    if (error instanceof CanonicalError) return refuse("ATTESTATION_INVALID", error.message);
    throw error;
  }
}

function readAttestation(reader: CanonicalReader): Attestation {
  if (reader.text() !== ATTESTATION_DOMAIN) throw new CanonicalError(`domain: needed ${ATTESTATION_DOMAIN}`);
  const networkId = reader.text();
  const verificationId = reader.text();
  const claimId = reader.text();
  const claimHash = reader.fixed(32);
  const validatorId = reader.text();
  const verdict = VERDICTS[reader.u8()];
  const confidenceBps = reader.u32();
  const evidenceHash = reader.fixed(32);
  reader.end();
  if (verdict === undefined || confidenceBps > 10_000)
    throw new CanonicalError("verdict or confidence out of range");
  return { networkId, verificationId, claimId, claimHash, validatorId, verdict, confidenceBps, evidenceHash };
}

/** Evidence without a model keeps the bytes of v1. */
export function encodeEvidence(evidence: readonly AttestationEvidence[]): Uint8Array {
  const withModel = evidence.some(({ model }) => model !== undefined);
  const writer = new CanonicalWriter().text(withModel ? "mira:evidence:v2" : "mira:evidence:v1");
  writer.u32(evidence.length);
  for (const { checker, verdict, witness, model } of evidence) {
    writer.text(checker).u8(VERDICTS.indexOf(verdict)).text(witness);
    if (withModel) writer.u8(model === undefined ? 0 : 1);
    if (model !== undefined) writeModelRun(writer, model);
  }
  return writer.finish();
}

/** What a validator commits to before anyone reveals; `salt` is 32 random bytes. */
export function computeCommitment(attestation: Uint8Array, salt: Uint8Array): Uint8Array {
  return sha256(COMMIT_DOMAIN, sha256(attestation), salt);
}

export type AttestationCommitment = { readonly claimId: string; readonly commitment: Uint8Array };

/** The bytes a validator signs when it commits to all its attestations of one verification. */
export function encodeCommitments(
  networkId: string,
  verificationId: string,
  validatorId: string,
  commitments: readonly AttestationCommitment[],
): Uint8Array {
  const writer = new CanonicalWriter()
    .text("mira:commitments:v1")
    .text(networkId)
    .text(verificationId)
    .text(validatorId)
    .u32(commitments.length);
  for (const { claimId, commitment } of commitments) writer.text(claimId).fixed(commitment, 32);
  return writer.finish();
}
