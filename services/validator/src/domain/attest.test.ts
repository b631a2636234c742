/** Attesting: what is signed is what the checker said, and a commitment opens to exactly that. */
import { test } from "node:test";
import assert from "node:assert/strict";
import {
  bytesEqual,
  computeCommitment,
  createKeyPair,
  decodeAttestation,
  encodeCommitments,
  encodeEvidence,
  sha256,
  verifySignature,
} from "@mira/primitives";
import { attest, commit, type Assignment, type Check, type Identity } from "./attest.ts";

const keyPair = createKeyPair(new Uint8Array(32).fill(1));
const identity: Identity = { networkId: "mira-test", validatorId: "val", keyPair };
const assignment: Assignment = {
  verificationId: "v1",
  response: "2 + 2 = 5. It rains.",
  sources: [],
  claims: [
    { claimId: "c1", text: "2 + 2 = 5", start: 0, end: 9 },
    { claimId: "c2", text: "It rains", start: 11, end: 19 },
  ],
};
const check: Check = ({ claimId }) =>
  claimId === "c1"
    ? {
        verdict: "refuted",
        evidence: [{ checker: "arithmetic", verdict: "refuted", witness: "2 + 2 = 4, printed 5" }],
      }
    : { verdict: "unresolved", evidence: [] };
let salts = 0;
const attestations = attest(assignment, identity, {
  check,
  createSalt: () => new Uint8Array(32).fill(++salts),
});

test("each attestation carries the checker's verdict, its evidence's hash and a valid signature", () => {
  const decoded = attestations.map(({ attestation }) => decodeAttestation(attestation));
  assert.ok(decoded.every((result) => result.ok));
  assert.deepEqual(
    decoded.map(({ value }) => [value.verdict, value.confidenceBps]),
    [
      ["refuted", 10_000],
      ["unresolved", 0],
    ],
  );
  for (const [index, { attestation, signature, evidence }] of attestations.entries()) {
    assert.ok(verifySignature(keyPair.publicKey, attestation, signature));
    assert.ok(
      bytesEqual(sha256(encodeEvidence(evidence)), decoded[index]?.value.evidenceHash ?? new Uint8Array()),
    );
  }
});

test("commitments open to the attestations with their salts, and are signed together", () => {
  const { commitments, signature } = commit("v1", attestations, identity);
  for (const [index, { commitment }] of commitments.entries()) {
    const { attestation, salt } = attestations[index] ?? {
      attestation: new Uint8Array(),
      salt: new Uint8Array(),
    };
    assert.ok(bytesEqual(commitment, computeCommitment(attestation, salt)));
  }
  assert.ok(
    verifySignature(keyPair.publicKey, encodeCommitments("mira-test", "v1", "val", commitments), signature),
  );
  assert.ok(
    !verifySignature(keyPair.publicKey, encodeCommitments("mira-test", "v2", "val", commitments), signature),
  );
});

test("two claims never share a salt: equal verdicts would show through equal commitments", () => {
  assert.ok(
    !bytesEqual(attestations[0]?.salt ?? new Uint8Array(), attestations[1]?.salt ?? new Uint8Array()),
  );
});
