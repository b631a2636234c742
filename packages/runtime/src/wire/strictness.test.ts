import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAccountVersion, parseBatchNumber, parseLamports, parseSequenceNumber } from "@mira/primitives";
import {
  BATCH_HEADER,
  bytes32,
  EXECUTOR,
  receipt,
  RECEIPTS,
  RECORDS,
  RESULT_CONTENT,
  RESULT_HEADER,
} from "../../fixtures/packed-samples.ts";
import {
  accountKey,
  decodePartition,
  decodePartitionResult,
  decodeSealedBatch,
  decodeSettledBatch,
  encodePartition,
  encodePartitionResult,
  encodeSealedBatch,
  encodeSettledBatch,
  mergeReceipts,
  rowsOf,
  WireError,
  type AccountWrite,
  type PartitionResultContent,
  type Receipt,
} from "./index.ts";

const NOTHING: PartitionResultContent = { inputs: [], receipts: [], writes: [] };
/** Magic and version, batch, partition, three hashes, executed at. */
const RESULT_HEADER_BYTES = 5 + 8 + 4 + 3 * 32 + 8;
const ABSENT_WRITE_BYTES = 41;

test("writes and inputs out of order, or named twice, are refused by the decoder", () => {
  const writes = [1, 2].map((fill) => absent(fill));
  const bytes = encodeResult({ ...NOTHING, writes });
  const writesAt = bytes.length - 64 - 2 * ABSENT_WRITE_BYTES;
  refused(swap(bytes, writesAt, ABSENT_WRITE_BYTES), /writes/);
  refused(repeat(bytes, writesAt, ABSENT_WRITE_BYTES), /writes/);
  const inputs = [1, 2].map((fill) => ({ key: accountKey(bytes32(fill)), version: parseAccountVersion(3) }));
  const withInputs = encodeResult({ ...NOTHING, inputs });
  refused(swap(withInputs, RESULT_HEADER_BYTES + 4, 40), /inputs/);
  refused(repeat(withInputs, RESULT_HEADER_BYTES + 4, 40), /inputs/);
});

test("the encoder refuses what the decoder would: it is a bug to get there", () => {
  const [first, second] = [absent(1), absent(2)];
  assert.throws(() => encodeResult({ ...NOTHING, writes: [second, first] }), /ascending/);
  assert.throws(() => encodeResult({ ...NOTHING, writes: [first, first] }), /ascending/);
  assert.throws(() => encodeResult({ ...NOTHING, receipts: [...RECEIPTS].reverse() }), /sequence order/);
  assert.throws(
    () => encodeResult({ ...NOTHING, receipts: [receipt(1, { error: "but succeeded" })] }),
    /status/,
  );
  assert.throws(
    () => encodeResult({ ...NOTHING, writes: [{ ...first, version: parseAccountVersion(0) }] }),
    /version/,
  );
  const poor = {
    lamports: parseLamports(0),
    owner: bytes32(0),
    executable: false,
    rentEpoch: 0n,
    data: new Uint8Array(),
  };
  assert.throws(() => encodeResult({ ...NOTHING, writes: [{ ...first, value: poor }] }), /lamports/);
  const { transactions } = decodeSealedBatch(encodeSealedBatch(BATCH_HEADER, RECORDS));
  const header = { ...BATCH_HEADER, partition: 0, partitions: 1, batchHash: bytes32(1) };
  assert.throws(() => encodePartition(header, { transactions, indexes: [2, 1] }, []), /sequence order/);
  assert.throws(() => encodePartition(header, { transactions, indexes: [3] }, []), /transaction of 3/);
});

test("a partition that counts itself beyond its batch is refused", () => {
  const { transactions } = decodeSealedBatch(encodeSealedBatch(BATCH_HEADER, RECORDS));
  const header = { ...BATCH_HEADER, partition: 2, partitions: 2, batchHash: bytes32(1) };
  assert.throws(() => decodePartition(encodePartition(header, { transactions, indexes: [] }, [])), WireError);
});

