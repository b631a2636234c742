/** Receipts as results and settled batches carry them: one for every sequence number, in order. */
import { invariant, type Lamports, type SequenceNumber } from "@mira/primitives";
import { readU64, type ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { KEY_BYTES } from "./key.ts";
import { LogsWriter, readLogs, type LogsView } from "./logs.ts";
import type { ViewRow } from "./view-row.ts";

/** 0 succeeded; 1 failed: only the fee is taken; 2 no-op: sequenced, but not valid when its turn came. */
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

// Offsets within a packed receipt; the error's text and the log reference (u32) follow.
const HASH_AT = 8;
const STATUS_AT = HASH_AT + KEY_BYTES;
const FEE_AT = STATUS_AT + 1;
const UNITS_AT = FEE_AT + 8;
const ERROR_AT = UNITS_AT + 4;
const REFERENCE_BYTES = 4;
const RECEIPT_BYTES_MIN = ERROR_AT + 2 + REFERENCE_BYTES;

export class ReceiptsView {
  readonly bytes: Buffer;
  readonly count: number;
  readonly logEntries: LogsView;
  readonly #starts: Uint32Array;

  constructor(bytes: Buffer, starts: Uint32Array, logEntries: LogsView) {
    this.bytes = bytes;
    this.count = starts.length - 1;
    this.logEntries = logEntries;
    this.#starts = starts;
  }

  sequence(index: number): SequenceNumber {
    return readU64(this.bytes, this.start(index)) as SequenceNumber;
  }

  messageHash(index: number): Uint8Array {
    const at = this.start(index) + HASH_AT;
    return this.bytes.subarray(at, at + KEY_BYTES);
  }

  status(index: number): ReceiptStatus {
    return this.bytes.readUInt8(this.start(index) + STATUS_AT) as ReceiptStatus;
  }

  error(index: number): string {
    const at = this.start(index) + ERROR_AT;
    return this.bytes.toString("utf8", at + 2, at + 2 + this.bytes.readUInt16LE(at));
  }

  fee(index: number): Lamports {
    return this.bytes.readBigUInt64LE(this.start(index) + FEE_AT) as Lamports;
  }

  computeUnits(index: number): number {
    return this.bytes.readUInt32LE(this.start(index) + UNITS_AT);
  }

  logs(index: number): string[] {
    return this.logEntries.lines(this.logReference(index));
  }

  receipt(index: number): Receipt {
    return {
      sequence: this.sequence(index),
      messageHash: this.messageHash(index),
      status: this.status(index),
      error: this.error(index),
      fee: this.fee(index),
      computeUnits: this.computeUnits(index),
      logs: this.logs(index),
    };
  }

  start(index: number): number {
    const start = index < this.count ? this.#starts[index] : undefined;
    invariant(start !== undefined, () => `needed a receipt of ${this.count}, got ${index}`);
    return start;
  }

  /** End of the part that does not depend on the dictionary: what leaves and hashes contain. */
  contentEnd(index: number): number {
    const at = this.start(index) + ERROR_AT;
    return at + 2 + this.bytes.readUInt16LE(at);
  }

  logReference(index: number): number {
    return this.bytes.readUInt32LE(this.contentEnd(index));
  }
}

/** Receipts MUST be in sequence order. */
export function writeReceipts(writer: ByteWriter, receipts: readonly Receipt[]): void {
  const logs = new LogsWriter();
  writer.u32(receipts.length);
  let previous = -1;
  for (const receipt of receipts) {
    invariant(receipt.sequence > previous, "receipts must be in sequence order");
    previous = receipt.sequence;
    writeReceiptContent(writer, receipt);
    writer.u32(logs.referenceTo(receipt.logs));
  }
  logs.write(writer);
}

export function writeReceiptContent(writer: ByteWriter, receipt: Receipt): void {
  const { status, error } = receipt;
  invariant((status === 0) === (error === ""), () => `receipt: status ${status} with error "${error}"`);
  writer.u64(receipt.sequence);
  writer.fixed32(receipt.messageHash);
  writer.u8(status);
  writer.u64(receipt.fee);
  writer.u32(receipt.computeUnits);
  writer.text16(error);
}

/** Copies packed receipts, in sequence order, and makes one dictionary of theirs. */
export function copyReceipts(writer: ByteWriter, rows: readonly ViewRow<ReceiptsView>[]): void {
  const logs = new LogsWriter();
  const moved = new Map<ReceiptsView, Int32Array>();
  writer.u32(rows.length);
  for (const { view, index } of rows) {
    let references = moved.get(view);
    if (references === undefined)
      moved.set(view, (references = new Int32Array(view.logEntries.count).fill(-1)));
    writer.range(view.bytes, view.start(index), view.contentEnd(index));
    writer.u32(moveReference(logs, view, index, references));
  }
  logs.write(writer);
}

function moveReference(logs: LogsWriter, view: ReceiptsView, index: number, references: Int32Array): number {
  const old = view.logReference(index);
  const known = references[old] ?? -1;
  if (known !== -1) return known;
  const { bytes, logEntries } = view;
  const reference = logs.referenceToEntry(bytes, logEntries.start(old), logEntries.end(old));
  references[old] = reference;
  return reference;
}

export function readReceipts(reader: ByteReader): ReceiptsView {
  const count = reader.count("receipts", RECEIPT_BYTES_MIN);
  const starts = new Uint32Array(count + 1);
  let previous = -1;
  let entriesUsed = 0;
  for (let index = 0; index < count; index++) {
    starts[index] = reader.at;
    previous = skipReceiptContent(reader, previous);
    const reference = reader.u32("log reference");
    if (reference > entriesUsed) reader.fail("log reference", `at most ${entriesUsed}`, String(reference));
    if (reference === entriesUsed) entriesUsed++;
  }
  starts[count] = reader.at;
  return new ReceiptsView(reader.buffer, starts, readLogs(reader, entriesUsed));
}

/** Answers the sequence number, which must be above `previous`. */
export function skipReceiptContent(reader: ByteReader, previous: number): number {
  const sequence = reader.u64("receipt sequence");
  if (sequence <= previous) reader.fail("receipt sequence", `above ${previous}`, String(sequence));
  reader.take(KEY_BYTES, "message hash");
  const status = reader.u8("receipt status");
  if (status > 2) reader.fail("receipt status", "0, 1 or 2", String(status));
  reader.take(8, "fee");
  reader.take(4, "compute units");
  const errorBytes = reader.skipText16("receipt error");
  if ((status === 0) !== (errorBytes === 0))
    reader.fail("receipt error", "a text exactly when the status is not 0", `${errorBytes} bytes`);
  return sequence;
}
