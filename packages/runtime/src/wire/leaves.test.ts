import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeHex, parseAccountVersion, parseLamports, sha256 } from "@mira/primitives";
import fc from "fast-check";
import { bytes32, EXECUTOR, receipt, RESULT_HEADER } from "../../fixtures/packed-samples.ts";
import {
  accountKey,
  accountKeyBytes,
  computeBatchResultHash,
  decodePartitionResult,
  decodeReceiptLeaf,
  decodeWriteLeaf,
  encodePartitionResult,
  encodeReceiptLeaf,
  encodeWriteLeaf,
  hashReceiptLeaves,
  hashWriteLeaves,
  mergeReceipts,
  mergeWrites,
  packOutcome,
  rowsOf,
  type AccountWrite,
  type Receipt,
} from "./index.ts";

/** Which partition each transaction of a batch is in, what it logs, and the account that it writes. */
const batches = fc.array(
  fc.record({
    partition: fc.nat(3),
    logs: fc.array(fc.constantFrom("a", "b", "Program log: é", ""), { maxLength: 2 }),
    status: fc.constantFrom(0 as const, 1 as const, 2 as const),
    account: fc.nat(5),
    lamports: fc.nat(3),
    data: fc.uint8Array({ maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 30 },
);

test("incident agave PR 3146 (ledger bug 8): a batch's result hash is the same however the batch was partitioned", () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const receipts = batch.map(({ status, logs }, index) =>
        receipt(index, { status, error: status === 0 ? "" : `error ${status}`, logs }),
      );
      const writes = batch.map((one, index) => writeOf(one, index));
      const serial = packOutcome({ receipts, writes: lastWrites(writes) });
      const results = [0, 1, 2, 3].map((partition) => {
        const isHere = (_: unknown, index: number): boolean => batch[index]?.partition === partition;
        return encodeAndDecode(receipts.filter(isHere), lastWrites(writes.filter(isHere)));
      });
      const mergedReceipts = mergeReceipts(results.map((result) => result.receipts));
      const mergedWrites = mergeWrites(results.map((result) => result.writes));
      assert.equal(
        encodeHex(computeBatchResultHash(mergedReceipts, mergedWrites)),
        encodeHex(computeBatchResultHash(rowsOf(serial.receipts), rowsOf(serial.writes))),
      );
      assert.deepEqual(hashReceiptLeaves(mergedReceipts), hashReceiptLeaves(rowsOf(serial.receipts)));
      assert.deepEqual(hashWriteLeaves(mergedWrites), hashWriteLeaves(rowsOf(serial.writes)));
    }),
  );
});

test("the result hash changes with every part of a receipt and of a write", () => {
  const base = {
    receipts: [receipt(1, { status: 1, error: "e", logs: ["l"] })],
    writes: [writeOf({ account: 1, lamports: 2, data: Uint8Array.of(1) }, 0)],
  };
  const hashes = new Set<string>([hashOf(base)]);
  const receiptChanges: Partial<Receipt>[] = [
    { messageHash: bytes32(99) },
    { status: 2 },
    { error: "f" },
    { fee: parseLamports(5_001) },
    { computeUnits: 1 },
    { logs: ["m"] },
    { logs: ["l", ""] },
    { logs: [] },
  ];
  for (const change of receiptChanges)
    hashes.add(hashOf({ ...base, receipts: base.receipts.map((one) => ({ ...one, ...change })) }));
  hashes.add(hashOf({ ...base, receipts: [] }));
  hashes.add(hashOf({ ...base, writes: [] }));
  for (const change of [{ account: 2 }, { lamports: 3 }, { lamports: 0 }, { data: new Uint8Array() }])
    hashes.add(
      hashOf({
        ...base,
        writes: [writeOf({ account: 1, lamports: 2, data: Uint8Array.of(1), ...change }, 0)],
      }),
    );
  hashes.add(hashOf({ ...base, writes: [writeOf({ account: 1, lamports: 2, data: Uint8Array.of(1) }, 1)] }));
  assert.equal(hashes.size, 1 + receiptChanges.length + 2 + 4 + 1);
});

test("packed leaf hashes are RFC 6962 hashes of the leaves that proofs carry", () => {
  const receipts = [receipt(1, { logs: ["x"] }), receipt(2, { status: 1, error: "e" })];
  const writes = [
    writeOf({ account: 1, lamports: 0, data: new Uint8Array() }, 0),
    writeOf({ account: 2, lamports: 9, data: bytes32(3) }, 1),
  ];
  const packed = packOutcome({ receipts, writes });
  const leafHash = (leaf: Uint8Array): string => encodeHex(sha256(Uint8Array.of(0), leaf));
  assert.equal(
    encodeHex(hashReceiptLeaves(rowsOf(packed.receipts))),
    receipts.map((one) => leafHash(encodeReceiptLeaf(one))).join(""),
  );
  assert.equal(
    encodeHex(hashWriteLeaves(rowsOf(packed.writes))),
    writes.map((one) => leafHash(encodeWriteLeaf(one))).join(""),
  );
  for (const one of receipts)
    assert.deepEqual(
      encodeHex(encodeReceiptLeaf(decodeReceiptLeaf(encodeReceiptLeaf(one)))),
      encodeHex(encodeReceiptLeaf(one)),
    );
  for (const one of writes) assert.equal(decodeWriteLeaf(encodeWriteLeaf(one)).key, one.key);
});

test("keys in map form sort as their bytes do, and give them back", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (left, right) => {
        assert.equal(accountKey(left) < accountKey(right), Buffer.compare(left, right) < 0);
        assert.deepEqual([...accountKeyBytes(accountKey(left))], [...left]);
        assert.equal(accountKey(Buffer.concat([right, left]), 32), accountKey(left));
      },
    ),
  );
});

function hashOf(content: { receipts: Receipt[]; writes: AccountWrite[] }): string {
  const { receipts, writes } = packOutcome(content);
  return encodeHex(computeBatchResultHash(rowsOf(receipts), rowsOf(writes)));
}

function encodeAndDecode(
  receipts: readonly Receipt[],
  writes: readonly AccountWrite[],
): ReturnType<typeof decodePartitionResult> {
  return decodePartitionResult(
    encodePartitionResult(RESULT_HEADER, { inputs: [], receipts, writes }, EXECUTOR.sign),
  );
}

function writeOf(
  { account, lamports, data }: { account: number; lamports: number; data: Uint8Array },
  sequence: number,
): AccountWrite {
  return {
    key: accountKey(bytes32(account)),
    version: parseAccountVersion(sequence + 1),
    value:
      lamports === 0
        ? undefined
        : { lamports: parseLamports(lamports), owner: bytes32(0), executable: false, rentEpoch: 0n, data },
  };
}

/** What a serial run leaves: the last write of each account, by key. */
function lastWrites(writes: readonly AccountWrite[]): AccountWrite[] {
  return [...new Map(writes.map((write) => [write.key, write])).values()].sort((left, right) =>
    left.key < right.key ? -1 : 1,
  );
}
