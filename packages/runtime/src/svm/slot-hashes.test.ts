/** The SlotHashes sysvar is a function of the slot, however one comes to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { computeSlotHashes } from "./slot-hashes.ts";

test("a slot's hashes are the same however one comes to it", () => {
  for (const slot of [1, 2, 511, 512, 513, 10_000]) {
    computeSlotHashes(slot - 1);
    const stepped = Buffer.from(computeSlotHashes(slot));
    computeSlotHashes(slot + 77);
    assert.deepEqual(Buffer.from(computeSlotHashes(slot)), stepped, `slot ${slot}`);
  }
});

test("the last 512 slots before it are there, newest first, and no other", () => {
  const data = Buffer.from(computeSlotHashes(1_000));
  assert.equal(data.length, 20_488);
  assert.equal(data.readBigUInt64LE(0), 512n);
  assert.equal(data.readBigUInt64LE(8), 999n);
  assert.equal(data.readBigUInt64LE(8 + 511 * 40), 488n);
  const early = Buffer.from(computeSlotHashes(2));
  assert.equal(early.readBigUInt64LE(0), 2n);
  assert.ok(early.subarray(8 + 2 * 40).every((byte) => byte === 0));
});
