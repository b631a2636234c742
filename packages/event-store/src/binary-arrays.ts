/** Arrays in Postgres's binary format: the driver would write bytea[] as escaped hexadecimal text, twice the bytes and many times the work. */
import type { Sized } from "./bind-message.ts";

const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25 } as const;
const HEADER_BYTES = 20;
const EMPTY_BYTES = 12;
const NULL_LENGTH = -1;

export function encodeInt4Array(values: readonly (number | undefined)[]): Buffer {
  const hasNull = values.includes(undefined);
  const buffer = openArray(OID.int4, values.length, values.length * 8, hasNull);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === undefined ? NULL_LENGTH : 4, at);
    if (value !== undefined) at = buffer.writeInt32BE(value, at);
  }
  return values.length === 0 ? buffer : buffer.subarray(0, at);
}

export function encodeInt8Array(values: readonly (number | bigint)[]): Buffer {
  const buffer = openArray(OID.int8, values.length, values.length * 12, false);
  let at = HEADER_BYTES;
  for (const value of values) at = writeInt8(buffer, buffer.writeInt32BE(8, at), value);
  return buffer;
}

/** Whole numbers without a bigint for each. */
function writeInt8(buffer: Buffer, at: number, value: number | bigint): number {
  if (typeof value === "bigint") return buffer.writeBigInt64BE(value, at);
  return buffer.writeUInt32BE(value >>> 0, buffer.writeInt32BE(Math.floor(value / 2 ** 32), at));
}

export function encodeBoolArray(values: readonly boolean[]): Buffer {
  const buffer = openArray(OID.bool, values.length, values.length * 5, false);
  let at = HEADER_BYTES;
  for (const value of values) at = buffer.writeUInt8(value ? 1 : 0, buffer.writeInt32BE(1, at));
  return buffer;
}

export function encodeTextArray(values: readonly (string | undefined)[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + (value === undefined ? 0 : Buffer.byteLength(value));
  const buffer = openArray(OID.text, values.length, bytes, values.includes(undefined));
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === undefined ? 0 : buffer.write(value, at + 4);
    buffer.writeInt32BE(value === undefined ? NULL_LENGTH : length, at);
    at += 4 + length;
  }
  return buffer;
}

export function encodeByteaArray(values: readonly (Uint8Array | undefined)[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + (value?.length ?? 0);
  const buffer = openArray(OID.bytea, values.length, bytes, values.includes(undefined));
  let at = HEADER_BYTES;
  for (const value of values) {
    buffer.writeInt32BE(value?.length ?? NULL_LENGTH, at);
    if (value !== undefined) buffer.set(value, at + 4);
    at += 4 + (value?.length ?? 0);
  }
  return buffer;
}

/** A bytea[] whose elements write themselves where they belong. */
export function sizeByteaArray(values: readonly (Sized | undefined)[]): Sized {
  const bytes = values.reduce((sum, value) => sum + 4 + (value?.size ?? 0), 0);
  const write = (into: Buffer, start: number): number => {
    let at = writeHeader(into, start, {
      elementType: OID.bytea,
      length: values.length,
      hasNull: values.includes(undefined),
    });
    for (const value of values) {
      at = into.writeInt32BE(value?.size ?? NULL_LENGTH, at);
      if (value !== undefined) at = value.write(into, at);
    }
    return at;
  };
  return { size: (values.length === 0 ? EMPTY_BYTES : HEADER_BYTES) + bytes, write };
}

function openArray(elementType: number, length: number, bytes: number, hasNull: boolean): Buffer {
  const buffer = Buffer.allocUnsafe((length === 0 ? EMPTY_BYTES : HEADER_BYTES) + bytes);
  writeHeader(buffer, 0, { elementType, length, hasNull });
  return buffer;
}

/** Number of dimensions, whether a null is there, type of the elements, length, lower bound. An empty array has no dimension. */
function writeHeader(
  into: Buffer,
  start: number,
  {
    elementType,
    length,
    hasNull,
  }: { readonly elementType: number; readonly length: number; readonly hasNull: boolean },
): number {
  let at = into.writeInt32BE(length === 0 ? 0 : 1, start);
  at = into.writeInt32BE(hasNull ? 1 : 0, at);
  at = into.writeInt32BE(elementType, at);
  if (length === 0) return at;
  return into.writeInt32BE(1, into.writeInt32BE(length, at));
}
