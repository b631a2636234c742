/** Canonical bytes of one receipt and one write: leaves of a batch's two trees, and what its result hash covers. */
import { encodeUtf8, invariant, sha256, type Lamports, type SequenceNumber } from "@mira/primitives";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readFormat, RECEIPT_LEAF, WRITE_LEAF, writeFormat } from "./format.ts";
import { KEY_BYTES } from "./key.ts";
import {
  readReceipts,
  skipReceiptContent,
  writeReceiptContent,
  writeReceipts,
  type Receipt,
  type ReceiptsView,
  type ReceiptStatus,
} from "./receipts.ts";
import type { ViewRow } from "./view-row.ts";
import { readWrites, skipWrite, WritesView, writeWrite, writeWrites, type AccountWrite } from "./writes.ts";

const RESULT_DOMAIN = encodeUtf8("mira:batch-result:v1");
/** RFC 6962 section 2.1: what keeps a leaf from being taken for an inner node. */
const LEAF_PREFIX = 0x00;

/**
 * SHA-256 over the receipts in sequence order, then the final writes by key. It depends on the batch and the state before
 * it alone, not on how the batch was partitioned: a serial re-execution gets the same.
 */
export function computeBatchResultHash(
  receipts: readonly ViewRow<ReceiptsView>[],
  writes: readonly ViewRow<WritesView>[],
): Uint8Array {
  const writer = new ByteWriter(1024 + receipts.length * 192 + writes.length * 160);
  writer.bytes(RESULT_DOMAIN);
  writer.u32(receipts.length);
  for (const row of receipts) writeReceiptRow(writer, row);
  writer.u32(writes.length);
  for (const row of writes) writeWriteRow(writer, row);
  return sha256(writer.finish());
}

/** RFC 6962 leaf hashes, 32 bytes each, one after the other. */
export function hashReceiptLeaves(rows: readonly ViewRow<ReceiptsView>[]): Uint8Array {
  return hashLeaves(rows, writeReceiptRow);
}

export function hashWriteLeaves(rows: readonly ViewRow<WritesView>[]): Uint8Array {
  return hashLeaves(rows, writeWriteRow);
}

export function encodeReceiptLeaf(receipt: Receipt): Uint8Array {
  const writer = new ByteWriter(256);
  writeFormat(writer, RECEIPT_LEAF);
  writeReceiptContent(writer, receipt);
  writer.u16(receipt.logs.length);
  for (const line of receipt.logs) writer.text16(line);
  return writer.finish();
}

export function decodeReceiptLeaf(bytes: Uint8Array): Receipt {
  const reader = new ByteReader(bytes, RECEIPT_LEAF.name);
  readFormat(reader, RECEIPT_LEAF);
  const start = reader.at;
  skipReceiptContent(reader, -1);
  reader.at = start;
  const receipt = {
    sequence: reader.u64("sequence") as SequenceNumber,
    messageHash: reader.fixed32("message hash"),
    status: reader.u8("status") as ReceiptStatus,
    fee: reader.u64Big("fee") as Lamports,
    computeUnits: reader.u32("compute units"),
    error: reader.text16("error"),
    logs: Array.from({ length: reader.u16("log lines") }, () => reader.text16("log line")),
  };
  reader.finish();
  return receipt;
}

export function encodeWriteLeaf(write: AccountWrite): Uint8Array {
  const writer = new ByteWriter(128 + (write.value?.data.length ?? 0));
  writeFormat(writer, WRITE_LEAF);
  writeWrite(writer, write);
  return writer.finish();
}

export function decodeWriteLeaf(bytes: Uint8Array): AccountWrite {
  const reader = new ByteReader(bytes, WRITE_LEAF.name);
  readFormat(reader, WRITE_LEAF);
  const start = reader.at;
  skipWrite(reader);
  reader.finish();
  return new WritesView(reader.buffer, Uint32Array.of(start, reader.at)).write(0);
}

/** The receipts and writes of a batch that was run in one piece, as the views that the hashes above take. */
export function packOutcome(content: {
  readonly receipts: readonly Receipt[];
  readonly writes: readonly AccountWrite[];
}): { readonly receipts: ReceiptsView; readonly writes: WritesView } {
  const writer = new ByteWriter(1024 + content.receipts.length * 128 + content.writes.length * 128);
  writeReceipts(writer, content.receipts);
  writeWrites(writer, content.writes);
  const reader = new ByteReader(writer.finish(), "outcome");
  const views = { receipts: readReceipts(reader), writes: readWrites(reader) };
  reader.finish();
  return views;
}

function writeReceiptRow(writer: ByteWriter, { view, index }: ViewRow<ReceiptsView>): void {
  const reference = view.logReference(index);
  writeFormat(writer, RECEIPT_LEAF);
  writer.range(view.bytes, view.start(index), view.contentEnd(index));
  writer.range(view.bytes, view.logEntries.start(reference), view.logEntries.end(reference));
}

function writeWriteRow(writer: ByteWriter, { view, index }: ViewRow<WritesView>): void {
  writeFormat(writer, WRITE_LEAF);
  writer.range(view.bytes, view.start(index), view.end(index));
}

function hashLeaves<Row>(rows: readonly Row[], writeRow: (writer: ByteWriter, row: Row) => void): Uint8Array {
  const hashes = new Uint8Array(rows.length * KEY_BYTES);
  const writer = new ByteWriter(1024);
  let at = 0;
  for (const row of rows) {
    writer.truncate(0);
    writer.u8(LEAF_PREFIX);
    writeRow(writer, row);
    hashes.set(sha256(writer.finish()), at);
    at += KEY_BYTES;
  }
  invariant(at === hashes.length, "one hash for each leaf");
  return hashes;
}
