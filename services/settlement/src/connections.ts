/** The port on the sequencer, over its client. */
import { GetSealedBatchRequest, SequencerServiceClient } from "@mira/api/gen/mira/sequencer/v1/sequencer.ts";
import { call, createGrpcClient, runDetached } from "@mira/chassis";
import { RefusalError } from "@mira/primitives";
import type { SealedBatchSource } from "./ports.ts";

const READ_DEADLINE_MS = 5_000;

export function connectSequencer(target: string): SealedBatchSource & { readonly close: () => void } {
  const client = createGrpcClient(SequencerServiceClient, target, {
    deadlineMs: READ_DEADLINE_MS,
    idempotent: ["getSealedBatch"],
  });
  return {
    close: client.close,
    fetch: (batchNumber, signal) =>
      runDetached(async () => {
        const request = GetSealedBatchRequest.create({ batchNumber: BigInt(batchNumber) });
        const response = await call(client, "getSealedBatch", request, { signal });
        if (response.ok) return response.value.batch;
        if (response.code === "NOT_FOUND") return undefined;
        throw new RefusalError(response);
      }),
  };
}
