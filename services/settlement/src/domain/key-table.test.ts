import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ABSENT, KeyTable } from "./key-table.ts";

const KEYS = Array.from({ length: 40 }, (_, index) =>
  Uint8Array.from({ length: 32 }, (_byte, at) => (index * 7 + at) % 256),
);

function keyAt(index: number): Uint8Array {
  return KEYS[index] ?? new Uint8Array(32);
}

test("property: whatever is added and removed, the table finds exactly what is there", () => {
  const step = fc.record({ index: fc.nat({ max: 39 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer(), (steps, seed) => {
      const table = new KeyTable({ capacity: 4, seed });
      const model = new Map<number, number>();
      for (const { index, remove } of steps) {
        const known = model.get(index);
        if (!remove) {
          const number = table.intern(keyAt(index));
          assert.equal(known ?? number, number);
          model.set(index, number);
        } else if (known !== undefined) {
          table.remove(known);
          model.delete(index);
        }
      }
      for (let index = 0; index < KEYS.length; index++)
        assert.equal(table.find(keyAt(index)), model.get(index) ?? ABSENT);
      assert.equal(new Set(model.values()).size, table.size);
    }),
    { numRuns: 200 },
  );
});

test("a key is found at an offset, and by its last byte too", () => {
  const table = new KeyTable();
  const bytes = new Uint8Array(70).fill(3);
  const number = table.intern(bytes, 5);
  assert.equal(table.find(bytes, 37), number);
  bytes[36] = 4;
  assert.equal(table.find(bytes, 5), ABSENT);
});
