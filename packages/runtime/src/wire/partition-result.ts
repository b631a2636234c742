/** What an executor answers for a partition, signed with its key. */
import {
  concatBytes,
  encodeUtf8,
  invariant,
  sha256,
  verifySignature,
  type BatchNumber,
  type UnixMs,
} from "@mira/primitives";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { PARTITION_RESULT, readFormat, writeFormat } from "./format.ts";
import { readInputs, writeInputs, type AccountInput, type InputsView } from "./inputs.ts";
import { readReceipts, writeReceipts, type Receipt, type ReceiptsView } from "./receipts.ts";
import { readWrites, writeWrites, type AccountWrite, type WritesView } from "./writes.ts";

const SIGNATURE_BYTES = 64;
const SIGNATURE_DOMAIN = encodeUtf8("mira:result:v1");

export type PartitionResultHeader = {
  readonly batchNumber: BatchNumber;
  readonly partition: number;
  readonly batchHash: Uint8Array;
  readonly runtimeId: Uint8Array;
  /** Public key of the executor. */
  readonly executorId: Uint8Array;
  readonly executedAt: UnixMs;
};

export type PartitionResultContent = {
  /** What was really used. Sorted strictly ascending by key. */
  readonly inputs: readonly AccountInput[];
  /** In sequence order. */
  readonly receipts: readonly Receipt[];
  /** Sorted strictly ascending by key. */
  readonly writes: readonly AccountWrite[];
};

export type PartitionResult = {
  readonly bytes: Uint8Array;
  readonly header: PartitionResultHeader;
  readonly inputs: InputsView;
  readonly receipts: ReceiptsView;
  readonly writes: WritesView;
  /** SHA-256 of everything before the signature. */
  readonly resultHash: Uint8Array;
  readonly signature: Uint8Array;
};

/** `sign` gets "mira:result:v1" and the hash of the body, and answers 64 bytes. */
export function encodePartitionResult(
  header: PartitionResultHeader,
  content: PartitionResultContent,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(1024 + content.receipts.length * 128 + content.writes.length * 128);
  writeFormat(writer, PARTITION_RESULT);
  writer.u64(header.batchNumber);
  writer.u32(header.partition);
  writer.fixed32(header.batchHash);
  writer.fixed32(header.runtimeId);
  writer.fixed32(header.executorId);
  writer.u64(header.executedAt);
  writeInputs(writer, content.inputs);
  writeReceipts(writer, content.receipts);
  writeWrites(writer, content.writes);
  const signature = sign(signedMessage(sha256(writer.finish())));
  invariant(signature.length === SIGNATURE_BYTES, () => `signature: got ${signature.length} bytes`);
  writer.bytes(signature);
  return writer.finish();
}

export function decodePartitionResult(bytes: Uint8Array): PartitionResult {
  const bodyEnd = Math.max(bytes.length - SIGNATURE_BYTES, 0);
  const reader = new ByteReader(bytes, PARTITION_RESULT.name, 0, bodyEnd);
  readFormat(reader, PARTITION_RESULT);
  const header: PartitionResultHeader = {
    batchNumber: reader.u64("batch number") as BatchNumber,
    partition: reader.u32("partition"),
    batchHash: reader.fixed32("batch hash"),
    runtimeId: reader.fixed32("runtime id"),
    executorId: reader.fixed32("executor id"),
    executedAt: reader.u64("executed at") as UnixMs,
  };
  const inputs = readInputs(reader);
  const receipts = readReceipts(reader);
  const writes = readWrites(reader);
  reader.finish();
  return {
    bytes,
    header,
    inputs,
    receipts,
    writes,
    resultHash: sha256(bytes.subarray(0, bodyEnd)),
    signature: bytes.subarray(bodyEnd),
  };
}

/** Against the executor that the result itself names: whether that one is known is for the caller. */
export function verifyPartitionResult(result: PartitionResult): boolean {
  return verifySignature(result.header.executorId, signedMessage(result.resultHash), result.signature);
}

function signedMessage(resultHash: Uint8Array): Uint8Array {
  return concatBytes(SIGNATURE_DOMAIN, resultHash);
}
