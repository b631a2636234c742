import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createBatchLocks } from "../domain/batch-locks.fixture.ts";
import { Partitioner } from "../domain/partitioner.ts";
import { decodeCut, encodeCut } from "./cut-codec.ts";

const partitioner = new Partitioner({
  lanes: 8,
  limits: { transactionsMax: 16, bytesMax: 1_000_000 },
  costs: { partitionUs: 100, hopUs: 100 },
});

test("a stored cut is the cut that was made", () => {
  const account = fc.record({ account: fc.nat(30), write: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.array(account, { minLength: 1, maxLength: 4 }), { maxLength: 60 }), (batch) => {
      const cut = partitioner.cut(createBatchLocks(batch));
      assert.deepEqual(decodeCut(encodeCut(cut)), cut);
    }),
  );
});

test("bytes that are no cut are not taken for one", () => {
  const bytes = Buffer.from(encodeCut(partitioner.cut(createBatchLocks([[{ account: 1, write: true }]]))));
  assert.throws(() => decodeCut(bytes.subarray(0, bytes.length - 1)), /length/);
  assert.throws(() => decodeCut(bytes.subarray(0, 2)), /known format/);
  bytes.writeUInt16LE(2, 0);
  assert.throws(() => decodeCut(bytes), /known format/);
});

/** Written once; every later version of the codec must read it. */
test("the stored form does not change", () => {
  const cut = {
    partitions: 2,
    lanes: Uint16Array.of(1, 0),
    ends: Uint32Array.of(2, 3),
    order: Uint32Array.of(0, 2, 1),
  };
  assert.equal(Buffer.from(encodeCut(cut)).toString("hex"), "0100020003000100000002000300000002000100");
});
