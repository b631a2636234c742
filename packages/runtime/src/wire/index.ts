/** The bytes of the ledger: strict decoder of Solana transactions and the packed formats. */
import type { LoadedAddresses } from "./locks.ts";
import type { AccountVersion, BatchNumber, Lamports, SequenceNumber, Slot, UnixMs } from "@mira/primitives";

export * from "./compute-budget.ts";
export * from "./fee.ts";
export { accountKey, accountKeyBytes } from "./key.ts";
export * from "./locks.ts";
export * from "./system-program.ts";
export * from "./transaction.ts";

// ---- packed formats
export declare class WireError extends Error {
  readonly needed: string;
  readonly found: string;
  constructor(where: string, needed: string, found: string);
}
export type SessionRecord = { readonly id: Uint8Array; readonly key: Uint8Array };
export type TransactionRecord = {
  readonly wire: Uint8Array;
  readonly loaded?: LoadedAddresses;
  /** Accounts read without being named: programdata, lookup tables. */
  readonly implicitReads?: readonly Uint8Array[];
  readonly session?: SessionRecord;
};
/** Lazy view: nothing is copied or allocated until asked for. */
export type TransactionsView = {
  readonly bytes: Uint8Array;
  readonly count: number;
  sequenceNumber(index: number): SequenceNumber;
  /** Byte range of the whole record in `bytes`, to copy from batch to partition. */
  recordStart(index: number): number;
  recordEnd(index: number): number;
  wireStart(index: number): number;
  wireEnd(index: number): number;
  wire(index: number): Uint8Array;
  loaded(index: number): LoadedAddresses;
  implicitReads(index: number): Uint8Array[];
  session(index: number): SessionRecord | undefined;
};
export type SealedBatchHeader = {
  readonly batchNumber: BatchNumber;
  readonly firstSequence: SequenceNumber;
  readonly slot: Slot;
  /** Seconds: what the Clock sysvar shows. */
  readonly unixTimestamp: number;
  readonly sealedAt: UnixMs;
  readonly runtimeId: Uint8Array;
  /** 1 = libsodium strict. */
  readonly signatureRule: number;
  readonly feeRule: number;
  /** Hash of the previous sealed batch; 32 zero bytes before the first. */
  readonly parentHash: Uint8Array;
  readonly traceparent: string;
};
export type SealedBatch = {
  readonly bytes: Uint8Array;
  readonly header: SealedBatchHeader;
  readonly transactions: TransactionsView;
};
export declare function encodeTransactionRecord(record: TransactionRecord): Uint8Array;
export declare function encodeSealedBatch(
  header: SealedBatchHeader,
  transactions: readonly TransactionRecord[],
): Uint8Array;
export declare function decodeSealedBatch(bytes: Uint8Array): SealedBatch;
export declare function computeBatchHash(bytes: Uint8Array): Uint8Array;

/** Version of an input that is whatever was settled before this batch; 2^64-1 on the wire. */
export declare const AS_SETTLED: AccountVersion;
export type AccountInput = { readonly key: string; readonly version: AccountVersion };
/** Sorted strictly ascending by key. */
export type InputsView = {
  readonly count: number;
  key(index: number): string;
  version(index: number): AccountVersion;
};
export type PartitionHeader = {
  readonly batchNumber: BatchNumber;
  readonly partition: number;
  readonly partitions: number;
  readonly firstSequence: SequenceNumber;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  readonly slot: Slot;
  readonly unixTimestamp: number;
  readonly traceparent: string;
};
export type Partition = {
  readonly bytes: Uint8Array;
  readonly header: PartitionHeader;
  readonly transactions: TransactionsView;
  readonly inputs: InputsView;
};
/** `indexes` of transactions in `source` (ascending); their records are copied as they are. */
export declare function encodePartition(
  header: PartitionHeader,
  source: TransactionsView,
  indexes: ArrayLike<number>,
  inputs: readonly AccountInput[],
): Uint8Array;
export declare function decodePartition(bytes: Uint8Array): Partition;

