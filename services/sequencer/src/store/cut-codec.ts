/** A cut as bytes: stored beside its batch, so that a restart publishes the very partitions that were published before it. */
import { invariant } from "@mira/primitives";
import type { Cut } from "../domain/cut.ts";

const FORMAT = 1;
/** Format, partitions, transactions. */
const HEADER_WORDS = 3;

/** 16-bit little-endian words: header, the lanes and ends of partitions, the order of transactions. */
export function encodeCut({ partitions, lanes, ends, order }: Cut): Uint8Array {
  invariant(order.length <= 0xffff, "a batch has at most 65,535 transactions");
  const bytes = Buffer.alloc((HEADER_WORDS + partitions * 2 + order.length) * 2);
  let at = 0;
  const write = (word: number) => (at = bytes.writeUInt16LE(word, at));
  write(FORMAT);
  write(partitions);
  write(order.length);
  lanes.forEach(write);
  ends.forEach(write);
  order.forEach(write);
  return bytes;
}

export function decodeCut(encoded: Uint8Array): Cut {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  invariant(bytes.length >= HEADER_WORDS * 2 && bytes.readUInt16LE(0) === FORMAT, "a cut of a known format");
  const partitions = bytes.readUInt16LE(2);
  const count = bytes.readUInt16LE(4);
  invariant(bytes.length === (HEADER_WORDS + partitions * 2 + count) * 2, "a cut has the length it says");
  const word = (start: number) => (_: unknown, index: number) => bytes.readUInt16LE((start + index) * 2);
  return {
    partitions,
    lanes: Uint16Array.from({ length: partitions }, word(HEADER_WORDS)),
    ends: Uint32Array.from({ length: partitions }, word(HEADER_WORDS + partitions)),
    order: Uint32Array.from({ length: count }, word(HEADER_WORDS + partitions * 2)),
  };
}
