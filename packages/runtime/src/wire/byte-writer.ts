/** Appends little-endian values to one growing buffer. */
import { invariant } from "@mira/primitives";
import { asBuffer, KEY_BYTES } from "./key.ts";

const U32 = 0x1_0000_0000;

export class ByteWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#at;
  }

  u8(value: number): void {
    const at = this.#claim(1);
    this.#buffer.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#claim(2);
    this.#buffer.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#claim(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  u64(value: number | bigint): void {
    const at = this.#claim(8);
    if (typeof value === "bigint") {
      this.#buffer.writeBigUInt64LE(value, at);
      return;
    }
    invariant(Number.isSafeInteger(value) && value >= 0, () => `u64: needed a safe integer, got ${value}`);
    this.#buffer.writeUInt32LE(value % U32, at);
    this.#buffer.writeUInt32LE(Math.floor(value / U32), at + 4);
  }

  /** 32 bytes: a key, a hash. */
  fixed32(bytes: Uint8Array): void {
    invariant(bytes.length === KEY_BYTES, () => `needed 32 bytes, got ${bytes.length}`);
    this.bytes(bytes);
  }

  /** A key in its map form. */
  key(key: string): void {
    invariant(key.length === KEY_BYTES, () => `key: needed 32 characters, got ${key.length}`);
    const at = this.#claim(KEY_BYTES);
    this.#buffer.write(key, at, "latin1");
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#claim(bytes.length);
    this.#buffer.set(bytes, at);
  }

  range(source: Uint8Array, start: number, end: number): void {
    const at = this.#claim(end - start);
    asBuffer(source).copy(this.#buffer, at, start, end);
  }

  /** UTF-8 behind its length as u16. */
  text16(text: string): void {
    const length = Buffer.byteLength(text, "utf8");
    this.u16(length);
    const at = this.#claim(length);
    this.#buffer.write(text, at, "utf8");
  }

  /** Takes back everything from `length` on and keeps the memory. */
  truncate(length: number): void {
    invariant(length <= this.#at, () => `cannot cut ${this.#at} bytes to ${length}`);
    this.#at = length;
  }

  /** What was written in [start, end), as latin1 characters: a map key. */
  text(start: number, end: number): string {
    return this.#buffer.toString("latin1", start, end);
  }

  /** What was written so far, not copied: valid until the next write. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #claim(length: number): number {
    const at = this.#at;
    this.#at = at + length;
    if (this.#at > this.#buffer.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at));
    this.#buffer.copy(grown);
    this.#buffer = grown;
  }
}
