/** Ed25519 against an independent implementation, and the wrong keys and lengths that must not verify. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ed25519 } from "@noble/curves/ed25519.js";
import { createKeyPair, verifySignature } from "./ed25519.ts";

test("keys and signatures equal those of an independent implementation", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 100 }),
      (seed, message) => {
        const keyPair = createKeyPair(seed);
        assert.deepEqual(keyPair.publicKey, ed25519.getPublicKey(seed));
        assert.deepEqual(keyPair.sign(message), ed25519.sign(message, seed));
        assert.ok(verifySignature(keyPair.publicKey, message, keyPair.sign(message)));
      },
    ),
    { numRuns: 20 },
  );
});

test("a changed message, another key or a wrong length does not verify", () => {
  const keyPair = createKeyPair();
  const message = Uint8Array.of(1, 2, 3);
  const signature = keyPair.sign(message);
  assert.equal(verifySignature(keyPair.publicKey, Uint8Array.of(1, 2, 4), signature), false);
  assert.equal(verifySignature(createKeyPair().publicKey, message, signature), false);
  assert.equal(verifySignature(keyPair.publicKey.subarray(1), message, signature), false);
  assert.equal(verifySignature(keyPair.publicKey, message, signature.subarray(1)), false);
});

test("a seed of another length is a bug of the caller", () => {
  assert.throws(() => createKeyPair(new Uint8Array(31)), /needed 32 bytes, got 31/);
});
