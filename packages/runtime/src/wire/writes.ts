/** A write set: what every write-locked account is afterwards, sorted by key, with the version that made it so. */
import { invariant, type AccountVersion, type Lamports } from "@mira/primitives";
import { readU64, type ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { accountKey, compareKeys, KEY_BYTES } from "./key.ts";
import type { ViewRow } from "./view-row.ts";

export type AccountValue = {
  /** Above 0: an account without lamports does not exist. */
  readonly lamports: Lamports;
  readonly owner: Uint8Array;
  readonly executable: boolean;
  readonly rentEpoch: bigint;
  readonly data: Uint8Array;
};

/** `value` is undefined when the account does not exist afterwards. An account only locked appears too: its version moved. */
export type AccountWrite = {
  readonly key: string;
  readonly version: AccountVersion;
  readonly value: AccountValue | undefined;
};

// Offsets within a packed write; an absent account ends after its state.
const STATE_AT = KEY_BYTES + 8;
const LAMPORTS_AT = STATE_AT + 1;
const OWNER_AT = LAMPORTS_AT + 8;
const EXECUTABLE_AT = OWNER_AT + KEY_BYTES;
const RENT_EPOCH_AT = EXECUTABLE_AT + 1;
const DATA_LENGTH_AT = RENT_EPOCH_AT + 8;
const DATA_AT = DATA_LENGTH_AT + 4;
const ABSENT = 0;
const PRESENT = 1;
const WRITE_BYTES_MIN = LAMPORTS_AT;

/** Sorted strictly ascending by key. */
export class WritesView {
  readonly bytes: Buffer;
  readonly count: number;
  readonly #starts: Uint32Array;

  constructor(bytes: Buffer, starts: Uint32Array) {
    this.bytes = bytes;
    this.count = starts.length - 1;
    this.#starts = starts;
  }

  key(index: number): string {
    return accountKey(this.bytes, this.start(index));
  }

  version(index: number): AccountVersion {
    return readU64(this.bytes, this.start(index) + KEY_BYTES) as AccountVersion;
  }

  isDeleted(index: number): boolean {
    return this.bytes.readUInt8(this.start(index) + STATE_AT) === ABSENT;
  }

  /** 0 for an account that does not exist. */
  lamports(index: number): Lamports {
    const amount = this.isDeleted(index) ? 0n : this.bytes.readBigUInt64LE(this.start(index) + LAMPORTS_AT);
    return amount as Lamports;
  }

  value(index: number): AccountValue | undefined {
    const start = this.start(index);
    if (this.isDeleted(index)) return undefined;
    return {
      lamports: this.lamports(index),
      owner: this.bytes.subarray(start + OWNER_AT, start + EXECUTABLE_AT),
      executable: this.bytes.readUInt8(start + EXECUTABLE_AT) === 1,
      rentEpoch: this.bytes.readBigUInt64LE(start + RENT_EPOCH_AT),
      data: this.bytes.subarray(start + DATA_AT, this.end(index)),
    };
  }

  write(index: number): AccountWrite {
    return { key: this.key(index), version: this.version(index), value: this.value(index) };
  }

  /** Offset of the record, which begins with the key. */
  start(index: number): number {
    const start = index < this.count ? this.#starts[index] : undefined;
    invariant(start !== undefined, () => `needed a write of ${this.count}, got ${index}`);
    return start;
  }

  end(index: number): number {
    const end = this.#starts[index + 1];
    invariant(end !== undefined, () => `needed a write of ${this.count}, got ${index}`);
    return end;
  }
}

/** Writes MUST be sorted strictly ascending by key. */
export function writeWrites(writer: ByteWriter, writes: readonly AccountWrite[]): void {
  writer.u32(writes.length);
  let previous = "";
  for (const write of writes) {
    invariant(write.key > previous, "writes must be sorted strictly ascending by key");
    previous = write.key;
    writeWrite(writer, write);
  }
}

export function writeWrite(writer: ByteWriter, { key, version, value }: AccountWrite): void {
  invariant(version > 0, () => `a write has a version of at least 1, got ${version}`);
  writer.key(key);
  writer.u64(version);
  if (value === undefined) {
    writer.u8(ABSENT);
    return;
  }
  invariant(value.lamports > 0n, "an account that exists has lamports");
  writer.u8(PRESENT);
  writer.u64(value.lamports);
  writer.fixed32(value.owner);
  writer.u8(value.executable ? 1 : 0);
  writer.u64(value.rentEpoch);
  writer.u32(value.data.length);
  writer.bytes(value.data);
}

/** Copies packed writes, sorted by key. */
export function copyWrites(writer: ByteWriter, rows: readonly ViewRow<WritesView>[]): void {
  writer.u32(rows.length);
  for (const { view, index } of rows) writer.range(view.bytes, view.start(index), view.end(index));
}

export function readWrites(reader: ByteReader): WritesView {
  const count = reader.count("writes", WRITE_BYTES_MIN);
  const starts = new Uint32Array(count + 1);
  for (let index = 0; index < count; index++) {
    const start = reader.at;
    starts[index] = start;
    skipWrite(reader);
    if (index > 0 && compareKeys(reader.buffer, starts[index - 1] ?? 0, reader.buffer, start) >= 0)
      reader.fail("writes", "keys strictly ascending", `a key out of order at ${index}`);
  }
  starts[count] = reader.at;
  return new WritesView(reader.buffer, starts);
}

export function skipWrite(reader: ByteReader): void {
  reader.take(KEY_BYTES, "write key");
  if (reader.u64("write version") === 0) reader.fail("write version", "at least 1", "0");
  const state = reader.u8("write state");
  if (state > PRESENT) reader.fail("write state", "0 or 1", String(state));
  if (state === ABSENT) return;
  const lamportsAt = reader.take(8, "lamports");
  if (readU64(reader.buffer, lamportsAt) === 0) reader.fail("lamports", "above 0", "0");
  reader.take(KEY_BYTES, "owner");
  const executable = reader.u8("executable");
  if (executable > 1) reader.fail("executable", "0 or 1", String(executable));
  reader.take(8, "rent epoch");
  reader.take(reader.u32("data length"), "data");
}
