/** Seals batches and cuts them into partitions, as a sequencer would: every account version is known from the order alone. */
import type { AccountVersion, BatchNumber, SequenceNumber, Slot, UnixMs } from "@mira/primitives";
import { findProgramdataKey, type SvmRuntime } from "@mira/runtime";
import {
  AS_SETTLED,
  accountKey,
  computeBatchHash,
  computeLocks,
  decodeSealedBatch,
  decodeTransaction,
  encodePartition,
  encodeSealedBatch,
  type AccountInput,
  type AccountLock,
  type SealedBatch,
  type TransactionRecord,
  type TransactionsView,
} from "@mira/runtime/wire";
import type { SettledState } from "./settlement-stand-in.ts";

const GENESIS_MS = 1_700_000_000_000;

export class Sealing {
  readonly #runtime: SvmRuntime;
  readonly #state: SettledState;
  /** By account: the version that the last transaction sealed here made. */
  readonly #versions = new Map<string, number>();
  #nextBatch = 0;
  #nextSequence = 0;
  #parentHash: Uint8Array = new Uint8Array(32);

  constructor(runtime: SvmRuntime, state: SettledState) {
    this.#runtime = runtime;
    this.#state = state;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Partitions of at most `size` transactions in order: conflicts across them are carried by versions. */
  seal(
    records: readonly TransactionRecord[],
    size: number,
  ): { batch: SealedBatch; partitions: Uint8Array[] } {
    const batchNumber = this.#nextBatch++;
    const bytes = encodeSealedBatch(
      {
        batchNumber: batchNumber as BatchNumber,
        firstSequence: this.#nextSequence as SequenceNumber,
        slot: (100 + batchNumber) as Slot,
        unixTimestamp: GENESIS_MS / 1000 + batchNumber,
        sealedAt: (GENESIS_MS + batchNumber) as UnixMs,
        runtimeId: this.#runtime.runtimeId,
        signatureRule: 1,
        feeRule: 1,
        parentHash: this.#parentHash,
        traceparent: "",
      },
      records,
    );
    const batch = decodeSealedBatch(bytes);
    this.#parentHash = computeBatchHash(bytes);
    const starts = Array.from({ length: Math.ceil(records.length / size) }, (_, index) => index * size);
    const partitions = starts.map((start, partition) =>
      this.#cut(batch, {
        start,
        end: Math.min(start + size, records.length),
        partition,
        partitions: starts.length,
      }),
    );
    this.#nextSequence += records.length;
    return { batch, partitions };
  }

  #cut(
    batch: SealedBatch,
    piece: { start: number; end: number; partition: number; partitions: number },
  ): Uint8Array {
    const { transactions, header } = batch;
    const inputs = new Map<string, AccountInput>();
    const written = new Map<string, number>();
    for (let index = piece.start; index < piece.end; index++)
      for (const { key, writable } of this.#locksOf(transactions, index)) {
        const version = (this.#versions.get(key) ?? AS_SETTLED) as AccountVersion;
        if (!written.has(key) && !inputs.has(key)) inputs.set(key, { key, version });
        if (!writable) continue;
        written.set(key, index);
        this.#versions.set(key, header.firstSequence + index + 1);
      }
    return encodePartition(
      {
        batchNumber: header.batchNumber,
        partition: piece.partition,
        partitions: piece.partitions,
        firstSequence: header.firstSequence,
        batchHash: computeBatchHash(batch.bytes),
        runtimeId: header.runtimeId,
        slot: header.slot,
        unixTimestamp: header.unixTimestamp,
        traceparent: "",
      },
      { transactions, indexes: Array.from({ length: piece.end - piece.start }, (_, at) => piece.start + at) },
      [...inputs.values()].sort((left, right) => (left.key < right.key ? -1 : 1)),
    );
  }

  #locksOf(transactions: TransactionsView, index: number): AccountLock[] {
    const wire = transactions.wire(index);
    const decoded = decodeTransaction(wire);
    if (!decoded.ok) return [];
    const locks = computeLocks(decoded.value, wire, transactions.loaded(index));
    if (!locks.ok) return [];
    const all = locks.value.filter(({ key }) => !this.#runtime.isRuntimeAccount(key));
    for (const key of transactions.implicitReads(index)) all.push({ key: accountKey(key), writable: false });
    for (const { key } of [...all]) {
      const program = this.#state.get(key)?.value;
      const code = program === undefined ? undefined : findProgramdataKey(program);
      if (code !== undefined) all.push({ key: code, writable: false });
    }
    return all;
  }
}
