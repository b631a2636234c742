/** A bounded walk over the bytes of one transaction; the first problem sticks, and reads after it answer 0. */
export class TransactionCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  problem = "";

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  u8(what: string): number {
    if (this.at >= this.end) return this.#endsEarly(what, 1);
    return this.bytes[this.at++] ?? 0;
  }

  /** Offset of `length` bytes, and steps over them. */
  range(length: number, what: string): number {
    const offset = this.at;
    if (length > this.end - offset) return this.#endsEarly(what, length);
    this.at = offset + length;
    return offset;
  }

  /** Solana's compact-u16, in its one shortest form. A third byte would mean more than a packet holds. */
  count(what: string): number {
    const low = this.u8(what);
    if (low < 0x80) return low;
    const high = this.u8(what);
    if (high === 0) return this.fail(`${what}: a length must be in its shortest form`);
    if (high >= 0x80) return this.fail(`${what}: a length over 16383 cannot fit`);
    return (low & 0x7f) | (high << 7);
  }

  fail(problem: string): 0 {
    if (this.problem === "") {
      this.problem = problem;
      this.at = this.end;
    }
    return 0;
  }

  #endsEarly(what: string, needed: number): 0 {
    return this.fail(`${what}: needed ${needed} bytes, ${this.end - this.at} left`);
  }
}
