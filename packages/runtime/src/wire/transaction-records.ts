/** One sequenced transaction as batches and partitions carry it, and a lazy view of many. */
import { invariant, type SequenceNumber } from "@mira/primitives";
import { readU64, type ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { KEY_BYTES } from "./key.ts";
import type { LoadedAddresses } from "./locks.ts";
import { LOCKS_MAX, TRANSACTION_BYTES_MAX } from "./transaction.ts";

const FLAG_SESSION = 1;
/** Flags and length of the wire bytes. */
const PREFIX_BYTES = 3;
/** Counts of loaded writable, loaded readonly and implicitly read keys. */
const COUNTS_BYTES = 3;
export const RECORD_BYTES_MIN = PREFIX_BYTES + 1 + COUNTS_BYTES;

export type SessionRecord = { readonly id: Uint8Array; readonly key: Uint8Array };

export type TransactionRecord = {
  readonly wire: Uint8Array;
  readonly loaded?: LoadedAddresses;
  /** Accounts that are read without being named: programdata, lookup tables. */
  readonly implicitReads?: readonly Uint8Array[];
  readonly session?: SessionRecord;
};

/** Nothing is copied or allocated until it is asked for. */
export class TransactionsView {
  readonly bytes: Buffer;
  readonly count: number;
  readonly #starts: Uint32Array;
  readonly #firstSequence: number | undefined;

  /** `starts` has one more entry than there are records; without `firstSequence` each record follows its number as u64. */
  constructor(bytes: Buffer, starts: Uint32Array, firstSequence?: number) {
    this.bytes = bytes;
    this.count = starts.length - 1;
    this.#starts = starts;
    this.#firstSequence = firstSequence;
  }

  sequenceNumber(index: number): SequenceNumber {
    const start = this.recordStart(index);
    const first = this.#firstSequence;
    return (first === undefined ? readU64(this.bytes, start - 8) : first + index) as SequenceNumber;
  }

  /** Byte range of the whole record, to be copied from batch to partition as it is. */
  recordStart(index: number): number {
    const start = index < this.count ? this.#starts[index] : undefined;
    invariant(start !== undefined, () => `needed a transaction of ${this.count}, got ${index}`);
    return start;
  }

  recordEnd(index: number): number {
    const next = this.#starts[index + 1];
    invariant(next !== undefined, () => `needed a transaction of ${this.count}, got ${index}`);
    return this.#firstSequence === undefined ? next - 8 : next;
  }

  wireStart(index: number): number {
    return this.recordStart(index) + PREFIX_BYTES;
  }

  wireEnd(index: number): number {
    const start = this.recordStart(index);
    return start + PREFIX_BYTES + this.bytes.readUInt16LE(start + 1);
  }

  wire(index: number): Uint8Array {
    return this.bytes.subarray(this.wireStart(index), this.wireEnd(index));
  }

  loaded(index: number): LoadedAddresses {
    const at = this.wireEnd(index);
    const writableCount = this.bytes.readUInt8(at);
    const readonlyCount = this.bytes.readUInt8(at + 1);
    const keysAt = at + COUNTS_BYTES;
    return {
      writable: this.#keys(keysAt, writableCount),
      readonly: this.#keys(keysAt + writableCount * KEY_BYTES, readonlyCount),
    };
  }

  implicitReads(index: number): Uint8Array[] {
    const at = this.wireEnd(index);
    const loadedCount = this.bytes.readUInt8(at) + this.bytes.readUInt8(at + 1);
    return this.#keys(at + COUNTS_BYTES + loadedCount * KEY_BYTES, this.bytes.readUInt8(at + 2));
  }

  session(index: number): SessionRecord | undefined {
    if (this.bytes.readUInt8(this.recordStart(index)) !== FLAG_SESSION) return undefined;
    const end = this.recordEnd(index);
    return {
      id: this.bytes.subarray(end - 2 * KEY_BYTES, end - KEY_BYTES),
      key: this.bytes.subarray(end - KEY_BYTES, end),
    };
  }

  #keys(at: number, count: number): Uint8Array[] {
    return Array.from({ length: count }, (_, index) =>
      this.bytes.subarray(at + index * KEY_BYTES, at + (index + 1) * KEY_BYTES),
    );
  }
}

/** The record alone, for whoever keeps admitted transactions ready to be sealed. */
export function encodeTransactionRecord(record: TransactionRecord): Uint8Array {
  const writer = new ByteWriter(RECORD_BYTES_MIN + record.wire.length);
  writeTransactionRecord(writer, record);
  return writer.finish();
}

export function writeTransactionRecord(writer: ByteWriter, record: TransactionRecord): void {
  const { wire, loaded, implicitReads = [], session } = record;
  const writable = loaded?.writable ?? [];
  const readonly = loaded?.readonly ?? [];
  invariant(
    wire.length > 0 && wire.length <= TRANSACTION_BYTES_MAX,
    () => `transaction: got ${wire.length} bytes`,
  );
  writer.u8(session === undefined ? 0 : FLAG_SESSION);
  writer.u16(wire.length);
  writer.bytes(wire);
  writer.u8(writable.length);
  writer.u8(readonly.length);
  writer.u8(implicitReads.length);
  for (const key of writable) writer.fixed32(key);
  for (const key of readonly) writer.fixed32(key);
  for (const key of implicitReads) writer.fixed32(key);
  if (session === undefined) return;
  writer.fixed32(session.id);
  writer.fixed32(session.key);
}

/** Steps over one record and checks its shape; whether its wire bytes are a transaction is for decodeTransaction. */
export function skipTransactionRecord(reader: ByteReader): void {
  const flags = reader.u8("flags");
  if (flags > FLAG_SESSION) reader.fail("flags", "0 or 1", String(flags));
  const length = reader.u16("transaction");
  if (length === 0 || length > TRANSACTION_BYTES_MAX)
    reader.fail("transaction", `1 to ${TRANSACTION_BYTES_MAX} bytes`, String(length));
  reader.take(length, "transaction");
  const loadedCount = reader.u8("loaded writable keys") + reader.u8("loaded readonly keys");
  if (loadedCount > LOCKS_MAX) reader.fail("loaded keys", `at most ${LOCKS_MAX}`, String(loadedCount));
  const keyCount = loadedCount + reader.u8("implicit reads");
  reader.take(keyCount * KEY_BYTES, "keys");
  if (flags === FLAG_SESSION) reader.take(2 * KEY_BYTES, "session");
}
