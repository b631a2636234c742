/** Refusals and quantities: codes that stay, details that print, parsers that say what was needed and what was there. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { parseBaseUnits, parseLamports, parseSequenceNumber, parseUnixMs } from "./quantities.ts";
import { refuse, RefusalError, succeed, unwrap } from "./refusal.ts";
import { isRefusalCode, REFUSAL_CODES } from "./refusal-codes.ts";

test("every refusal code is UPPER_SNAKE, at most 63 characters, with a meaning and a remedy", () => {
  for (const [code, entry] of Object.entries(REFUSAL_CODES)) {
    assert.match(code, /^[A-Z][A-Z0-9_]{0,62}$/);
    assert.ok(entry.meaning.endsWith(".") && entry.remedy.endsWith("."), code);
  }
  assert.ok(isRefusalCode("NOT_FOUND"));
  assert.ok(!isRefusalCode("toString"));
});

test("details are printed, and unwrap throws the refusal itself", () => {
  const refusal = refuse("BALANCE_INSUFFICIENT", "too little", { needed: 5n, left: 3 });
  assert.deepEqual(refusal.details, { needed: "5", left: "3" });
  assert.throws(
    () => unwrap(refusal),
    (error) => error instanceof RefusalError && error.refusal === refusal,
  );
  assert.equal(unwrap(succeed(4)), 4);
});

test("quantities refuse what is negative, fractional, too large or of another type, and say so", () => {
  for (const value of [-1, 1.5, 2 ** 53, "x", null, undefined, {}, Number.NaN])
    assert.throws(
      () => parseSequenceNumber(value),
      /sequence number: needed a whole number from 0 to 2\^53-1, got /,
    );
  assert.throws(
    () => parseLamports(2n ** 64n),
    /lamports: needed a whole number from 0 to 18446744073709551615, got 18446744073709551616n/,
  );
  assert.throws(() => parseBaseUnits(-1n), /MIRA base units/);
  assert.equal(parseUnixMs("1800000000000"), 1_800_000_000_000);
  assert.equal(parseLamports("5"), 5n);
});
