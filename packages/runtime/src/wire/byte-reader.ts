/** Reads little-endian values within bounds; everything unexpected is a WireError that says where. */
import { isUtf8 } from "node:buffer";
import { asBuffer, KEY_BYTES } from "./key.ts";
import { WireError } from "./wire-error.ts";

const U32 = 0x1_0000_0000;

export class ByteReader {
  readonly buffer: Buffer;
  readonly end: number;
  readonly format: string;
  at: number;

  constructor(bytes: Uint8Array, format: string, start = 0, end = bytes.length) {
    this.buffer = asBuffer(bytes);
    this.format = format;
    this.at = start;
    this.end = end;
  }

  u8(what: string): number {
    return this.buffer.readUInt8(this.take(1, what));
  }

  u16(what: string): number {
    return this.buffer.readUInt16LE(this.take(2, what));
  }

  u32(what: string): number {
    return this.buffer.readUInt32LE(this.take(4, what));
  }

  /** A quantity that fits a safe integer. */
  u64(what: string): number {
    const value = readU64(this.buffer, this.take(8, what));
    if (!Number.isSafeInteger(value)) this.fail(what, "at most 2^53-1", String(value));
    return value;
  }

  u64Big(what: string): bigint {
    return this.buffer.readBigUInt64LE(this.take(8, what));
  }

  fixed32(what: string): Uint8Array {
    const at = this.take(KEY_BYTES, what);
    return this.buffer.subarray(at, at + KEY_BYTES);
  }

  /** A count of things that take at least `bytesEach`: memory is never claimed for what cannot be there. */
  count(what: string, bytesEach: number): number {
    const count = this.u32(what);
    const most = Math.floor((this.end - this.at) / bytesEach);
    if (count > most) this.fail(what, `at most ${most} in ${this.end - this.at} bytes`, String(count));
    return count;
  }

  /** Steps over UTF-8 behind its length as u16; answers the length. */
  skipText16(what: string): number {
    const length = this.u16(what);
    const at = this.take(length, what);
    if (length > 0 && !isUtf8(this.buffer.subarray(at, at + length))) this.fail(what, "UTF-8", "other bytes");
    return length;
  }

  text16(what: string): string {
    const length = this.skipText16(what);
    return this.buffer.toString("utf8", this.at - length, this.at);
  }

  /** Offset of `length` bytes, and steps over them. */
  take(length: number, what: string): number {
    const at = this.at;
    if (length > this.end - at) this.fail(what, `${length} bytes`, `${this.end - at}`);
    this.at = at + length;
    return at;
  }

  finish(): void {
    if (this.at !== this.end) this.fail("end", "no further bytes", `${this.end - this.at}`);
  }

  fail(what: string, needed: string, found: string): never {
    throw new WireError(`${this.format} ${what}`, needed, found);
  }
}

/** May be beyond the safe integers: the caller checked, or checks. */
export function readU64(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * U32;
}
