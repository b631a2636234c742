/** Every packed format begins with a magic of four letters and a version: what they are, how they are written and checked. */
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

export type Format = { readonly name: string; readonly magic: number; readonly version: number };

export const SEALED_BATCH: Format = { name: "sealed batch", magic: magicOf("MSEA"), version: 1 };
export const PARTITION: Format = { name: "partition", magic: magicOf("MPAR"), version: 1 };
export const PARTITION_RESULT: Format = { name: "partition result", magic: magicOf("MRES"), version: 1 };
export const SETTLED_BATCH: Format = { name: "settled batch", magic: magicOf("MSET"), version: 1 };
export const RECEIPT_LEAF: Format = { name: "receipt leaf", magic: magicOf("MRCP"), version: 1 };
export const WRITE_LEAF: Format = { name: "write leaf", magic: magicOf("MWRT"), version: 1 };

export function writeFormat(writer: ByteWriter, format: Format): void {
  writer.u32(format.magic);
  writer.u8(format.version);
}

export function readFormat(reader: ByteReader, format: Format): void {
  const magic = reader.u32("magic");
  if (magic !== format.magic) reader.fail("magic", hex(format.magic), hex(magic));
  const version = reader.u8("version");
  if (version !== format.version) reader.fail("version", String(format.version), String(version));
}

const TRACEPARENT_CHARACTERS_MAX = 128;

/** A W3C traceparent, or nothing: printable ASCII behind its length as u8. */
export function writeTraceparent(writer: ByteWriter, traceparent: string): void {
  const bytes = Buffer.from(traceparent, "latin1");
  writer.u8(bytes.length);
  writer.bytes(bytes);
}

export function readTraceparent(reader: ByteReader): string {
  const length = reader.u8("traceparent");
  const at = reader.take(length, "traceparent");
  const text = reader.buffer.toString("latin1", at, at + length);
  if (length > TRACEPARENT_CHARACTERS_MAX || !/^[\x20-\x7e]*$/.test(text))
    reader.fail("traceparent", `at most ${TRACEPARENT_CHARACTERS_MAX} printable characters`, `${length}`);
  return text;
}

function magicOf(letters: string): number {
  return Buffer.from(letters, "latin1").readUInt32LE(0);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
