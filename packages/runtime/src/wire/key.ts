/** Keys of accounts as map keys: 32 latin1 characters. Sorting the strings sorts the bytes. */
export const KEY_BYTES = 32;

export function accountKey(bytes: Uint8Array, offset = 0): string {
  return asBuffer(bytes).toString("latin1", offset, offset + KEY_BYTES);
}

export function accountKeyBytes(key: string): Uint8Array {
  return Buffer.from(key, "latin1");
}

/** The same memory as a Buffer, whose readers and string conversions are the fast ones. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Equality of 32 bytes within one or two byte strings. */
export function keysEqual(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): boolean {
  for (let index = 0; index < KEY_BYTES; index++)
    if (left[leftAt + index] !== right[rightAt + index]) return false;
  return true;
}

/** Order of two keys in one or two byte strings: negative, 0 or positive. */
export function compareKeys(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): number {
  for (let index = 0; index < KEY_BYTES; index++) {
    const difference = (left[leftAt + index] ?? 0) - (right[rightAt + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
