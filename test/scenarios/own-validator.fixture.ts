/** A validator that a test plays by hand, over the same contract as the real one: it says what the test tells it to. */
import { randomBytes } from "node:crypto";
import { verifier } from "@mira/api";
import { callStream, callUnary, signValidatorHello, unwrap, type KeyPair } from "@mira/client";
import type { Localnet } from "@mira/localnet";
import {
  computeCommitment,
  deriveValidatorId,
  encodeAttestation,
  encodeCommitments,
  encodeEvidence,
  encodeUtf8,
  parseBaseUnits,
  sha256,
  type Result,
  type Verdict,
} from "@mira/primitives";
import { createDevKey } from "@mira/localnet";

const SERVICE = verifier.VerifierServiceService;

export type OwnValidator = {
  readonly key: KeyPair;
  readonly validatorId: string;
};

/** Bonded by a development account, with a family of its own. */
export async function bondOwn(
  { client }: Localnet,
  name: string,
  operator: string,
  mira: bigint,
): Promise<OwnValidator> {
  const key = createDevKey(name);
  const amountUnits = parseBaseUnits(mira * 10n ** 9n);
  unwrap(
    await client.bond(createDevKey(operator), {
      validatorKey: key.publicKey,
      family: `${name}.own`,
      amountUnits,
    }),
  );
  return { key, validatorId: deriveValidatorId(key.publicKey) };
}

export type Attested = {
  readonly commit: verifier.CommitAttestationsRequest;
  readonly reveal: verifier.RevealAttestationsRequest;
};

/** Signs a verdict on each claim of the assignment. */
export function attestTo(
  networkId: string,
  { key, validatorId }: OwnValidator,
  { verificationId, claims }: Pick<verifier.Assignment, "verificationId" | "claims">,
  decide: (text: string) => Verdict,
): Attested {
  const reveals = claims.map(({ claimId, text }) => {
    const attestation = encodeAttestation({
      networkId,
      verificationId,
      claimId,
      claimHash: sha256(encodeUtf8(text)),
      validatorId,
      verdict: decide(text),
      confidenceBps: 10_000,
      evidenceHash: sha256(encodeEvidence([])),
    });
    return { claimId, attestation, signature: key.sign(attestation), salt: randomBytes(32), evidence: [] };
  });
  const commitments = reveals.map(({ claimId, attestation, salt }) => ({
    claimId,
    commitment: computeCommitment(attestation, salt),
  }));
  const signature = key.sign(encodeCommitments(networkId, verificationId, validatorId, commitments));
  return {
    commit: { verificationId, validatorId, commitments, signature },
    reveal: { verificationId, validatorId, reveals },
  };
}

export type Tasks = {
  readonly assigned: (assignment: verifier.Assignment) => Promise<void>;
  readonly revealing: (verificationId: string) => Promise<void>;
};

/** Hears what the validator is drawn for until the signal aborts. */
export async function attendOwn(
  { client, network }: Localnet,
  { key, validatorId }: OwnValidator,
  tasks: Tasks,
  signal: AbortSignal,
): Promise<void> {
  const hello = signValidatorHello(network.networkId, key, validatorId);
  for await (const { event } of callStream(
    client.channels.verifier,
    SERVICE.watchAssignments,
    { hello },
    { signal },
  )) {
    if (event?.$case === "assignment") await tasks.assigned(event.value);
    if (event?.$case === "reveal") await tasks.revealing(event.value.verificationId);
  }
}

export function sendCommit(
  { client }: Localnet,
  request: verifier.CommitAttestationsRequest,
): Promise<Result<unknown>> {
  return callUnary(client.channels.verifier, SERVICE.commitAttestations, request);
}

export function sendReveal(
  { client }: Localnet,
  request: verifier.RevealAttestationsRequest,
): Promise<Result<unknown>> {
  return callUnary(client.channels.verifier, SERVICE.revealAttestations, request);
}
