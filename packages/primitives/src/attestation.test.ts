/** Attestations: canonical bytes, hostile bytes, and a commitment that hides and binds. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  computeCommitment,
  decodeAttestation,
  encodeAttestation,
  encodeEvidence,
  type Attestation,
} from "./attestation.ts";
import { bytesEqual, encodeUtf8 } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import type { ModelRun } from "./model-run.ts";

const attestation: Attestation = {
  networkId: "mira-test",
  verificationId: "v1",
  claimId: "c1",
  claimHash: sha256(encodeUtf8("2 + 2 = 4")),
  validatorId: "validator-a",
  verdict: "supported",
  confidenceBps: 9_900,
  evidenceHash: sha256(
    encodeEvidence([{ checker: "arithmetic", verdict: "supported", witness: "2 + 2 = 4" }]),
  ),
};

test("an attestation decodes to what was encoded", () => {
  const decoded = decodeAttestation(encodeAttestation(attestation));
  assert.ok(decoded.ok);
  assert.deepEqual(
    {
      ...decoded.value,
      claimHash: Uint8Array.from(decoded.value.claimHash),
      evidenceHash: Uint8Array.from(decoded.value.evidenceHash),
    },
    {
      ...attestation,
      claimHash: Uint8Array.from(attestation.claimHash),
      evidenceHash: Uint8Array.from(attestation.evidenceHash),
    },
  );
});

test("hostile bytes are refused, never thrown", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !decodeAttestation(bytes).ok));
  const bytes = encodeAttestation(attestation);
  assert.equal(decodeAttestation(bytes.subarray(0, -1)).ok, false);
  assert.equal(decodeAttestation(Uint8Array.from([...bytes, 0])).ok, false);
});

test("confidence above 10,000 hundredths of a percent is refused", () => {
  assert.equal(decodeAttestation(encodeAttestation({ ...attestation, confidenceBps: 10_001 })).ok, false);
});

test("a commitment changes with the attestation and with the salt", () => {
  const salt = new Uint8Array(32).fill(1);
  const bytes = encodeAttestation(attestation);
  const commitment = computeCommitment(bytes, salt);
  assert.ok(bytesEqual(commitment, computeCommitment(bytes, salt)));
  assert.ok(!bytesEqual(commitment, computeCommitment(bytes, new Uint8Array(32).fill(2))));
  assert.ok(
    !bytesEqual(
      commitment,
      computeCommitment(encodeAttestation({ ...attestation, verdict: "refuted" }), salt),
    ),
  );
});

const run: ModelRun = {
  model: "llama",
  modelDigest: "aa",
  promptDigest: "bb",
  transcriptDigest: "cc",
  confidenceBasis: "token-logprobs",
  supportedBps: 9_000,
  refutedBps: 600,
  unresolvedBps: 400,
  samples: 2,
  inputTokens: 300,
  outputTokens: 2,
  instructionLike: false,
  untrustedRationale: "",
};
const evidenceOf = (model?: ModelRun) => [
  { checker: "openai", verdict: "supported" as const, witness: "w", ...(model && { model }) },
];

test("evidence without a model keeps the bytes it always had", () => {
  assert.equal(
    Buffer.from(encodeEvidence(evidenceOf())).toString("latin1"),
    "\0\0\0\x10mira:evidence:v1\0\0\0\x01\0\0\0\x06openai\0\0\0\0\x01w",
  );
});

test("every field of a model's run is under the signature", () => {
  const changes: readonly Partial<ModelRun>[] = [
    ...(["model", "modelDigest", "promptDigest", "transcriptDigest", "untrustedRationale"] as const).map(
      (key) => ({ [key]: "other" }),
    ),
    ...(
      ["supportedBps", "refutedBps", "unresolvedBps", "samples", "inputTokens", "outputTokens"] as const
    ).map((key) => ({ [key]: 77 })),
    { confidenceBasis: "vote-share" },
    { instructionLike: true },
  ];
  assert.equal(changes.length, Object.keys(run).length);
  const encodings = [
    evidenceOf(),
    evidenceOf(run),
    ...changes.map((change) => evidenceOf({ ...run, ...change })),
  ];
  assert.equal(
    new Set(encodings.map((one) => Buffer.from(encodeEvidence(one)).toString("hex"))).size,
    encodings.length,
  );
});
