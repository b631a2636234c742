/** A receipt as callers see it: its outcome, how far it has come, and what would still reverse it. */
import { Stage, type Receipt } from "@mira/api/gen/mira/types/v1/types.ts";
import { encodeBase58 } from "@mira/primitives";
import {
  accountKeyBytes,
  computeLocks,
  decodeTransaction,
  type ReceiptsView,
  type SealedBatch,
  type SettledBatch,
} from "@mira/runtime/wire";

export type ReceiptContext = {
  readonly packed: SettledBatch | undefined;
  readonly receipts: ReceiptsView;
  readonly index: number;
  readonly stage: Stage;
  /** undefined when the sequencer does not give it: the receipt then lacks what only the transaction says. */
  readonly sealed: SealedBatch | undefined;
  readonly executedAt: number | undefined;
  readonly settledAt: number | undefined;
  readonly finalizedAt: number | undefined;
  readonly challengeWindowMs: number;
};

export function describeReceipt(context: ReceiptContext): Receipt {
  const { receipts, index, sealed, stage } = context;
  const receipt = receipts.receipt(index);
  const place = sealed === undefined ? -1 : receipt.sequence - sealed.header.firstSequence;
  const session = sealed?.transactions.session(place);
  return {
    sequenceNumber: BigInt(receipt.sequence),
    batchNumber: BigInt(sealed?.header.batchNumber ?? context.packed?.header.batchNumber ?? 0),
    transactionId: sealed === undefined ? new Uint8Array(0) : readId(sealed, place),
    stage,
    status: receipt.status === 0 ? "ok" : receipt.error,
    succeeded: receipt.status === 0,
    feeLamports: receipt.fee,
    computeUnits: BigInt(receipt.computeUnits),
    logs: [...receipt.logs],
    reversibleUntilMs: BigInt(computeReversibleUntil(context)),
    reversal: describeReversal(context),
    times: {
      sequencedMs: BigInt(sealed?.header.sealedAt ?? 0),
      executedMs: BigInt(context.executedAt ?? 0),
      settledMs: BigInt(context.settledAt ?? 0),
      finalizedMs: BigInt(context.finalizedAt ?? 0),
    },
    writtenAccounts: sealed === undefined ? [] : listWritten(sealed, place),
    sessionId: session === undefined ? "" : encodeBase58(session.id),
  };
}

function readId({ transactions }: SealedBatch, place: number): Uint8Array {
  const start = transactions.wireStart(place);
  return transactions.bytes.subarray(start + 1, start + 65);
}

/** Those it locked for writing, in key order. */
function listWritten({ transactions }: SealedBatch, place: number): Uint8Array[] {
  const wire = transactions.wire(place);
  const decoded = decodeTransaction(wire);
  if (!decoded.ok) return [];
  const locks = computeLocks(decoded.value, wire, transactions.loaded(place));
  if (!locks.ok) return [];
  return locks.value
    .filter(({ writable }) => writable)
    .map(({ key }) => key)
    .sort()
    .map(accountKeyBytes);
}

/** 0 while it is not known: before settlement no window has begun. */
function computeReversibleUntil({ settledAt, challengeWindowMs }: ReceiptContext): number {
  return settledAt === undefined ? 0 : settledAt + challengeWindowMs;
}

function describeReversal({ stage }: ReceiptContext): string {
  if (stage === Stage.FINALIZED) return "";
  if (stage === Stage.SETTLED)
    return "an independent re-execution that comes to another result holds the batch; the network's operators may then revert it before it is final";
  return "settlement refuses the executor's result; another executor's takes its place";
}
