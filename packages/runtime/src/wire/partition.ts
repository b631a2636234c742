/** A partition: one executor's unit of work, with the versions of the accounts that it needs. */
import { invariant, type BatchNumber, type SequenceNumber, type Slot } from "@mira/primitives";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { PARTITION, readFormat, readTraceparent, writeFormat, writeTraceparent } from "./format.ts";
import { readInputs, writeInputs, type AccountInput, type InputsView } from "./inputs.ts";
import { RECORD_BYTES_MIN, skipTransactionRecord, TransactionsView } from "./transaction-records.ts";

export type PartitionHeader = {
  readonly batchNumber: BatchNumber;
  /** Index of this partition, below `partitions`. */
  readonly partition: number;
  readonly partitions: number;
  /** Of the batch, not of the partition. */
  readonly firstSequence: SequenceNumber;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  readonly slot: Slot;
  /** Seconds. */
  readonly unixTimestamp: number;
  readonly traceparent: string;
};

export type Partition = {
  readonly bytes: Uint8Array;
  readonly header: PartitionHeader;
  readonly transactions: TransactionsView;
  readonly inputs: InputsView;
};

/** The transactions of a partition, by their indexes in a batch, ascending: the records are copied as they are. */
export type PartitionSource = {
  readonly transactions: TransactionsView;
  readonly indexes: ArrayLike<number>;
};

/** `inputs` MUST be sorted strictly ascending by key. */
export function encodePartition(
  header: PartitionHeader,
  source: PartitionSource,
  inputs: readonly AccountInput[],
): Uint8Array {
  const writer = new ByteWriter(512 + source.indexes.length * 256 + inputs.length * 40);
  writeFormat(writer, PARTITION);
  writer.u64(header.batchNumber);
  writer.u32(header.partition);
  writer.u32(header.partitions);
  writer.u64(header.firstSequence);
  writer.fixed32(header.batchHash);
  writer.fixed32(header.runtimeId);
  writer.u64(header.slot);
  writer.u64(header.unixTimestamp);
  writeTraceparent(writer, header.traceparent);
  writeTransactions(writer, source);
  writeInputs(writer, inputs);
  return writer.finish();
}

export function decodePartition(bytes: Uint8Array): Partition {
  const reader = new ByteReader(bytes, PARTITION.name);
  readFormat(reader, PARTITION);
  const header: PartitionHeader = {
    batchNumber: reader.u64("batch number") as BatchNumber,
    partition: reader.u32("partition"),
    partitions: reader.u32("partitions"),
    firstSequence: reader.u64("first sequence") as SequenceNumber,
    batchHash: reader.fixed32("batch hash"),
    runtimeId: reader.fixed32("runtime id"),
    slot: reader.u64("slot") as Slot,
    unixTimestamp: reader.u64("unix timestamp"),
    traceparent: readTraceparent(reader),
  };
  if (header.partition >= header.partitions)
    reader.fail("partition", `below ${header.partitions}`, String(header.partition));
  const transactions = readTransactions(reader, header.firstSequence);
  const inputs = readInputs(reader);
  reader.finish();
  return { bytes, header, transactions, inputs };
}

function writeTransactions(writer: ByteWriter, { transactions, indexes }: PartitionSource): void {
  writer.u32(indexes.length);
  let previous = -1;
  for (let at = 0; at < indexes.length; at++) {
    const index = indexes[at] ?? -1;
    invariant(index > previous, "transactions of a partition must be in sequence order");
    previous = index;
    writer.u64(transactions.sequenceNumber(index));
    writer.range(transactions.bytes, transactions.recordStart(index), transactions.recordEnd(index));
  }
}

function readTransactions(reader: ByteReader, firstSequence: number): TransactionsView {
  const count = reader.count("transactions", 8 + RECORD_BYTES_MIN);
  const starts = new Uint32Array(count + 1);
  let next = firstSequence;
  for (let index = 0; index < count; index++) {
    const sequence = reader.u64("sequence number");
    if (sequence < next) reader.fail("sequence number", `at least ${next}`, String(sequence));
    next = sequence + 1;
    starts[index] = reader.at;
    skipTransactionRecord(reader);
  }
  starts[count] = reader.at + 8;
  return new TransactionsView(reader.buffer, starts);
}
