/** The verifier port over gRPC. */
import { toEvidenceMessage, type verifier } from "@mira/api";
import type { ClaimPiece } from "@mira/claims";
import { call, resumeStream, stream, type GrpcClient, type Logger } from "@mira/chassis";
import { signValidatorHello } from "@mira/client";
import type { AssignedClaim, Assignment, Identity } from "../domain/attest.ts";
import type { Task, Verifier } from "../ports.ts";

type Client = GrpcClient<typeof verifier.VerifierServiceService>;

export function createVerifierClient(
  client: Client,
  { networkId, validatorId, keyPair }: Identity,
  logger: Logger,
): Verifier {
  return {
    async *watchTasks(signal) {
      const messages = resumeStream<verifier.WatchAssignmentsResponse, undefined>({
        // A hello is signed anew each time: it lives for two minutes only.
        open: () =>
          stream(
            client,
            "watchAssignments",
            { hello: signValidatorHello(networkId, keyPair, validatorId) },
            { signal },
          ),
        cursorOf: () => undefined,
        signal,
        onInterrupted: (error, attempts) =>
          logger.warn({ error, attempts }, "the stream of assignments broke; it is opened again"),
      });
      for await (const { event } of messages) {
        const task = toTask(event);
        if (task !== undefined) yield task;
      }
    },
    commit: (verificationId, { commitments, signature }) =>
      call(client, "commitAttestations", {
        verificationId,
        validatorId,
        commitments: [...commitments],
        signature,
      }),
    reveal: (verificationId, attestations) =>
      call(client, "revealAttestations", {
        verificationId,
        validatorId,
        reveals: attestations.map((one) => ({ ...one, evidence: one.evidence.map(toEvidenceMessage) })),
      }),
    sign: (verificationId, signature) =>
      call(client, "signStatement", { verificationId, validatorId, signature }),
  };
}

function toAssignment({ claims, ...assignment }: verifier.Assignment): Assignment {
  return { ...assignment, claims: claims.map(toClaim) };
}

function toClaim({ pieces, ...claim }: verifier.Claim): AssignedClaim {
  if (pieces.length === 0) return claim;
  return {
    ...claim,
    pieces: pieces.flatMap(({ piece }): readonly ClaimPiece[] => {
      if (piece === undefined) return [];
      return piece.$case === "insert" ? [{ insert: piece.value }] : [piece.value];
    }),
  };
}

function toTask(event: verifier.WatchAssignmentsResponse["event"]): Task | undefined {
  if (event?.$case === "assignment") return { kind: "commit", assignment: toAssignment(event.value) };
  if (event?.$case === "reveal") return { kind: "reveal", verificationId: event.value.verificationId };
  if (event?.$case !== "sign") return undefined;
  const { verificationId, statement } = event.value;
  return { kind: "sign", verificationId, statement };
}
