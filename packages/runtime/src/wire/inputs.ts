/** The account versions that a partition needs, or used: fixed-size rows sorted by key. */
import { invariant, type AccountVersion } from "@mira/primitives";
import { readU64, type ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { accountKey, compareKeys, KEY_BYTES } from "./key.ts";

const ROW_BYTES = KEY_BYTES + 8;
const AS_SETTLED_ON_WIRE = 2n ** 64n - 1n;

/** Version of an input that is whatever was settled before the batch; 2^64-1 on the wire. */
export const AS_SETTLED = -1 as AccountVersion;

export type AccountInput = { readonly key: string; readonly version: AccountVersion };

/** Sorted strictly ascending by key. */
export class InputsView {
  readonly bytes: Buffer;
  readonly count: number;
  readonly #start: number;

  constructor(bytes: Buffer, start: number, count: number) {
    this.bytes = bytes;
    this.count = count;
    this.#start = start;
  }

  key(index: number): string {
    return accountKey(this.bytes, this.#row(index));
  }

  version(index: number): AccountVersion {
    const version = readU64(this.bytes, this.#row(index) + KEY_BYTES);
    return Number.isSafeInteger(version) ? (version as AccountVersion) : AS_SETTLED;
  }

  /** Offset of the row, which begins with the key. */
  start(index: number): number {
    return this.#row(index);
  }

  #row(index: number): number {
    invariant(index >= 0 && index < this.count, () => `needed an input of ${this.count}, got ${index}`);
    return this.#start + index * ROW_BYTES;
  }
}

export function writeInputs(writer: ByteWriter, inputs: readonly AccountInput[]): void {
  writer.u32(inputs.length);
  let previous = "";
  for (const { key, version } of inputs) {
    invariant(key > previous, "inputs must be sorted strictly ascending by key");
    previous = key;
    writer.key(key);
    writer.u64(version === AS_SETTLED ? AS_SETTLED_ON_WIRE : version);
  }
}

export function readInputs(reader: ByteReader): InputsView {
  const count = reader.count("inputs", ROW_BYTES);
  const { buffer, at: start } = reader;
  for (let index = 0; index < count; index++) {
    const row = reader.take(ROW_BYTES, "input");
    if (index > 0 && compareKeys(buffer, row - ROW_BYTES, buffer, row) >= 0)
      reader.fail("inputs", "keys strictly ascending", `a key out of order at ${index}`);
    const version = readU64(buffer, row + KEY_BYTES);
    if (!Number.isSafeInteger(version) && buffer.readBigUInt64LE(row + KEY_BYTES) !== AS_SETTLED_ON_WIRE)
      reader.fail("input version", "at most 2^53-1, or 2^64-1", String(version));
  }
  return new InputsView(buffer, start, count);
}
