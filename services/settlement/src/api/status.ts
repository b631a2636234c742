/** How settlement is: status, progress, settled batches, quarantine. */
import type {
  GetSettledBatchRequest,
  GetSettledBatchResponse,
  GetStatusResponse,
  ListQuarantineRequest,
  ListQuarantineResponse,
  WatchProgressResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import type { CallContext } from "@mira/chassis";
import { refuse, succeed, type RefusalDetails, type Result } from "@mira/primitives";
import type { Ledger } from "../memory/ledger.ts";
import type { Clock } from "../ports.ts";

const QUARANTINE_MAX = 1000;

export type StatusParts = {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly epoch: number;
  readonly challengeWindowMs: number;
  readonly logVerifierKey: string;
  readonly readTreeSize: () => number;
  readonly findEscrow: () => Promise<bigint>;
  readonly findSettledBatch: (batchNumber: number) => Promise<Uint8Array | undefined>;
  readonly listQuarantined: (limit: number) => Promise<
    ReadonlyArray<{
      readonly batch: number;
      readonly partition: number;
      readonly executorId: string;
      readonly code: string;
      readonly message: string;
      readonly details: RefusalDetails;
      readonly at: number;
    }>
  >;
};

export async function getStatus(parts: StatusParts): Promise<Result<GetStatusResponse>> {
  const { ledger } = parts;
  const counts = ledger.progress.counts;
  const awaiting = [...ledger.finality.values()].filter(({ agreedBy }) => agreedBy === undefined).length;
  return succeed({
    settledBatches: BigInt(counts.settledBatches),
    finalizedBatches: BigInt(counts.finalizedBatches),
    settledSequence: BigInt(counts.settledSequence),
    finalizedSequence: BigInt(counts.finalizedSequence),
    treeSize: BigInt(parts.readTreeSize()),
    leader: true,
    epoch: BigInt(parts.epoch),
    runtimeLamports: ledger.runtimeLamports,
    escrowLamports: await parts.findEscrow(),
    challengeWindowMs: BigInt(parts.challengeWindowMs),
    awaitingReexecution: BigInt(awaiting),
    quarantined: BigInt(ledger.quarantinedCount),
    halted: ledger.halt !== undefined,
    haltReason: ledger.halt?.reason ?? "",
    logVerifierKey: parts.logVerifierKey,
    executors: ledger.executors.list().map((executor) => ({
      executorId: executor.executorId,
      publicKey: executor.publicKey,
      setAside: executor.asideFor !== undefined,
      reason: executor.asideFor ?? "",
      lastSeenMs: BigInt(executor.lastSeenAt),
    })),
  });
}

/** One message at once, then the newest state after each change: a slow reader skips what it missed. */
export async function* watchProgress(
  { ledger, clock }: Pick<StatusParts, "ledger" | "clock">,
  call: CallContext,
): AsyncGenerator<WatchProgressResponse> {
  let changed = Promise.withResolvers<boolean>();
  const remove = ledger.progress.onChange(() => changed.resolve(true));
  const onAbort = (): void => changed.resolve(false);
  call.signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!call.signal.aborted) {
      changed = Promise.withResolvers<boolean>();
      yield describeProgress(ledger, clock);
      if (!(await changed.promise)) return;
    }
  } finally {
    remove();
    call.signal.removeEventListener("abort", onAbort);
  }
}

function describeProgress({ progress }: Ledger, clock: Clock): WatchProgressResponse {
  const { executedSequence, settledBatches, settledSequence, finalizedBatches, finalizedSequence } =
    progress.counts;
  return {
    executedSequence: BigInt(executedSequence),
    settledBatches: BigInt(settledBatches),
    settledSequence: BigInt(settledSequence),
    finalizedBatches: BigInt(finalizedBatches),
    finalizedSequence: BigInt(finalizedSequence),
    atMs: BigInt(clock.now()),
  };
}

export async function getSettledBatch(
  { ledger, findSettledBatch }: StatusParts,
  request: GetSettledBatchRequest,
): Promise<Result<GetSettledBatchResponse>> {
  const number = Number(request.batchNumber);
  const { settledBatches, finalizedBatches } = ledger.progress.counts;
  const packed = number < settledBatches ? await findSettledBatch(number) : undefined;
  if (packed === undefined)
    return refuse("NOT_FOUND", "the batch is not settled", { batch: number, settledBatches });
  return succeed({ packed, finalized: number < finalizedBatches });
}

export async function listQuarantine(
  parts: StatusParts,
  { limit }: ListQuarantineRequest,
): Promise<Result<ListQuarantineResponse>> {
  if (limit > QUARANTINE_MAX)
    return refuse("REQUEST_INVALID", "too many rows at once", { field: "limit", max: QUARANTINE_MAX });
  const rows = await parts.listQuarantined(limit === 0 ? QUARANTINE_MAX : limit);
  return succeed({
    results: rows.map(({ batch, partition, executorId, code, message, details, at }) => ({
      batchNumber: BigInt(batch),
      partition,
      executorId,
      refusal: { code, message, details: { ...details } },
      atMs: BigInt(at),
    })),
  });
}
