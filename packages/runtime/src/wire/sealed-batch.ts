/** A sealed batch: what the sequencer stores and publishes. From here its transactions are never lost and never renumbered. */
import { sha256, type BatchNumber, type SequenceNumber, type Slot, type UnixMs } from "@mira/primitives";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readFormat, readTraceparent, SEALED_BATCH, writeFormat, writeTraceparent } from "./format.ts";
import {
  RECORD_BYTES_MIN,
  skipTransactionRecord,
  TransactionsView,
  writeTransactionRecord,
  type TransactionRecord,
} from "./transaction-records.ts";

export type SealedBatchHeader = {
  readonly batchNumber: BatchNumber;
  readonly firstSequence: SequenceNumber;
  readonly slot: Slot;
  /** Seconds: what the Clock sysvar shows. */
  readonly unixTimestamp: number;
  readonly sealedAt: UnixMs;
  readonly runtimeId: Uint8Array;
  /** SIGNATURE_RULE of the verifier that admitted the batch. */
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

/** A record may come ready-made from encodeTransactionRecord. */
export function encodeSealedBatch(
  header: SealedBatchHeader,
  transactions: readonly (TransactionRecord | Uint8Array)[],
): Uint8Array {
  const writer = new ByteWriter(512 + transactions.length * 256);
  writeFormat(writer, SEALED_BATCH);
  writer.u64(header.batchNumber);
  writer.u64(header.firstSequence);
  writer.u32(transactions.length);
  writer.u64(header.slot);
  writer.u64(header.unixTimestamp);
  writer.u64(header.sealedAt);
  writer.fixed32(header.runtimeId);
  writer.u8(header.signatureRule);
  writer.u8(header.feeRule);
  writer.fixed32(header.parentHash);
  writeTraceparent(writer, header.traceparent);
  for (const transaction of transactions)
    if (transaction instanceof Uint8Array) writer.bytes(transaction);
    else writeTransactionRecord(writer, transaction);
  return writer.finish();
}

export function decodeSealedBatch(bytes: Uint8Array): SealedBatch {
  const reader = new ByteReader(bytes, SEALED_BATCH.name);
  readFormat(reader, SEALED_BATCH);
  const batchNumber = reader.u64("batch number") as BatchNumber;
  const firstSequence = reader.u64("first sequence") as SequenceNumber;
  const count = reader.count("transactions", RECORD_BYTES_MIN);
  const header: SealedBatchHeader = {
    batchNumber,
    firstSequence,
    slot: reader.u64("slot") as Slot,
    unixTimestamp: reader.u64("unix timestamp"),
    sealedAt: reader.u64("sealed at") as UnixMs,
    runtimeId: reader.fixed32("runtime id"),
    signatureRule: reader.u8("signature rule"),
    feeRule: reader.u8("fee rule"),
    parentHash: reader.fixed32("parent hash"),
    traceparent: readTraceparent(reader),
  };
  if (firstSequence + count > Number.MAX_SAFE_INTEGER)
    reader.fail("first sequence", `at most 2^53-1 less ${count}`, String(firstSequence));
  const starts = new Uint32Array(count + 1);
  for (let index = 0; index < count; index++) {
    starts[index] = reader.at;
    skipTransactionRecord(reader);
  }
  starts[count] = reader.at;
  reader.finish();
  return { bytes, header, transactions: new TransactionsView(reader.buffer, starts, firstSequence) };
}

/** The batch's identity, and the parentHash of the next. */
export function computeBatchHash(sealedBatch: Uint8Array): Uint8Array {
  return sha256(sealedBatch);
}
