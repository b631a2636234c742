/** Bytes, base58 and canonical encoding: round trips, and refusal of everything that is not canonical. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesEqual, decodeBase58, decodeHex, decodeKey, encodeBase58, encodeHex } from "./bytes.ts";
import { CanonicalError, CanonicalReader, CanonicalWriter } from "./canonical.ts";

test("base58 keeps every byte string, leading zeros too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const decoded = decodeBase58(encodeBase58(bytes));
      return decoded !== undefined && bytesEqual(decoded, bytes);
    }),
  );
});

test("base58 gives the known text of the System and Token programs", () => {
  assert.equal(encodeBase58(new Uint8Array(32)), "11111111111111111111111111111111");
  const token = decodeKey("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
  assert.equal(token && encodeHex(token), "06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9");
});

test("base58 refuses characters outside the alphabet and keys of another length", () => {
  for (const text of ["0", "O", "I", "l", "a b", "1".repeat(129)])
    assert.equal(decodeBase58(text), undefined, text);
  assert.equal(decodeKey("abc"), undefined);
});

test("hexadecimal refuses odd and foreign digits", () => {
  assert.equal(decodeHex("abc"), undefined);
  assert.equal(decodeHex("zz"), undefined);
  assert.deepEqual(decodeHex("00ff"), Buffer.from([0, 255]));
});

test("a canonical reader gives back what the writer wrote, and ends exactly there", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.uint8Array({ maxLength: 40 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (text, bytes, number) => {
        const reader = new CanonicalReader(
          new CanonicalWriter().text(text.toWellFormed()).bytes(bytes).u64(number).finish(),
        );
        assert.equal(reader.text(), text.toWellFormed());
        assert.deepEqual(Buffer.from(reader.bytes()), Buffer.from(bytes));
        assert.equal(reader.u64(), number);
        reader.end();
      },
    ),
  );
});

test("a canonical reader refuses short, trailing and non-UTF-8 bytes", () => {
  assert.throws(() => new CanonicalReader(Uint8Array.of(0, 0, 0, 9, 1)).bytes(), CanonicalError);
  assert.throws(() => new CanonicalReader(Uint8Array.of(0, 0, 0, 1, 0xff)).text(), CanonicalError);
  const reader = new CanonicalReader(Uint8Array.of(1, 2));
  reader.u8();
  assert.throws(() => reader.end(), /1 trailing bytes/);
});
