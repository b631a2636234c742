/** Versions of accounts: which are kept, which are found, which are forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VersionCache } from "./version-cache.ts";

test("an earlier reader finds its version after a later writer has run", () => {
  const cache = new VersionCache<string>({ accountsMax: 10 });
  cache.put("x", 5, "five");
  cache.put("x", 9, "nine");
  assert.equal(cache.find("x", 5)?.value, "five");
  assert.equal(cache.find("x", 7), undefined);
});

test("as settled before a batch is the newest version made before its first sequence number", () => {
  const cache = new VersionCache<string>({ accountsMax: 10 });
  for (const version of [9, 0, 5]) cache.put("x", version, `v${version}`);
  assert.equal(cache.findBefore("x", 8)?.value, "v5");
  assert.equal(cache.findBefore("x", 5)?.value, "v5", "version 5 was made by sequence number 4");
  assert.equal(cache.findBefore("x", 4)?.value, "v0");
  assert.equal(cache.findBefore("y", 4), undefined);
});

test("an account that does not exist is known not to exist", () => {
  const cache = new VersionCache<string>({ accountsMax: 10 });
  cache.put("x", 0, undefined);
  assert.deepEqual(cache.find("x", 0), { version: 0, value: undefined });
});

test("of settled versions only the newest is kept, of later ones all", () => {
  const cache = new VersionCache<string>({ accountsMax: 10 });
  for (const version of [1, 2, 3]) cache.put("x", version, `v${version}`);
  cache.settle(2);
  cache.put("x", 4, "v4");
  assert.equal(cache.find("x", 1), undefined);
  for (const version of [2, 3, 4]) assert.equal(cache.find("x", version)?.value, `v${version}`);
});

test("a version made again after a refusal replaces the one that was refused; a forgotten one is gone", () => {
  const cache = new VersionCache<string>({ accountsMax: 10 });
  cache.put("x", 3, "lie");
  cache.put("x", 3, "truth");
  assert.equal(cache.find("x", 3)?.value, "truth");
  cache.forget("x", 3);
  assert.equal(cache.find("x", 3), undefined);
  assert.equal(cache.size, 0);
});

test("the number of accounts is bounded, and what is asked for stays", () => {
  const cache = new VersionCache<number>({ accountsMax: 100 });
  cache.put("kept", 1, 1);
  for (let index = 0; index < 1_000; index++) {
    cache.put(`k${index}`, 1, index);
    assert.equal(cache.find("kept", 1)?.value, 1);
    assert.ok(cache.size <= 100, `after ${index}: ${cache.size}`);
  }
});