/** 0 succeeded; 1 failed, fee charged; 2 no-op: sequenced but invalid, nothing charged. */
export type ReceiptStatus = 0 | 1 | 2;
export type Receipt = {
  readonly sequence: SequenceNumber;
  /** SHA-256 of the message bytes: binds the receipt to its transaction. */
  readonly messageHash: Uint8Array;
  readonly status: ReceiptStatus;
  /** Empty exactly when status is 0. */
  readonly error: string;
  readonly fee: Lamports;
  readonly computeUnits: number;
  readonly logs: readonly string[];
};
export type ReceiptsView = {
  readonly bytes: Uint8Array;
  readonly count: number;
  sequence(index: number): SequenceNumber;
  messageHash(index: number): Uint8Array;
  status(index: number): ReceiptStatus;
  error(index: number): string;
  fee(index: number): Lamports;
  computeUnits(index: number): number;
  logs(index: number): string[];
  receipt(index: number): Receipt;
};
export type AccountValue = {
  readonly lamports: Lamports;
  readonly owner: Uint8Array;
  readonly executable: boolean;
  readonly rentEpoch: bigint;
  readonly data: Uint8Array;
};
/** `value` undefined: the account does not exist after the write (deleted, or write-locked and still absent). */
export type AccountWrite = {
  readonly key: string;
  readonly version: AccountVersion;
  readonly value: AccountValue | undefined;
};
export type WritesView = {
  readonly bytes: Uint8Array;
  readonly count: number;
  key(index: number): string;
  keyOffset(index: number): number;
  version(index: number): AccountVersion;
  isDeleted(index: number): boolean;
  lamports(index: number): Lamports;
  value(index: number): AccountValue | undefined;
  write(index: number): AccountWrite;
};
export type PartitionResultHeader = {
  readonly batchNumber: BatchNumber;
  readonly partition: number;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  readonly executorId: Uint8Array;
  readonly executedAt: UnixMs;
};
export type PartitionResult = {
  readonly bytes: Uint8Array;
  readonly header: PartitionResultHeader;
  readonly inputs: InputsView;
  readonly receipts: ReceiptsView;
  readonly writes: WritesView;
  readonly resultHash: Uint8Array;
  readonly signature: Uint8Array;
};
export type PartitionResultContent = {
  readonly inputs: readonly AccountInput[];
  readonly receipts: readonly Receipt[];
  readonly writes: readonly AccountWrite[];
};
/** `sign` gets "mira:result:v1" || resultHash and answers 64 bytes. Inputs and writes sorted strictly ascending by key. */
export declare function encodePartitionResult(
  header: PartitionResultHeader,
  content: PartitionResultContent,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array;
export declare function decodePartitionResult(bytes: Uint8Array): PartitionResult;
/** Against the executor id that the result itself names: the caller checks that it is known. */
export declare function verifyPartitionResult(result: PartitionResult): boolean;

export type SettledBatchHeader = {
  readonly batchNumber: BatchNumber;
  readonly firstSequence: SequenceNumber;
  readonly batchHash: Uint8Array;
  readonly settledAt: UnixMs;
  readonly receiptsRoot: Uint8Array;
  readonly writesRoot: Uint8Array;
  readonly resultHash: Uint8Array;
  readonly fees: Lamports;
};
export type SettledBatch = {
  readonly bytes: Uint8Array;
  readonly header: SettledBatchHeader;
  readonly receipts: ReceiptsView;
  readonly writes: WritesView;
  /** Executor's 32-byte public key by partition index. */
  readonly executors: readonly Uint8Array[];
};
/** A row of a view, so that settlement merges partitions without unpacking them. */
export type ViewRow<View> = { readonly view: View; readonly index: number };
export declare function encodeSettledBatch(
  header: SettledBatchHeader,
  content: {
    readonly receipts: readonly ViewRow<ReceiptsView>[];
    readonly writes: readonly ViewRow<WritesView>[];
    readonly executors: readonly Uint8Array[];
  },
): Uint8Array;
export declare function decodeSettledBatch(bytes: Uint8Array): SettledBatch;

// ---- leaves and the batch-level result hash
export declare function encodeReceiptLeaf(receipt: Receipt): Uint8Array;
export declare function decodeReceiptLeaf(bytes: Uint8Array): Receipt;
export declare function encodeWriteLeaf(write: AccountWrite): Uint8Array;
export declare function decodeWriteLeaf(bytes: Uint8Array): AccountWrite;
/** Leaf hashes (RFC 6962: SHA-256 of 0x00 and the leaf), 32 bytes each, one after the other. */
export declare function hashReceiptLeaves(rows: readonly ViewRow<ReceiptsView>[]): Uint8Array;
export declare function hashWriteLeaves(rows: readonly ViewRow<WritesView>[]): Uint8Array;
/** SHA-256 over the batch's receipts in sequence order, then its final writes by key: independent of partitioning. */
export declare function computeBatchResultHash(
  receipts: readonly ViewRow<ReceiptsView>[],
  writes: readonly ViewRow<WritesView>[],
): Uint8Array;