test("counts of what cannot be there are refused before any memory is claimed for it", () => {
  const empty = encodeResult(NOTHING);
  for (const at of [0, 4, 8, 12]) {
    const hostile = Buffer.from(empty);
    hostile.writeUInt32LE(0xffff_ffff, RESULT_HEADER_BYTES + at);
    const before = process.memoryUsage().arrayBuffers;
    refused(hostile, /needed at most [0-2] in/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  }
});

test("like logs are stored once, and the dictionary has no entry twice, unused or out of order", () => {
  const logs = [
    "Program 11111111111111111111111111111111 invoke [1]",
    "Program 11111111111111111111111111111111 success",
  ];
  const receipts = Array.from({ length: 100 }, (_, index) => receipt(index, { logs }));
  const bytes = encodeResult({ ...NOTHING, receipts });
  assert.ok(bytes.length < 100 * 70 + 500);
  const { receipts: view } = decodePartitionResult(bytes);
  assert.deepEqual(view.logs(99), logs);
  const two = encodeResult({
    ...NOTHING,
    receipts: [receipt(1, { logs: ["a"] }), receipt(2, { logs: ["b"] })],
  });
  const entriesAt = two.length - 64 - 4 - 10;
  assert.equal(
    two.subarray(entriesAt, entriesAt + 10).toString("latin1"),
    "\u0001\0\u0001\0a\u0001\0\u0001\0b",
  );
  refused(replace(two, entriesAt + 9, "a".charCodeAt(0)), /log entries/);
  const [firstReference, secondReference] = [entriesAt - 4 - 59 - 4, entriesAt - 4 - 4];
  assert.deepEqual([two.readUInt32LE(firstReference), two.readUInt32LE(secondReference)], [0, 1]);
  refused(replace(two, secondReference, 0), /log entries/);
  refused(replace(two, secondReference, 2), /log reference/);
  refused(replace(replace(two, firstReference, 1), secondReference, 0), /log reference/);
});

test("text that is not UTF-8 is refused, wherever it stands", () => {
  const bytes = encodeResult({
    ...NOTHING,
    receipts: [receipt(1, { status: 1, error: "errr", logs: ["loog"] })],
  });
  for (const text of ["errr", "loog"]) refused(replace(bytes, bytes.indexOf(text), 0xff), /UTF-8/);
});

test("a settled batch has a receipt for every number, and fees that add up", () => {
  assert.equal(settle([receipt(5, {}), receipt(6, {})], 10_000).receipts.count, 2);
  assert.throws(() => settle([receipt(5, {}), receipt(7, {})], 10_000), /receipt sequence: needed 6, got 7/);
  assert.throws(() => settle([receipt(6, {}), receipt(7, {})], 10_000), /receipt sequence: needed 5, got 6/);
  assert.throws(() => settle([receipt(5, {}), receipt(6, {})], 9_999), /fees/);
});

test("a number that two partitions both answer is refused", () => {
  const one = decodePartitionResult(encodeResult({ ...NOTHING, receipts: [receipt(5, {})] })).receipts;
  const merged = mergeReceipts([one, one]);
  assert.equal(merged.length, 2);
  assert.throws(
    () =>
      decodeSettledBatch(
        encodeSettledBatch(settledHeader(10_000), { receipts: merged, writes: [], executors: [] }),
      ),
    WireError,
  );
});

function encodeResult(content: PartitionResultContent): Buffer {
  return Buffer.from(encodePartitionResult(RESULT_HEADER, { ...RESULT_CONTENT, ...content }, EXECUTOR.sign));
}

function settledHeader(fees: number): Parameters<typeof encodeSettledBatch>[0] {
  return {
    batchNumber: parseBatchNumber(1),
    firstSequence: parseSequenceNumber(5),
    batchHash: bytes32(1),
    executedAt: BATCH_HEADER.sealedAt,
    settledAt: BATCH_HEADER.sealedAt,
    receiptsRoot: bytes32(2),
    writesRoot: bytes32(3),
    resultHash: bytes32(4),
    fees: parseLamports(fees),
  };
}

function settle(receipts: readonly Receipt[], fees: number): ReturnType<typeof decodeSettledBatch> {
  const { receipts: view } = decodePartitionResult(encodeResult({ ...NOTHING, receipts }));
  return decodeSettledBatch(
    encodeSettledBatch(settledHeader(fees), { receipts: rowsOf(view), writes: [], executors: [] }),
  );
}

function absent(fill: number): AccountWrite {
  return { key: accountKey(bytes32(fill)), version: parseAccountVersion(1), value: undefined };
}

function refused(bytes: Uint8Array, why: RegExp): void {
  assert.throws(
    () => decodePartitionResult(bytes),
    (error) => error instanceof WireError && why.test(error.message),
  );
}

function swap(bytes: Buffer, at: number, length: number): Buffer {
  const swapped = Buffer.from(bytes);
  bytes.copy(swapped, at, at + length, at + 2 * length);
  bytes.copy(swapped, at + length, at, at + length);
  return swapped;
}

function repeat(bytes: Buffer, at: number, length: number): Buffer {
  const repeated = Buffer.from(bytes);
  bytes.copy(repeated, at + length, at, at + length);
  return repeated;
}

function replace(bytes: Buffer, at: number, value: number): Buffer {
  const replaced = Buffer.from(bytes);
  replaced[at] = value;
  return replaced;
}
