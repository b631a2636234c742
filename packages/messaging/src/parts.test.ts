import { test } from "node:test";
import assert from "node:assert/strict";
import { computeBackoffMs } from "./backoff.ts";
import { HEADER, decodeHeaders, encodeHeaders } from "./headers.ts";
import { isTransient } from "./transient.ts";

test("waits double up to a bound, and spread downwards", () => {
  const backoff = { firstMs: 100, maxMs: 1_000 };
  const waits = [1, 2, 3, 4, 5, 500].map((attempt) => computeBackoffMs(backoff, attempt, () => 0));
  assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(
    computeBackoffMs(backoff, 1, () => 1),
    75,
  );
});

test("trouble with the infrastructure is told from trouble with the message, through every cause", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const restarting = Object.assign(new Error("terminating connection"), { code: "57P01" });
  const duplicate = Object.assign(new Error("duplicate key"), { code: "23505" });
  assert.equal(isTransient(new Error("handler", { cause: new Error("store", { cause: refused }) })), true);
  assert.equal(isTransient(restarting), true);
  assert.equal(isTransient(duplicate), false);
  assert.equal(isTransient(new Error("cannot be decoded")), false);
  assert.equal(isTransient("a string"), false);
});

test("a cause that goes in circles ends", () => {
  const loop = new Error("loop");
  loop.cause = loop;
  assert.equal(isTransient(loop), false);
});

test("a header value cannot begin a header of its own", () => {
  const encoded = encodeHeaders({ [HEADER.parkedReason]: "broken\r\nNats-Msg-Id: forged" });
  assert.deepEqual(decodeHeaders(encoded), { [HEADER.parkedReason]: "broken Nats-Msg-Id: forged" });
  assert.deepEqual(decodeHeaders(undefined), {});
});
