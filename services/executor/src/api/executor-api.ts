/** gRPC: how the executor is. */
import { executor } from "@mira/api";
import { unary } from "@mira/chassis";
import { encodeBase58, encodeHex, succeed } from "@mira/primitives";

export type ExecutorFigures = {
  readonly partitionsExecuted: number;
  readonly transactionsExecuted: number;
  readonly batchesReexecuted: number;
  readonly partitionsWaiting: number;
  readonly accountsCached: number;
};

export type ExecutorApiDependencies = {
  readonly publicKey: Uint8Array;
  readonly role: "execute" | "reexecute";
  readonly runtimeId: Uint8Array;
  readonly figures: () => ExecutorFigures;
};

export function createExecutorApi(dependencies: ExecutorApiDependencies): executor.ExecutorServiceServer {
  return { getStatus: unary(() => succeed(toStatus(dependencies))) };
}

function toStatus({
  publicKey,
  role,
  runtimeId,
  figures,
}: ExecutorApiDependencies): executor.GetStatusResponse {
  const { partitionsExecuted, transactionsExecuted, batchesReexecuted, ...rest } = figures();
  return {
    executorId: encodeBase58(publicKey),
    publicKey,
    role: role === "execute" ? executor.Role.EXECUTE : executor.Role.REEXECUTE,
    runtimeId: encodeHex(runtimeId),
    partitionsExecuted: BigInt(partitionsExecuted),
    transactionsExecuted: BigInt(transactionsExecuted),
    batchesReexecuted: BigInt(batchesReexecuted),
    partitionsWaiting: BigInt(rest.partitionsWaiting),
    accountsCached: BigInt(rest.accountsCached),
  };
}
