/**
 * What settlement judges, as columns of numbers: a sealed batch and the results for it. Made from the packed bytes by the
 * codec; unsigned 64-bit amounts are pairs of u32 (low, high) side by side, so no bigint is made per account.
 */
import type { AccountVersion, BatchNumber, SequenceNumber, UnixMs } from "@mira/primitives";
import type { KeyTable } from "./key-table.ts";

/** No write lock of the account before this one in the batch. */
export const BEFORE_BATCH = -1;

export type BatchFacts = {
  readonly batchNumber: BatchNumber;
  readonly firstSequence: SequenceNumber;
  readonly count: number;
  /** 32 bytes. */
  readonly batchHash: Uint8Array;
  /** 32 bytes. */
  readonly runtimeId: Uint8Array;
  readonly sealedAt: UnixMs;
  /** The account keys of the batch; a key's number is its place here. */
  readonly keys: KeyTable;
  /** Locks of transaction t: positions lockStart[t] up to, not including, lockStart[t + 1]. */
  readonly lockStart: Int32Array;
  readonly lockKey: Int32Array;
  readonly lockIsWrite: Uint8Array;
  /** Transaction of each lock position. */
  readonly lockTransaction: Int32Array;
  /** Position of the last write lock of the same account by an earlier transaction, or BEFORE_BATCH. */
  readonly previousWrite: Int32Array;
  /** Fee of each transaction by the batch's rule, as pairs of u32. */
  readonly fees: Uint32Array;
  readonly sessions: readonly SessionFact[];
};

/** A transaction under a session, and the most that it may take from its owner. */
export type SessionFact = {
  readonly transaction: number;
  readonly sessionId: string;
  /** Key number of the owner. */
  readonly owner: number;
  readonly messageHash: Uint8Array;
  /** Lamports that its instructions move, as its bytes say. */
  readonly transferLamports: bigint;
};

/** A receipt's status, as far as the rules care. */
export const STATUS_SUCCEEDED = 0;
/** It did not run: no fee and no effect. */
export const STATUS_NOT_EXECUTED = 2;

export type ResultFacts = {
  readonly batchNumber: BatchNumber;
  readonly partition: number;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  /** 32-byte public key. */
  readonly executorKey: Uint8Array;
  readonly executedAt: UnixMs;
  /** Sequence number of each receipt. */
  readonly sequences: Float64Array;
  readonly statuses: Uint8Array;
  readonly fees: Uint32Array;
  /** Key numbers in the batch's table, or ABSENT. */
  readonly inputKey: Int32Array;
  readonly inputVersion: Float64Array;
  readonly writeKey: Int32Array;
  readonly writeVersion: Float64Array;
  readonly writeLamports: Uint32Array;
  /** The codec found the writes' keys in strictly rising order. */
  readonly writesAreSorted: boolean;
};

/** State of the batch's accounts before the batch, by key number. */
export type PreState = {
  readonly version: Float64Array;
  readonly lamports: Uint32Array;
};

/** The version an account has after transaction t of the batch write-locked it. */
export function versionAfter(batch: BatchFacts, transaction: number): AccountVersion {
  return (batch.firstSequence + transaction + 1) as AccountVersion;
}

/** (newer - older) summed over pairs of u32, exact as long as fewer than 2^20 are summed. */
export type PairSum = { low: number; high: number };

export function addPair(sum: PairSum, pairs: Uint32Array, index: number, sign: 1 | -1): void {
  sum.low += sign * (pairs[2 * index] ?? 0);
  sum.high += sign * (pairs[2 * index + 1] ?? 0);
}

export function sumToBigInt(sum: PairSum): bigint {
  return BigInt(sum.high) * 0x1_0000_0000n + BigInt(sum.low);
}

export function pairToBigInt(pairs: Uint32Array, index: number): bigint {
  return sumToBigInt({ low: pairs[2 * index] ?? 0, high: pairs[2 * index + 1] ?? 0 });
}
