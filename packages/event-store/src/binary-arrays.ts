/** Arrays in Postgres's binary format: the driver would write bytea[] as escaped hexadecimal text, twice the bytes and many times the work. */
const OID = { bytea: 17, int8: 20, int4: 23, text: 25 } as const;
const HEADER_BYTES = 20;
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

export function encodeInt8Array(values: readonly number[]): Buffer {
  const buffer = openArray(OID.int8, values.length, values.length * 12, false);
  values.forEach((value, index) => {
    buffer.writeInt32BE(8, HEADER_BYTES + index * 12);
    buffer.writeBigInt64BE(BigInt(value), HEADER_BYTES + index * 12 + 4);
  });
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

/** Number of dimensions, whether a null is there, type of the elements, length, lower bound. An empty array has no dimension. */
function openArray(elementType: number, length: number, bytes: number, hasNull: boolean): Buffer {
  if (length === 0) return emptyArray(elementType);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(elementType, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}

function emptyArray(elementType: number): Buffer {
  const buffer = Buffer.alloc(12);
  buffer.writeInt32BE(elementType, 8);
  return buffer;
}
