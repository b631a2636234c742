/** Intents: what was read is what was signed; every other network, purpose, instant and byte is refused. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createKeyPair } from "./ed25519.ts";
import {
  decodeIntent,
  describeIntent,
  encodeIntent,
  findIntentField,
  getIntentFields,
  INTENT_LIFETIME_MS_MAX,
  signIntent,
  verifyIntent,
  type Intent,
} from "./intent.ts";
import { parseUnixMs } from "./quantities.ts";

const owner = createKeyPair(new Uint8Array(32).fill(1));
const now = parseUnixMs(1_800_000_000_000);
const intent: Intent = {
  networkId: "mira-test",
  purpose: "session.grant",
  account: owner.publicKey,
  epoch: 0,
  requestId: new Uint8Array(16).fill(7),
  notAfter: parseUnixMs(now + 60_000),
  fields: [
    ["recipient", "A"],
    ["recipient", "B"],
    ["limit lamports", "5000"],
  ],
};
const signed = signIntent(intent, owner);
const expected = { networkId: "mira-test", purpose: "session.grant", now } as const;

test("a signed intent verifies and gives back every field", () => {
  const verified = verifyIntent(signed, expected);
  assert.ok(verified.ok);
  assert.deepEqual(getIntentFields(verified.value, "recipient"), ["A", "B"]);
  assert.equal(findIntentField(verified.value, "limit lamports"), "5000");
  assert.equal(
    findIntentField(verified.value, "recipient"),
    undefined,
    "a repeated field has no single value",
  );
});

test("the shown text names every field, and is bound into the bytes", () => {
  for (const part of ["mira-test", "session.grant", "recipient: A", "limit lamports: 5000", "valid until: "])
    assert.match(describeIntent(intent), new RegExp(part));
});

const refusals: readonly (readonly [string, Parameters<typeof verifyIntent>, string])[] = [
  ["another network", [signed, { ...expected, networkId: "mira-main" }], "INTENT_WRONG_NETWORK"],
  ["another purpose", [signed, { ...expected, purpose: "session.revoke" }], "INTENT_WRONG_NETWORK"],
  ["the instant it ends", [signed, { ...expected, now: intent.notAfter }], "INTENT_EXPIRED"],
  [
    "too long a life",
    [signIntent({ ...intent, notAfter: parseUnixMs(now + INTENT_LIFETIME_MS_MAX + 1) }, owner), expected],
    "INTENT_MALFORMED",
  ],
  [
    "another key's signature",
    [{ ...signed, publicKey: createKeyPair().publicKey }, expected],
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "a signature of wrong length",
    [{ ...signed, signature: new Uint8Array(63) }, expected],
    "INTENT_SIGNATURE_INVALID",
  ],
];
for (const [name, args, code] of refusals)
  test(`an intent is refused for ${name}`, () => {
    const verified = verifyIntent(...args);
    assert.equal(verified.ok ? "accepted" : verified.code, code);
  });

test("one millisecond before its end an intent still counts", () => {
  assert.ok(verifyIntent(signed, { ...expected, now: parseUnixMs(intent.notAfter - 1) }).ok);
});

test("any changed byte of an intent is refused", () => {
  fc.assert(
    fc.property(fc.nat(signed.intent.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Uint8Array.from(signed.intent);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return !verifyIntent({ ...signed, intent: bytes }, expected).ok;
    }),
  );
});

test("an intent with trailing bytes or an unknown domain is malformed", () => {
  assert.equal(decodeIntent(Uint8Array.from([...encodeIntent(intent), 0])).ok, false);
  assert.equal(decodeIntent(new Uint8Array(10)).ok, false);
});
