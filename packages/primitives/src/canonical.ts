/** Canonical encoding: one sequence of values has exactly one sequence of bytes. Integers are big-endian, bytes and texts carry a u32 length. */
import { invariant } from "./invariant.ts";

export class CanonicalWriter {
  readonly #parts: Uint8Array[] = [];

  u8(value: number): this {
    invariant(Number.isInteger(value) && value >= 0 && value < 256, () => `u8: got ${value}`);
    return this.#push(Uint8Array.of(value));
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return this.#push(bytes);
  }

  u64(value: number | bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return this.#push(bytes);
  }

  /** Bytes of a length both sides know. */
  fixed(bytes: Uint8Array, length: number): this {
    invariant(bytes.length === length, () => `fixed bytes: needed ${length}, got ${bytes.length}`);
    return this.#push(bytes);
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).#push(bytes);
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text, "utf8"));
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }
}

/** Thrown on bytes that are not canonical; callers at the edge turn it into a refusal. */
export class CanonicalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CanonicalError";
  }
}

export class CanonicalReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }

  u32(): number {
    return this.#take(4).readUInt32BE();
  }

  u64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  fixed(length: number): Uint8Array {
    return this.#take(length);
  }

  bytes(): Uint8Array {
    return this.#take(this.u32());
  }

  text(): string {
    const bytes = this.bytes();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    if (Buffer.compare(Buffer.from(text, "utf8"), bytes) !== 0)
      throw new CanonicalError("text is not valid UTF-8");
    return text;
  }

  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new CanonicalError(`${this.#bytes.length - this.#at} trailing bytes`);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length)
      throw new CanonicalError(
        `needed ${length} bytes at ${this.#at}, ${this.#bytes.length - this.#at} left`,
      );
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
