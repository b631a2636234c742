/** Reads a sealed batch into the columns that the domain judges. */
import { encodeBase58, sha256, type SequenceNumber } from "@mira/primitives";
import {
  accountKeyBytes,
  computeBatchHash,
  computeFee,
  computeLocks,
  decodeSealedBatch,
  decodeSystemTransfers,
  decodeTransaction,
  WireError,
  type DecodedTransaction,
  type SealedBatch,
} from "@mira/runtime/wire";
import type { BatchFacts, SessionFact } from "../domain/facts.ts";
import { LockIndexBuilder } from "../domain/lock-index.ts";

export type ReadBatch = { readonly sealed: SealedBatch; readonly facts: BatchFacts };

/**
 * undefined for bytes that are no sealed batch. A transaction that does not decode has no locks and no fee: it was sequenced,
 * and its receipt says that it did nothing.
 */
export function readBatch(bytes: Uint8Array, seed: number): ReadBatch | undefined {
  const sealed = decodeBatch(bytes);
  if (sealed === undefined) return undefined;
  const { header, transactions } = sealed;
  const locks = new LockIndexBuilder(transactions.count, seed);
  const fees = new BigUint64Array(transactions.count);
  const sessions: SessionFact[] = [];
  for (let index = 0; index < transactions.count; index++) {
    const start = transactions.wireStart(index);
    const decoded = decodeTransaction(transactions.bytes, start, transactions.wireEnd(index));
    if (decoded.ok) {
      const owner = addLocks(locks, sealed, index, decoded.value);
      fees[index] = computeFee(decoded.value, transactions.bytes);
      const session = readSession(sealed, index, decoded.value, owner);
      if (session !== undefined) sessions.push(session);
    }
    locks.endTransaction();
  }
  const facts: BatchFacts = {
    batchNumber: header.batchNumber,
    firstSequence: header.firstSequence,
    count: transactions.count,
    batchHash: computeBatchHash(bytes),
    runtimeId: header.runtimeId,
    sealedAt: header.sealedAt,
    fees: new Uint32Array(fees.buffer),
    sessions,
    ...locks.finish(),
  };
  return { sealed, facts };
}

function decodeBatch(bytes: Uint8Array): SealedBatch | undefined {
  try {
    return decodeSealedBatch(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Gives the key number of the fee payer, which is the first account. */
function addLocks(
  builder: LockIndexBuilder,
  { transactions }: SealedBatch,
  index: number,
  decoded: DecodedTransaction,
): number {
  const hasLookups = decoded.lookups.length > 0;
  const loaded = hasLookups ? transactions.loaded(index) : undefined;
  const locks = computeLocks(decoded, transactions.bytes, loaded);
  let first = 0;
  if (locks.ok)
    for (const [at, { key, writable }] of locks.value.entries()) {
      const number = builder.addLock(accountKeyBytes(key), 0, writable);
      if (at === 0) first = number;
    }
  for (const key of transactions.implicitReads(index)) builder.addLock(key, 0, false);
  return first;
}

function readSession(
  { transactions }: SealedBatch,
  index: number,
  decoded: DecodedTransaction,
  owner: number,
): SessionFact | undefined {
  const session = transactions.session(index);
  if (session === undefined) return undefined;
  const { transfers } = decodeSystemTransfers(decoded, transactions.bytes);
  return {
    transaction: index,
    sessionId: encodeBase58(session.id),
    owner,
    messageHash: sha256(transactions.bytes.subarray(decoded.messageOffset, decoded.end)),
    transferLamports: transfers.reduce((sum, { lamports }) => sum + lamports, 0n),
  };
}

/** The transaction id: its first signature, 64 bytes after the count. */
export function readTransactionId({ transactions }: SealedBatch, sequence: SequenceNumber): Uint8Array {
  const start = transactions.wireStart(sequence - transactions.sequenceNumber(0));
  return transactions.bytes.subarray(start + 1, start + 65);
}

/** Where the id of each transaction begins in the batch's bytes. */
export function listIdOffsets({ transactions }: SealedBatch): Uint32Array {
  const offsets = new Uint32Array(transactions.count);
  for (let index = 0; index < transactions.count; index++) offsets[index] = transactions.wireStart(index) + 1;
  return offsets;
}
