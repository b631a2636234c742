/** A ledger in memory for the runtime's tests: seals transactions, cuts partitions in any valid way, runs them, compares bytes. */
import type { BatchNumber, SequenceNumber, Slot, UnixMs } from "@mira/primitives";
import { unwrap } from "@mira/primitives";
import type { SvmOutput, SvmRuntime } from "../src/index.ts";
import { findProgramdataKey } from "../src/index.ts";
import {
  accountKey,
  computeLocks,
  decodePartition,
  decodeSealedBatch,
  decodeTransaction,
  encodePartition,
  encodeReceiptLeaf,
  encodeSealedBatch,
  encodeWriteLeaf,
  type AccountLock,
  type AccountValue,
  type AccountWrite,
  type Receipt,
  type SealedBatch,
  type TransactionRecord,
  type TransactionsView,
} from "../src/wire/index.ts";

export type LedgerState = Map<string, AccountValue>;
export type TestHeader = { slot: number; unixTimestamp: number };

export function seal(records: TransactionRecord[], header: TestHeader, firstSequence = 0): SealedBatch {
  return decodeSealedBatch(
    encodeSealedBatch(
      {
        batchNumber: 0 as BatchNumber,
        firstSequence: firstSequence as SequenceNumber,
        slot: header.slot as Slot,
        unixTimestamp: header.unixTimestamp,
        sealedAt: 0 as UnixMs,
        runtimeId: new Uint8Array(32),
        signatureRule: 1,
        feeRule: 1,
        parentHash: new Uint8Array(32),
        traceparent: "",
      },
      records,
    ),
  );
}

/** The same records, chosen and in ascending order, as a partition would carry them. */
export function select(batch: SealedBatch, indexes: number[]): TransactionsView {
  return decodePartition(
    encodePartition(
      {
        batchNumber: batch.header.batchNumber,
        partition: 0,
        partitions: 1,
        firstSequence: batch.header.firstSequence,
        batchHash: new Uint8Array(32),
        runtimeId: new Uint8Array(32),
        slot: batch.header.slot,
        unixTimestamp: batch.header.unixTimestamp,
        traceparent: "",
      },
      { transactions: batch.transactions, indexes },
      [],
    ),
  ).transactions;
}

/** Every account that the transactions lock, read besides, or run code from: as the state has it. */
export function collectInputs(
  transactions: TransactionsView,
  state: LedgerState,
  runtime: SvmRuntime,
): Map<string, AccountValue | undefined> {
  const inputs = new Map<string, AccountValue | undefined>();
  const add = (key: string): void => {
    if (runtime.isRuntimeAccount(key)) return;
    const value = state.get(key);
    inputs.set(key, value);
    const code = value === undefined ? undefined : findProgramdataKey(value);
    if (code !== undefined) inputs.set(code, state.get(code));
  };
  for (let index = 0; index < transactions.count; index++) {
    locksOf(transactions, index).forEach((lock) => add(lock.key));
    transactions.implicitReads(index).forEach((key) => add(accountKey(key)));
  }
  return inputs;
}

export function locksOf(transactions: TransactionsView, index: number): AccountLock[] {
  const wire = transactions.wire(index);
  const decoded = decodeTransaction(wire);
  if (!decoded.ok) return [];
  const locks = computeLocks(decoded.value, wire, transactions.loaded(index));
  return locks.ok ? locks.value : [];
}

export function execute(
  runtime: SvmRuntime,
  header: TestHeader,
  transactions: TransactionsView,
  state: LedgerState,
): SvmOutput {
  return unwrap(runtime.execute(header, collectInputs(transactions, state, runtime), transactions));
}

export function applyWrites(state: LedgerState, writes: readonly AccountWrite[]): void {
  for (const { key, value } of writes)
    if (value === undefined) state.delete(key);
    else state.set(key, value);
}

/**
 * Cuts a batch into partitions: `choose` places each transaction in the newest partition or a later one; a transaction never
 * stands in an earlier partition than one it conflicts with, and partitions run in order.
 */
export function runPartitioned(options: {
  batch: SealedBatch;
  state: LedgerState;
  runtimeFor: (partition: number) => SvmRuntime;
  choose: (lowest: number) => number;
}): { receipts: Receipt[]; writes: AccountWrite[] } {
  const { batch, state } = options;
  const partitions = cut(batch, options.choose, state);
  const receipts: Receipt[] = [];
  const writes = new Map<string, AccountWrite>();
  partitions.forEach((indexes, partition) => {
    if (indexes.length === 0) return;
    const output = execute(options.runtimeFor(partition), batch.header, select(batch, indexes), state);
    applyWrites(state, output.writes);
    receipts.push(...output.receipts);
    for (const write of output.writes) writes.set(write.key, write);
  });
  return {
    receipts: receipts.sort((left, right) => left.sequence - right.sequence),
    writes: [...writes.values()].sort((left, right) => (left.key < right.key ? -1 : 1)),
  };
}

function cut(batch: SealedBatch, choose: (lowest: number) => number, state: LedgerState): number[][] {
  const partitions: number[][] = [];
  const writtenIn = new Map<string, number>();
  const readIn = new Map<string, number>();
  for (let index = 0; index < batch.transactions.count; index++) {
    const locks = withImplicitReads(batch.transactions, index, state);
    let lowest = 0;
    for (const { key, writable } of locks)
      lowest = Math.max(lowest, writtenIn.get(key) ?? 0, writable ? (readIn.get(key) ?? 0) : 0);
    const partition = choose(lowest);
    for (const { key, writable } of locks) {
      const seen = writable ? writtenIn : readIn;
      seen.set(key, Math.max(partition, seen.get(key) ?? 0));
    }
    (partitions[partition] ??= []).push(index);
  }
  return Array.from({ length: partitions.length }, (_, index) => partitions[index] ?? []);
}

function withImplicitReads(transactions: TransactionsView, index: number, state: LedgerState): AccountLock[] {
  const locks = locksOf(transactions, index);
  for (const key of transactions.implicitReads(index)) locks.push({ key: accountKey(key), writable: false });
  for (const { key } of [...locks]) {
    const value = state.get(key);
    const code = value === undefined ? undefined : findProgramdataKey(value);
    if (code !== undefined) locks.push({ key: code, writable: false });
  }
  return locks;
}

/** Everything that leaves an executor, as canonical bytes. */
export function fingerprint(output: {
  receipts: readonly Receipt[];
  writes: readonly AccountWrite[];
}): string {
  return [
    ...output.receipts.map((receipt) => Buffer.from(encodeReceiptLeaf(receipt)).toString("hex")),
    ...output.writes.map((write) => Buffer.from(encodeWriteLeaf(write)).toString("hex")),
  ].join("\n");
}

export function systemAccount(lamports: bigint): AccountValue {
  return ownedAccount(lamports, new Uint8Array(32), new Uint8Array(0));
}

export function ownedAccount(lamports: bigint, owner: Uint8Array, data: Uint8Array): AccountValue {
  return {
    lamports: lamports as AccountValue["lamports"],
    owner,
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
    data,
  };
}

export function stateOf(...entries: [Uint8Array, AccountValue][]): LedgerState {
  return new Map(entries.map(([key, value]) => [accountKey(key), value]));
}
