/** The sequencer over gRPC: sealed batches that the stream no longer has. */
import { sequencer } from "@mira/api";
import { call, createGrpcClient, type GrpcClient } from "@mira/chassis";
import type { SealedBatches } from "./ports.ts";

export type SequencerClient = GrpcClient<typeof sequencer.SequencerServiceService>;

const READ_DEADLINE_MS = 5_000;

export function connectSequencer(target: string): SequencerClient {
  return createGrpcClient(sequencer.SequencerServiceClient, target, { idempotent: ["getSealedBatch"] });
}

export function createSealedBatches(client: SequencerClient): SealedBatches {
  return {
    readSealed: async (batchNumber, signal) => {
      const request = { batchNumber: BigInt(batchNumber) };
      const answer = await call(client, "getSealedBatch", request, { signal, deadlineMs: READ_DEADLINE_MS });
      return answer.ok ? answer.value.batch : undefined;
    },
  };
}
