/** Binary arrays: numbers keep all their bits, whichever type they come in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeByteaArray, encodeInt8Array, sizeByteaArray } from "./binary-arrays.ts";

test("property: a whole number is written as the bigint of its value", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      assert.deepEqual(encodeInt8Array(values), encodeInt8Array(values.map(BigInt)));
      const read = values.map((_, index) => encodeInt8Array(values).readBigInt64BE(24 + index * 12));
      assert.deepEqual(read, values.map(BigInt));
    }),
  );
});

test("property: elements that write themselves make the same array as finished ones", () => {
  const element = fc.option(
    fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), (elements) => {
      const sized = sizeByteaArray(
        elements.map(
          (bytes) =>
            bytes && { size: bytes.length, write: (into: Buffer, at: number) => at + bytes.copy(into, at) },
        ),
      );
      const into = Buffer.alloc(sized.size + 1);
      assert.equal(sized.write(into, 1), into.length);
      assert.deepEqual(into.subarray(1), encodeByteaArray(elements));
    }),
  );
});
