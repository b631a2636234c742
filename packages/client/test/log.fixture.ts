/** A network of the test's own: a log key, a log of entries, and certificates and receipts that the log contains. */
import { randomBytes } from "node:crypto";
import { toEvidenceMessage, verifier, type types } from "@mira/api";
import { aggregateStakeWeighted } from "@mira/inference";
import {
  computeInclusionPath,
  computeRoot,
  encodeCheckpoint,
  formatVerifierKey,
  hashLeaf,
  signNote,
} from "@mira/merkle";
import {
  createKeyPair,
  deriveValidatorId,
  encodeAttestation,
  encodeAuditEntry,
  encodeBase58,
  encodeEvidence,
  encodeHex,
  encodeUtf8,
  parseLamports,
  parseSequenceNumber,
  parseUnixMs,
  sha256,
  type AuditEntryContent,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";
import { encodeReceiptLeaf } from "@mira/runtime/wire";
import type { NetworkTrust } from "@mira/client";

export const NETWORK = "mira-test";
export const RESPONSE = "2 + 2 = 4. Water boils at 50 degrees.";
export const logKey = createKeyPair(new Uint8Array(32).fill(9));
export const validators = [1, 2, 3].map((byte) => createKeyPair(new Uint8Array(32).fill(byte)));
export const trust: NetworkTrust = {
  networkId: NETWORK,
  logVerifierKey: formatVerifierKey(NETWORK, logKey.publicKey),
};
const AT = parseUnixMs(1_800_000_000_000);

export type LogOptions = {
  readonly key?: KeyPair;
  readonly origin?: string;
  readonly size?: number;
  readonly index?: number;
};

/** The proof of an entry in a log whose other entries are about other things. */
export function prove(
  content: Pick<AuditEntryContent, "kind" | "subject" | "fields"> & { readonly networkId?: string },
  { key = logKey, origin = NETWORK, size = 7, index = 4 }: LogOptions = {},
): types.EntryProof {
  const entry = encodeAuditEntry({ networkId: NETWORK, at: AT, ...content });
  const leaves = Array.from({ length: size }, (_, at) =>
    hashLeaf(at === index ? entry : encodeUtf8(`entry ${at}`)),
  );
  const text = encodeCheckpoint({ origin, size, root: computeRoot(leaves) });
  const inclusion = {
    index: BigInt(index),
    treeSize: BigInt(size),
    path: computeInclusionPath(leaves, index),
  };
  return { entry, inclusion, checkpoint: signNote(text, origin, key) };
}

const VERDICTS = {
  supported: verifier.Verdict.SUPPORTED,
  refuted: verifier.Verdict.REFUTED,
  unresolved: verifier.Verdict.UNRESOLVED,
};
const CLAIMS = [
  { claimId: "c1", text: "2 + 2 = 4.", start: 0, end: 10 },
  { claimId: "c2", text: "Water boils at 50 degrees.", start: 11, end: 37 },
];

/** Three validators who say that the first claim holds and the second does not. */
export function createBody(change: Partial<verifier.CertificateBody> = {}): verifier.CertificateBody {
  return {
    networkId: NETWORK,
    verificationId: "v1",
    responseHash: sha256(encodeUtf8(RESPONSE)),
    sentences: [],
    claims: CLAIMS.map((claim, at) => createVerdict(claim, at === 0 ? "supported" : "refuted")),
    issuedMs: BigInt(AT),
    sources: [],
    committee: validators.map(({ publicKey }) => ({
      validatorId: deriveValidatorId(publicKey),
      publicKey,
      stakeUnits: "100",
      operator: "",
      family: "",
      claimIds: [],
    })),
    policy: undefined,
    ...change,
  };
}

function createVerdict(claim: verifier.Claim, verdict: Verdict): verifier.ClaimVerdict {
  const attestations = validators.map((validator) => attest(validator, claim, verdict));
  const weighed = attestations.map(({ validatorId }) => ({
    validatorId,
    verdict,
    confidence: 1,
    stake: 100n,
  }));
  const { confidence, reason } = aggregateStakeWeighted(weighed, { committeeStake: 300n });
  return { claim, verdict: VERDICTS[verdict], confidence, reason, attestations };
}

export function attest(validator: KeyPair, claim: verifier.Claim, verdict: Verdict): verifier.Attestation {
  const validatorId = deriveValidatorId(validator.publicKey);
  const evidence = [{ checker: "test", verdict, witness: claim.text }];
  const attestation = encodeAttestation({
    networkId: NETWORK,
    verificationId: "v1",
    claimId: claim.claimId,
    claimHash: sha256(encodeUtf8(claim.text)),
    validatorId,
    verdict,
    confidenceBps: 10_000,
    evidenceHash: sha256(encodeEvidence(evidence)),
  });
  return {
    validatorId,
    publicKey: validator.publicKey,
    attestation,
    signature: validator.sign(attestation),
    verdict: VERDICTS[verdict],
    confidence: 1,
    stakeUnits: "100",
    evidence: evidence.map(toEvidenceMessage),
  };
}

/** Logged as the network would log it: whatever is wrong with it is wrong inside. */
export function certify(body: verifier.CertificateBody, options: LogOptions = {}): verifier.Certificate {
  const bytes = verifier.CertificateBody.encode(body).finish();
  const digest = sha256(bytes);
  const certificateId = encodeBase58(digest);
  const fields = [["certificate sha256", encodeHex(digest)]] as const;
  return {
    certificateId,
    body: bytes,
    inclusion: prove({ kind: "certificate.issued", subject: certificateId, fields }, options),
  };
}

const RECEIPTS = 5;
const FIRST_SEQUENCE = 40;

/** The proof of one receipt of a batch of five. */
export function proveReceipt(
  at: number,
  fields: Readonly<Record<string, string>> = {},
  options: LogOptions = {},
): types.ReceiptProof {
  const receipts = Array.from({ length: RECEIPTS }, (_, offset) =>
    encodeReceiptLeaf({
      sequence: parseSequenceNumber(FIRST_SEQUENCE + offset),
      messageHash: randomBytes(32),
      status: 0,
      error: "",
      fee: parseLamports(5_000n),
      computeUnits: 150,
      logs: ["Program log: hello"],
    }),
  );
  const leaves = receipts.map(hashLeaf);
  const settled = {
    batch: "3",
    "first sequence": String(FIRST_SEQUENCE),
    transactions: String(RECEIPTS),
    "receipts root": encodeHex(computeRoot(leaves)),
    ...fields,
  };
  return {
    receipt: receipts[at] ?? new Uint8Array(),
    receiptInclusion: {
      index: BigInt(at),
      treeSize: BigInt(RECEIPTS),
      path: computeInclusionPath(leaves, at),
    },
    batchEntry: prove(
      { kind: "batch.settled", subject: "batch/3", fields: Object.entries(settled) },
      options,
    ),
  };
}
