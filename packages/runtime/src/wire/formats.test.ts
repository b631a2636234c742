import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeHex, encodeHex, sha256 } from "@mira/primitives";
import {
  BATCH_HEADER,
  bytes32,
  encodeSamples,
  EXECUTOR,
  RECEIPTS,
  RECORDS,
  RESULT_CONTENT,
  RESULT_HEADER,
  WRITES,
} from "../../fixtures/packed-samples.ts";
import {
  AS_SETTLED,
  decodePartition,
  decodePartitionResult,
  decodeReceiptLeaf,
  decodeSealedBatch,
  decodeSettledBatch,
  decodeWriteLeaf,
  verifyPartitionResult,
  WireError,
  type TransactionsView,
} from "./index.ts";

/** Bytes of every version ever written. Entries are added, never changed: old bytes stay readable for ever. */
const GOLDEN = JSON.parse(readFileSync(new URL("golden-vectors.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;
const SAMPLES = encodeSamples();
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  "sealed batch 1": decodeSealedBatch,
  "partition 1": decodePartition,
  "partition result 1": decodePartitionResult,
  "settled batch 1": decodeSettledBatch,
  "receipt leaf 1": decodeReceiptLeaf,
  "write leaf 1": decodeWriteLeaf,
};

for (const [format, decode] of Object.entries(DECODERS)) {
  const sample = Buffer.from(SAMPLES[format] ?? []);

  test(`${format}: the encoder still writes the golden bytes`, () => {
    assert.equal(encodeHex(sample), GOLDEN[format]);
  });

  test(`${format}: every truncation and every trailing byte is a WireError`, () => {
    for (let length = 0; length < sample.length; length++)
      assert.throws(() => decode(sample.subarray(0, length)), WireError, `${length} bytes`);
    assert.throws(() => decode(Buffer.concat([sample, Buffer.of(0)])), WireError);
  });

  test(`${format}: another magic and another version are refused with what was needed and found`, () => {
    for (const at of [0, 4]) {
      const spoiled = Buffer.from(sample);
      spoiled[at] = (spoiled[at] ?? 0) + 1;
      assert.throws(
        () => decode(spoiled),
        (error) =>
          error instanceof WireError && error.needed !== error.found && error.message.includes(error.needed),
      );
    }
  });

  test(`${format}: hostile bytes decode or are a WireError, nothing else`, () => {
    for (let at = 0; at < sample.length; at++)
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const spoiled = Buffer.from(sample);
        spoiled[at] = value;
        try {
          readAll(decode(spoiled));
        } catch (error) {
          assert.ok(error instanceof WireError, `${at}: ${String(error)}`);
        }
      }
  });
}

test("every golden vector ever committed is still read", () => {
  assert.deepEqual(Object.keys(GOLDEN).sort(), Object.keys(DECODERS).sort());
  for (const [format, hex] of Object.entries(GOLDEN)) {
    const bytes = decodeHex(hex);
    assert.ok(bytes !== undefined && bytes.length > 0, format);
    readAll(DECODERS[format]?.(bytes));
  }
});

test("a sealed batch gives back its header and every record", () => {
  const { header, transactions } = decodeSealedBatch(sampleOf("sealed batch 1"));
  assert.deepEqual(plain(header), plain(BATCH_HEADER));
  assert.equal(transactions.count, RECORDS.length);
  RECORDS.forEach((record, index) =>
    assertRecord(transactions, index, record, BATCH_HEADER.firstSequence + index),
  );
});

test("a partition keeps the sequence numbers and the records of its batch, and its inputs", () => {
  const { header, transactions, inputs } = decodePartition(sampleOf("partition 1"));
  assert.deepEqual(header.batchHash.length, 32);
  assert.deepEqual([header.partition, header.partitions], [1, 2]);
  assert.deepEqual(encodeHex(header.batchHash), encodeHex(sha256(sampleOf("sealed batch 1"))));
  [0, 2].forEach((inBatch, index) =>
    assertRecord(
      transactions,
      index,
      RECORDS[inBatch] ?? { wire: new Uint8Array() },
      BATCH_HEADER.firstSequence + inBatch,
    ),
  );
  assert.deepEqual(listInputs(inputs), RESULT_CONTENT.inputs);
  assert.equal(inputs.version(0), AS_SETTLED);
});

test("a result gives back inputs, receipts with their logs, and writes", () => {
  const result = decodePartitionResult(sampleOf("partition result 1"));
  assert.deepEqual(plain(result.header), plain(RESULT_HEADER));
  assert.deepEqual(listInputs(result.inputs), RESULT_CONTENT.inputs);
  assert.deepEqual(plain(RECEIPTS.map((_, index) => result.receipts.receipt(index))), plain(RECEIPTS));
  assert.deepEqual(plain(WRITES.map((_, index) => result.writes.write(index))), plain(WRITES));
  assert.deepEqual(
    [result.writes.isDeleted(0), result.writes.lamports(0), result.writes.lamports(1)],
    [true, 0n, 2n ** 64n - 1n],
  );
});

test("a result is signed by its executor: one changed byte, another key or another signature is not", () => {
  const sample = sampleOf("partition result 1");
  assert.equal(verifyPartitionResult(decodePartitionResult(sample)), true);
  const executedAt = 5 + 8 + 4 + 3 * 32;
  for (const at of [executedAt, executedAt - 1, sample.length - 1]) {
    const spoiled = Buffer.from(sample);
    spoiled[at] = (spoiled[at] ?? 0) ^ 1;
    assert.equal(verifyPartitionResult(decodePartitionResult(spoiled)), false, `byte ${at}`);
  }
  assert.equal(encodeHex(EXECUTOR.publicKey), encodeHex(decodePartitionResult(sample).header.executorId));
});

test("a settled batch gives back receipts, writes, executors and totals", () => {
  const settled = decodeSettledBatch(sampleOf("settled batch 1"));
  assert.deepEqual(plain(RECEIPTS.map((_, index) => settled.receipts.receipt(index))), plain(RECEIPTS));
  assert.deepEqual(plain(WRITES.map((_, index) => settled.writes.write(index))), plain(WRITES));
  assert.deepEqual(settled.executors.map(encodeHex), [encodeHex(EXECUTOR.publicKey)]);
  assert.equal(settled.header.fees, 10_000n);
});

test("leaves give back the receipt and the write", () => {
  assert.deepEqual(plain(decodeReceiptLeaf(sampleOf("receipt leaf 1"))), plain(RECEIPTS[1]));
  assert.deepEqual(plain(decodeWriteLeaf(sampleOf("write leaf 1"))), plain(WRITES[1]));
});

function sampleOf(format: string): Buffer {
  return Buffer.from(SAMPLES[format] ?? []);
}

function listInputs(inputs: ReturnType<typeof decodePartition>["inputs"]): unknown[] {
  return Array.from({ length: inputs.count }, (_, index) => ({
    key: inputs.key(index),
    version: inputs.version(index),
  }));
}

function assertRecord(
  view: TransactionsView,
  index: number,
  record: (typeof RECORDS)[number],
  sequence: number,
): void {
  assert.equal(view.sequenceNumber(index), sequence);
  assert.deepEqual(plain(view.wire(index)), plain(record.wire));
  assert.deepEqual(plain(view.loaded(index)), plain(record.loaded ?? { writable: [], readonly: [] }));
  assert.deepEqual(plain(view.implicitReads(index)), plain(record.implicitReads ?? []));
  assert.deepEqual(plain(view.session(index)), plain(record.session));
}

/** Bytes as hexadecimal, so that a Buffer equals a Uint8Array. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** Asks a decoded value for everything that it gives lazily: what the decoder let pass must not throw later. */
function readAll(decoded: unknown): void {
  if (typeof decoded !== "object" || decoded === null) return;
  const { transactions, inputs, receipts, writes } = decoded as Partial<
    ReturnType<typeof decodePartition> & ReturnType<typeof decodePartitionResult>
  >;
  for (let index = 0; index < (transactions?.count ?? 0); index++) {
    assert.equal(
      transactions?.loaded(index).writable.every((key) => key.length === 32),
      true,
    );
    assert.equal(
      transactions.implicitReads(index).every((key) => key.length === 32),
      true,
    );
    assert.equal(transactions.session(index)?.key.length ?? 32, bytes32(0).length);
    assert.ok(transactions.wire(index).length > 0 && transactions.sequenceNumber(index) >= 0);
  }
  for (let index = 0; index < (inputs?.count ?? 0); index++) assert.ok((inputs?.version(index) ?? -2) >= -1);
  for (let index = 0; index < (receipts?.count ?? 0); index++) assert.ok(receipts?.receipt(index));
  for (let index = 0; index < (writes?.count ?? 0); index++)
    assert.ok(writes?.write(index).key.length === 32);
}
