/** The sequencer's gRPC methods: request -> admission or store -> response, or a refusal. */
import { refusalToMessage, type sequencer } from "@mira/api";
import { encodeHex, refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import type { BatchStore } from "../ports.ts";
import type { SequencerMetrics } from "../telemetry.ts";
import type { Term } from "../workers/term.ts";
import { TRANSACTIONS_PER_CALL_MAX } from "./admission.ts";

export type HandlerDependencies = {
  readonly getTerm: () => Term | undefined;
  readonly store: Pick<BatchStore, "findBatch" | "countBatches">;
  readonly metrics: SequencerMetrics;
  readonly runtimeId: Uint8Array;
  readonly speculationMax: number;
};

/** In a list of sequence numbers: refused. */
const REFUSED = 2n ** 64n - 1n;
const SIGNATURE_START = 1;
const SIGNATURE_END = 65;

export async function submitTransaction(
  { getTerm, metrics }: HandlerDependencies,
  { transaction, sessionId }: sequencer.SubmitTransactionRequest,
): Promise<Result<sequencer.SubmitTransactionResponse>> {
  const term = getTerm();
  if (term === undefined) return refuseNotLeader();
  const sessions = new Map(sessionId === "" ? [] : [[0, sessionId]]);
  const { sequences, refusals, sequencedAt } = await term.admission.submit([transaction], sessions);
  const refusal = refusals.get(0);
  if (refusal !== undefined) {
    metrics.refused(refusal.code, 1);
    return refusal;
  }
  return succeed({
    sequenceNumber: BigInt(sequences[0] ?? 0),
    transactionId: transaction.subarray(SIGNATURE_START, SIGNATURE_END),
    sequencedMs: BigInt(sequencedAt),
  });
}

export async function submitTransactions(
  { getTerm, metrics }: HandlerDependencies,
  { transactions, sessions }: sequencer.SubmitTransactionsRequest,
): Promise<Result<sequencer.SubmitTransactionsResponse>> {
  const term = getTerm();
  if (term === undefined) return refuseNotLeader();
  const invalid = checkRequest(transactions, sessions);
  if (invalid !== undefined) return invalid;
  const sessionIds = new Map(sessions.map(({ index, sessionId }) => [index, sessionId]));
  const { sequences, refusals } = await term.admission.submit(transactions, sessionIds);
  countRefusals(metrics, refusals.values());
  return succeed({
    sequenceNumbers: Array.from(sequences, (sequence) => (sequence < 0 ? REFUSED : BigInt(sequence))),
    refusals: Array.from(refusals, ([index, refusal]) => ({ index, refusal: refusalToMessage(refusal) })),
  });
}

export function getLatestBlockhash({
  getTerm,
}: HandlerDependencies): Result<sequencer.GetLatestBlockhashResponse> {
  const term = getTerm();
  if (term === undefined) return refuseNotLeader();
  term.tick();
  const { blockhash, slot, lastValidSlot } = term.blockhashes.latest();
  return succeed({
    blockhash: Buffer.from(blockhash, "latin1"),
    slot: BigInt(slot),
    lastValidSlot: BigInt(lastValidSlot),
  });
}

/** A replica that does not lead says how far the store has come. */
export async function getStatus({
  getTerm,
  store,
  runtimeId,
  speculationMax,
}: HandlerDependencies): Promise<Result<sequencer.GetStatusResponse>> {
  const term = getTerm();
  const common = { runtimeId: encodeHex(runtimeId), speculationLimit: BigInt(speculationMax) };
  if (term === undefined)
    return succeed({
      ...common,
      nextSequenceNumber: 0n,
      nextBatchNumber: BigInt(await store.countBatches()),
      settledBatchNumber: 0n,
      speculation: 0n,
      leader: false,
      epoch: 0n,
    });
  const { window, epoch } = term;
  return succeed({
    ...common,
    nextSequenceNumber: BigInt(window.nextSequence),
    nextBatchNumber: BigInt(window.nextBatch),
    settledBatchNumber: BigInt(window.settledBatches),
    speculation: BigInt(window.speculation),
    leader: true,
    epoch: BigInt(epoch),
  });
}

export async function getSealedBatch(
  { store }: HandlerDependencies,
  { batchNumber }: sequencer.GetSealedBatchRequest,
): Promise<Result<sequencer.GetSealedBatchResponse>> {
  const batch =
    batchNumber <= BigInt(Number.MAX_SAFE_INTEGER) ? await store.findBatch(Number(batchNumber)) : undefined;
  return batch === undefined
    ? refuse("NOT_FOUND", "No batch with this number is sealed.", { batchNumber })
    : succeed({ batch });
}

function checkRequest(
  transactions: readonly Uint8Array[],
  sessions: readonly sequencer.SessionUse[],
): Refusal<"REQUEST_INVALID"> | undefined {
  if (transactions.length === 0 || transactions.length > TRANSACTIONS_PER_CALL_MAX)
    return refuse("REQUEST_INVALID", `A call carries 1 to ${TRANSACTIONS_PER_CALL_MAX} transactions.`, {
      field: "transactions",
      found: transactions.length,
    });
  const wrong = sessions.find(({ index, sessionId }) => index >= transactions.length || sessionId === "");
  if (wrong === undefined) return undefined;
  return refuse("REQUEST_INVALID", "A session is named for no transaction of the call.", {
    field: "sessions",
    found: wrong.index,
  });
}

function countRefusals(metrics: SequencerMetrics, refusals: Iterable<Refusal>): void {
  const counts = new Map<string, number>();
  for (const { code } of refusals) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, count] of counts) metrics.refused(code, count);
}

function refuseNotLeader(): Refusal<"NOT_LEADER"> {
  return refuse("NOT_LEADER", "This replica does not hold the lease.");
}
