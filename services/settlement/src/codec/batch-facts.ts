/** Reads a sealed batch into the columns that the domain judges. */
import { readMovements, type ActionInstruction } from "@mira/authority";
import { encodeBase58, sha256, type SequenceNumber } from "@mira/primitives";
import {
  accountKeyBytes,
  accountKeyOffset,
  computeBatchHash,
  computeFee,
  computeLocks,
  decodeSealedBatch,
  decodeTransaction,
  isWritable,
  WireError,
  type DecodedTransaction,
  type SealedBatch,
} from "@mira/runtime/wire";
import type { BatchFacts, SessionFact } from "../domain/facts.ts";
import { LockIndexBuilder } from "../domain/lock-index.ts";
import type { PlainKeys } from "./plain-keys.ts";

export type ReadBatch = { readonly sealed: SealedBatch; readonly facts: BatchFacts };

/**
 * undefined for bytes that are no sealed batch. A transaction that does not decode has no locks and no fee: it was sequenced,
 * and its receipt says that it did nothing.
 */
export function readBatch(bytes: Uint8Array, plainKeys: PlainKeys): ReadBatch | undefined {
  const sealed = decodeBatch(bytes);
  if (sealed === undefined) return undefined;
  const { header, transactions } = sealed;
  const locks = new LockIndexBuilder(transactions.count, plainKeys.seed);
  const fees = new BigUint64Array(transactions.count);
  const sessions: SessionFact[] = [];
  for (let index = 0; index < transactions.count; index++) {
    const start = transactions.wireStart(index);
    const decoded = decodeTransaction(transactions.bytes, start, transactions.wireEnd(index));
    if (decoded.ok) {
      const owner = addLocks({ builder: locks, plainKeys, sealed, index, decoded: decoded.value });
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

type LockRequest = {
  readonly builder: LockIndexBuilder;
  readonly plainKeys: PlainKeys;
  readonly sealed: SealedBatch;
  readonly index: number;
  readonly decoded: DecodedTransaction;
};

/** Gives the key number of the fee payer, which is the first account. */
function addLocks(request: LockRequest): number {
  const { builder, sealed, index } = request;
  const first = isPlain(request) ? addPlainLocks(request) : addComputedLocks(request);
  for (const key of sealed.transactions.implicitReads(index)) builder.addLock(key, 0, false);
  return first;
}

/** Nothing turns a write lock of this transaction into a read lock: no lookups, no program asked for as writable, no reserved key. */
function isPlain({ plainKeys, sealed, decoded }: LockRequest): boolean {
  if (decoded.lookups.length > 0) return false;
  const { bytes } = sealed.transactions;
  for (const { programIdIndex } of decoded.instructions)
    if (isWritable(decoded, programIdIndex)) return false;
  for (let at = 0; at < decoded.accountKeyCount; at++)
    if (isWritable(decoded, at) && !plainKeys.has(bytes, accountKeyOffset(decoded, at))) return false;
  return true;
}

function addPlainLocks({ builder, sealed, decoded }: LockRequest): number {
  const { bytes } = sealed.transactions;
  const first = builder.addLock(bytes, accountKeyOffset(decoded, 0), isWritable(decoded, 0));
  for (let at = 1; at < decoded.accountKeyCount; at++)
    builder.addLock(bytes, accountKeyOffset(decoded, at), isWritable(decoded, at));
  return first;
}

function addComputedLocks({ builder, plainKeys, sealed, index, decoded }: LockRequest): number {
  const { transactions } = sealed;
  const loaded = decoded.lookups.length > 0 ? transactions.loaded(index) : undefined;
  const locks = computeLocks(decoded, transactions.bytes, loaded);
  if (!locks.ok) return 0;
  let first = 0;
  for (const [at, { key, writable }] of locks.value.entries()) {
    const bytes = accountKeyBytes(key);
    if (writable) plainKeys.add(bytes);
    const number = builder.addLock(bytes, 0, writable);
    if (at === 0) first = number;
  }
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
  const moved = listInstructions(transactions, index, decoded).flatMap((one) => readMovements(one) ?? []);
  return {
    transaction: index,
    sessionId: encodeBase58(session.id),
    owner,
    messageHash: sha256(transactions.bytes.subarray(decoded.messageOffset, decoded.end)),
    transferLamports: moved.reduce(
      (sum, { asset, amount }) => (asset === "lamports" ? sum + amount : sum),
      0n,
    ),
  };
}

/** As sessions saw them when the transaction was admitted: lookups resolved. */
function listInstructions(
  transactions: SealedBatch["transactions"],
  index: number,
  decoded: DecodedTransaction,
): readonly ActionInstruction[] {
  const { bytes } = transactions;
  const loaded = decoded.lookups.length > 0 ? transactions.loaded(index) : undefined;
  const locks = computeLocks(decoded, bytes, loaded);
  const keys = locks.ok ? locks.value.map(({ key }) => encodeBase58(accountKeyBytes(key))) : [];
  return decoded.instructions.map(
    ({ programIdIndex, accountsOffset, accountsLength, dataOffset, dataLength }) => ({
      program: keys[programIdIndex] ?? "",
      accounts: [...bytes.subarray(accountsOffset, accountsOffset + accountsLength)].map(
        (at) => keys[at] ?? "",
      ),
      data: bytes.subarray(dataOffset, dataOffset + dataLength),
    }),
  );
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
