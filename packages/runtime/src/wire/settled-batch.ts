/** A settled batch as settlement stores it: the event that commits receipts and final writes. */
import type { BatchNumber, Lamports, SequenceNumber, UnixMs } from "@mira/primitives";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readFormat, SETTLED_BATCH, writeFormat } from "./format.ts";
import { KEY_BYTES } from "./key.ts";
import { copyReceipts, readReceipts, type ReceiptsView } from "./receipts.ts";
import type { ViewRow } from "./view-row.ts";
import { copyWrites, readWrites, type WritesView } from "./writes.ts";

export type SettledBatchHeader = {
  readonly batchNumber: BatchNumber;
  readonly firstSequence: SequenceNumber;
  readonly batchHash: Uint8Array;
  /** When the last of its partitions was executed, as its executor says. */
  readonly executedAt: UnixMs;
  readonly settledAt: UnixMs;
  readonly receiptsRoot: Uint8Array;
  readonly writesRoot: Uint8Array;
  /** computeBatchResultHash of the receipts and writes. */
  readonly resultHash: Uint8Array;
  /** Sum of the receipts' fees. */
  readonly fees: Lamports;
};

export type SettledBatchContent = {
  /** One for each transaction of the batch, in sequence order. */
  readonly receipts: readonly ViewRow<ReceiptsView>[];
  /** The last write of each account, sorted strictly ascending by key. */
  readonly writes: readonly ViewRow<WritesView>[];
  /** Public key of the executor of each partition. */
  readonly executors: readonly Uint8Array[];
};

export type SettledBatch = {
  readonly bytes: Uint8Array;
  readonly header: SettledBatchHeader;
  readonly receipts: ReceiptsView;
  readonly writes: WritesView;
  readonly executors: readonly Uint8Array[];
};

export function encodeSettledBatch(header: SettledBatchHeader, content: SettledBatchContent): Uint8Array {
  const writer = new ByteWriter(1024 + content.receipts.length * 128 + content.writes.length * 128);
  writeFormat(writer, SETTLED_BATCH);
  writer.u64(header.batchNumber);
  writer.u64(header.firstSequence);
  writer.fixed32(header.batchHash);
  writer.u64(header.executedAt);
  writer.u64(header.settledAt);
  writer.fixed32(header.receiptsRoot);
  writer.fixed32(header.writesRoot);
  writer.fixed32(header.resultHash);
  writer.u64(header.fees);
  copyReceipts(writer, content.receipts);
  copyWrites(writer, content.writes);
  writer.u32(content.executors.length);
  for (const executor of content.executors) writer.fixed32(executor);
  return writer.finish();
}

export function decodeSettledBatch(bytes: Uint8Array): SettledBatch {
  const reader = new ByteReader(bytes, SETTLED_BATCH.name);
  readFormat(reader, SETTLED_BATCH);
  const header: SettledBatchHeader = {
    batchNumber: reader.u64("batch number") as BatchNumber,
    firstSequence: reader.u64("first sequence") as SequenceNumber,
    batchHash: reader.fixed32("batch hash"),
    executedAt: reader.u64("executed at") as UnixMs,
    settledAt: reader.u64("settled at") as UnixMs,
    receiptsRoot: reader.fixed32("receipts root"),
    writesRoot: reader.fixed32("writes root"),
    resultHash: reader.fixed32("result hash"),
    fees: reader.u64Big("fees") as Lamports,
  };
  const receipts = readReceipts(reader);
  checkTotals(reader, header, receipts);
  const writes = readWrites(reader);
  const executorCount = reader.count("executors", KEY_BYTES);
  const executors = Array.from({ length: executorCount }, () => reader.fixed32("executor"));
  reader.finish();
  return { bytes, header, receipts, writes, executors };
}

/** Every sequence number of the batch has its receipt, and the fees add up. */
function checkTotals(reader: ByteReader, header: SettledBatchHeader, receipts: ReceiptsView): void {
  let fees = 0n;
  for (let index = 0; index < receipts.count; index++) {
    const sequence = receipts.sequence(index);
    const needed = header.firstSequence + index;
    if (sequence !== needed) reader.fail("receipt sequence", String(needed), String(sequence));
    fees += receipts.fee(index);
  }
  if (fees !== header.fees) reader.fail("fees", `the receipts' ${fees}`, String(header.fees));
}
