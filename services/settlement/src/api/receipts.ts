/** Receipts: by sequence number or transaction id, waited for, and proved. */
import { Commitment, Stage, type Receipt, type ReceiptProof } from "@mira/api/gen/mira/types/v1/types.ts";
import type {
  GetReceiptProofRequest,
  GetReceiptProofResponse,
  GetReceiptRequest,
  GetReceiptResponse,
  WaitForCommitmentRequest,
  WaitForCommitmentResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import type { CallContext } from "@mira/chassis";
import { computeInclusionPath } from "@mira/merkle";
import { bytesEqual, refuse, succeed, type Result } from "@mira/primitives";
import { encodeReceiptLeaf, hashReceiptLeaves, rowsOf } from "@mira/runtime/wire";
import { readTransactionId } from "../codec/batch-facts.ts";
import { findInReceiptIndex } from "../domain/receipt-index.ts";
import { settledSubject } from "../domain/audit-kinds.ts";
import type { Ledger } from "../memory/ledger.ts";
import type { Stage as ProgressStage } from "../memory/progress.ts";
import type { SealedBatches } from "../memory/sealed-batches.ts";
import type { EntryProofs } from "./audit.ts";
import { describeReceipt, type ReceiptContext } from "./receipt-message.ts";
import { endWait } from "./waiting.ts";

export type SettledBatchReader = {
  readonly find: (batchNumber: number) => Promise<ReceiptContext["packed"] | undefined>;
  readonly findBatchOf: (sequence: number) => Promise<number | undefined>;
  readonly findFinalizedAt: (batchNumber: number) => Promise<number | undefined>;
  /** Newest first, below the batches that memory holds. */
  readonly searchIds: (query: {
    readonly id: Uint8Array;
    readonly before: number;
  }) => AsyncIterable<{ readonly batch: number; readonly place: number }>;
};

export type ReceiptParts = {
  readonly ledger: Ledger;
  readonly sealed: SealedBatches;
  readonly batches: SettledBatchReader;
  readonly proofs: EntryProofs;
  readonly challengeWindowMs: number;
};

export async function getReceipt(
  parts: ReceiptParts,
  { by }: GetReceiptRequest,
  call: CallContext,
): Promise<Result<GetReceiptResponse>> {
  if (by === undefined)
    return refuse("REQUEST_INVALID", "a sequence number or a transaction id", { field: "by" });
  const sequence =
    by.$case === "sequenceNumber" ? Number(by.value) : await findSequence(parts, by.value, call.signal);
  if (sequence === undefined) return refuse("NOT_FOUND", "no transaction with that id is settled");
  const receipt = await readReceipt(parts, sequence, call.signal);
  return receipt.ok ? succeed({ receipt: receipt.value }) : receipt;
}

const STAGES = new Map<Commitment, ProgressStage>([
  [Commitment.PROCESSED, "processed"],
  [Commitment.CONFIRMED, "confirmed"],
  [Commitment.FINALIZED, "finalized"],
]);

export async function waitForCommitment(
  parts: ReceiptParts,
  request: WaitForCommitmentRequest,
  call: CallContext,
): Promise<Result<WaitForCommitmentResponse>> {
  const stage = STAGES.get(request.commitment);
  if (stage === undefined) return refuse("REQUEST_INVALID", "an unknown commitment", { field: "commitment" });
  const sequence = Number(request.sequenceNumber);
  const wait = parts.ledger.progress.waitForSequence(stage, sequence, call.signal);
  if (!wait.ok) return wait;
  await endWait(wait.value, call);
  const receipt = await readReceipt(parts, sequence, call.signal);
  return receipt.ok ? succeed({ receipt: receipt.value }) : receipt;
}

async function readReceipt(
  parts: ReceiptParts,
  sequence: number,
  signal: AbortSignal,
): Promise<Result<Receipt>> {
  const context =
    sequence < parts.ledger.progress.counts.settledSequence
      ? await findSettled(parts, sequence, signal)
      : findExecuted(parts, sequence);
  if (context === undefined)
    return refuse("NOT_FOUND", "no receipt for that sequence number yet", {
      sequence,
      settledSequence: parts.ledger.progress.counts.settledSequence,
    });
  return succeed(describeReceipt(context));
}

async function findSettled(
  { ledger, sealed, batches, challengeWindowMs }: ReceiptParts,
  sequence: number,
  signal: AbortSignal,
): Promise<ReceiptContext | undefined> {
  const recent = ledger.recent.findBatchOf(sequence)?.packed;
  const packed = recent ?? (await findOlder(batches, sequence));
  if (packed === undefined) return undefined;
  const { batchNumber } = packed.header;
  const isFinal = batchNumber < ledger.progress.counts.finalizedBatches;
  const finalizedAt = isFinal
    ? (ledger.recent.finalizedAt(batchNumber) ?? (await batches.findFinalizedAt(batchNumber)))
    : undefined;
  return {
    packed,
    receipts: packed.receipts,
    index: sequence - packed.header.firstSequence,
    stage: isFinal ? Stage.FINALIZED : Stage.SETTLED,
    sealed: await sealed.find(batchNumber, signal),
    settledAt: packed.header.settledAt,
    finalizedAt,
    executedAt: packed.header.executedAt,
    challengeWindowMs,
  };
}

async function findOlder(batches: SettledBatchReader, sequence: number): Promise<ReceiptContext["packed"]> {
  const number = await batches.findBatchOf(sequence);
  return number === undefined ? undefined : batches.find(number);
}

function findExecuted(
  { ledger, challengeWindowMs }: ReceiptParts,
  sequence: number,
): ReceiptContext | undefined {
  for (const { sealed, assembly } of ledger.pending.list()) {
    const found = assembly.find(sequence);
    if (found === undefined) continue;
    return {
      packed: undefined,
      receipts: found.payload.packed.receipts,
      index: found.receipt,
      stage: Stage.EXECUTED,
      sealed,
      settledAt: undefined,
      finalizedAt: undefined,
      executedAt: found.facts.executedAt,
      challengeWindowMs,
    };
  }
  return undefined;
}

/** Candidates share 8 bytes of the id; the whole id decides. */
async function findSequence(
  parts: ReceiptParts,
  id: Uint8Array,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (id.length !== 64) return undefined;
  for (const { packed, receiptIds } of parts.ledger.recent.listNewestFirst())
    for (const place of findInReceiptIndex(receiptIds, id)) {
      const found = await matchId(parts, { batch: packed.header.batchNumber, place }, id, signal);
      if (found !== undefined) return found;
    }
  for await (const candidate of parts.batches.searchIds({ id, before: parts.ledger.recent.first })) {
    signal.throwIfAborted();
    const found = await matchId(parts, candidate, id, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function matchId(
  { sealed }: ReceiptParts,
  candidate: { readonly batch: number; readonly place: number },
  id: Uint8Array,
  signal: AbortSignal,
): Promise<number | undefined> {
  const batch = await sealed.find(candidate.batch, signal);
  if (batch === undefined) return undefined;
  const sequence = batch.transactions.sequenceNumber(candidate.place);
  return bytesEqual(readTransactionId(batch, sequence), id) ? sequence : undefined;
}

export async function getReceiptProof(
  parts: ReceiptParts,
  request: GetReceiptProofRequest,
  call: CallContext,
): Promise<Result<GetReceiptProofResponse>> {
  const sequence = Number(request.sequenceNumber);
  if (sequence >= parts.ledger.progress.counts.settledSequence)
    return refuse("NOT_FOUND", "the transaction is not settled yet", { sequence });
  const context = await findSettled(parts, sequence, call.signal);
  const packed = context?.packed;
  if (context === undefined || packed === undefined)
    return refuse("NOT_FOUND", "no such receipt", { sequence });
  const entry = await parts.proofs.prove(
    { by: "subject", subject: settledSubject(packed.header.batchNumber) },
    call,
  );
  if (!entry.ok) return entry;
  const proof: ReceiptProof = {
    receipt: encodeReceiptLeaf(packed.receipts.receipt(context.index)),
    receiptInclusion: {
      index: BigInt(context.index),
      treeSize: BigInt(packed.receipts.count),
      path: computeReceiptPath(packed.receipts, context.index),
    },
    batchEntry: entry.value,
  };
  return succeed({ proof });
}

function computeReceiptPath(receipts: ReceiptContext["receipts"], index: number): Uint8Array[] {
  const packed = hashReceiptLeaves(rowsOf(receipts));
  const leaves = Array.from({ length: receipts.count }, (_, at) => packed.subarray(at * 32, (at + 1) * 32));
  return computeInclusionPath(leaves, index);
}
