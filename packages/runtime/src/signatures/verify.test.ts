import assert from "node:assert/strict";
import { test } from "node:test";
import { LiteSvm } from "litesvm/dist/internal.js";
import { createKeyPair, sha256 } from "@mira/primitives";
import {
  add,
  BASE,
  challenge,
  decodeNumber,
  decodePoint,
  encodeNumber,
  encodePoint,
  IDENTITY,
  L,
  multiply,
  P,
  secretScalar,
  TORSION,
} from "../../fixtures/edwards.ts";
import { encodeRaw, MEMO } from "../../fixtures/raw-transactions.ts";
import { decodeTransaction, type DecodedTransaction } from "../wire/index.ts";
import { messageHash, verifyTransactionSignatures } from "./verify.ts";

const SEED = new Uint8Array(32).fill(5);
const OWNER = createKeyPair(SEED);
const SECRET = secretScalar(SEED);
const SESSION = createKeyPair(new Uint8Array(32).fill(6));
const SIGNATURE_FAILURE = 11;
const svm = new LiteSvm();
svm.setBlockhashCheck(false);
svm.setTransactionHistory(0n);

type Crafted = {
  /** Key in the fee payer's slot. */
  readonly key: Uint8Array;
  /** R and S for a message; undefined asks for another message. */
  readonly sign: (message: Uint8Array) => readonly [r: Uint8Array, s: bigint] | undefined;
};

const IDENTITY_BYTES = encodePoint(IDENTITY);
/** The identity's other two encodings: y = p + 1, and x = -0. */
const IDENTITY_UNREDUCED = encodeNumber(P + 1n);
const IDENTITY_NEGATIVE = encodeNumber(1n + (1n << 255n));
const MIXED_KEY = encodePoint(add(multiply(SECRET, BASE), TORSION));
const NONCE = 123_456_789n;
const NONCE_POINT = encodePoint(multiply(NONCE, BASE));

/** S and R that satisfy the equation without the cofactor for the owner's key, whatever R is encoded like. */
function signWith(r: Uint8Array, nonce: bigint): Crafted["sign"] {
  return (message) => [r, (nonce + challenge(r, OWNER.publicKey, message) * SECRET) % L];
}

/** The mixed key's torsion part vanishes for one message in eight. */
function signMixed(isTorsionGone: boolean): Crafted["sign"] {
  return (message) => {
    const k = challenge(NONCE_POINT, MIXED_KEY, message);
    return (k % 8n === 0n) === isTorsionGone ? [NONCE_POINT, (NONCE + k * SECRET) % L] : undefined;
  };
}

const smallOrderKeys = Array.from({ length: 8 }, (_, times): [string, Crafted] => {
  const key = encodePoint(multiply(BigInt(times), TORSION));
  const sign: Crafted["sign"] = (message) =>
    challenge(IDENTITY_BYTES, key, message) % 8n === 0n ? [IDENTITY_BYTES, 0n] : undefined;
  return [`A of small order, ${times} times the torsion point`, { key, sign }];
});

const REFUSED: readonly [string, Crafted][] = [
  ...smallOrderKeys,
  ["A not reduced below p", { key: IDENTITY_UNREDUCED, sign: () => [IDENTITY_BYTES, 0n] }],
  ["A with a negative zero", { key: IDENTITY_NEGATIVE, sign: () => [IDENTITY_BYTES, 0n] }],
  ["R of small order", { key: OWNER.publicKey, sign: signWith(IDENTITY_BYTES, 0n) }],
  ["R not reduced below p", { key: OWNER.publicKey, sign: signWith(IDENTITY_UNREDUCED, 0n) }],
  ["R with a negative zero", { key: OWNER.publicKey, sign: signWith(IDENTITY_NEGATIVE, 0n) }],
  [
    "S not reduced below the order",
    {
      key: OWNER.publicKey,
      sign: (message) => {
        const [r, s] = signWith(NONCE_POINT, NONCE)(message) ?? [IDENTITY_BYTES, 0n];
        return [r, s + L];
      },
    },
  ],
  ["what only the equation with the cofactor accepts", { key: MIXED_KEY, sign: signMixed(false) }],
];

for (const [what, crafted] of REFUSED)
  test(`signature rules must be one rule (ledger finding 5): ${what} is refused, and the SVM's own check agrees`, () => {
    const bytes = craft(crafted);
    assert.equal(verifyTransactionSignatures(bytes, decode(bytes)), false);
    assert.equal(isRefusedBySvm(bytes), true);
  });

for (const [what, crafted] of [
  ["an honest signature", { key: OWNER.publicKey, sign: signWith(NONCE_POINT, NONCE) }],
  ["a key of mixed order whose torsion vanishes", { key: MIXED_KEY, sign: signMixed(true) }],
] satisfies [string, Crafted][])
  test(`signature rules must be one rule: ${what} is accepted, and the SVM's own check agrees`, () => {
    const bytes = craft(crafted);
    assert.equal(verifyTransactionSignatures(bytes, decode(bytes)), true);
    assert.equal(isRefusedBySvm(bytes), false);
  });

test("signature rules must be one rule: all that is refused above satisfies the equation of a looser rule", () => {
  for (const [what, crafted] of REFUSED) {
    const bytes = craft(crafted);
    const [r, s, message] = [bytes.subarray(1, 33), bytes.subarray(33, 65), bytes.subarray(65)];
    const k = challenge(r, crafted.key, message);
    const left = multiply(8n * decodeNumber(s), BASE);
    const right = multiply(8n, add(decodePoint(r), multiply(k, decodePoint(crafted.key))));
    assert.deepEqual(left, right, what);
  }
});

test("every signature of a transaction must verify", () => {
  const both = encodeRaw({
    keys: [OWNER.publicKey, SESSION.publicKey, MEMO],
    header: [2, 1, 1],
    instructions: [{ program: 2, data: Buffer.from("memo") }],
    sign: (message, signer) => (signer === 0 ? OWNER : SESSION).sign(message),
  });
  assert.equal(verifyTransactionSignatures(both, decode(both)), true);
  for (const at of [1, 65, both.length - 1]) {
    const spoiled = Buffer.from(both);
    spoiled[at] = (spoiled[at] ?? 0) ^ 1;
    assert.equal(verifyTransactionSignatures(spoiled, decode(spoiled)), false, `byte ${at}`);
  }
});

test("a session's key stands in the owner's slot: then the owner's signature does not count, nor anyone else's", () => {
  const signedBy = (pair: typeof OWNER): Buffer =>
    encodeRaw({
      keys: [OWNER.publicKey, MEMO],
      header: [1, 0, 1],
      instructions: [{ program: 1, data: Buffer.from("memo") }],
      sign: (message) => pair.sign(message),
    });
  const bySession = signedBy(SESSION);
  const byOwner = signedBy(OWNER);
  assert.equal(verifyTransactionSignatures(bySession, decode(bySession), SESSION.publicKey), true);
  assert.equal(verifyTransactionSignatures(bySession, decode(bySession)), false);
  assert.equal(verifyTransactionSignatures(byOwner, decode(byOwner), SESSION.publicKey), false);
  assert.equal(
    verifyTransactionSignatures(bySession, decode(bySession), SESSION.publicKey.subarray(1)),
    false,
  );
});

test("a session's key stands in for the owner alone: the second signer still signs himself", () => {
  const bytes = encodeRaw({
    keys: [OWNER.publicKey, createKeyPair(new Uint8Array(32).fill(8)).publicKey, MEMO],
    header: [2, 1, 1],
    instructions: [],
    sign: (message) => SESSION.sign(message),
  });
  assert.equal(verifyTransactionSignatures(bytes, decode(bytes), SESSION.publicKey), false);
});

test("incident LiteSVM dedupe (ledger bug 7): the message hash is the same whatever the signatures", () => {
  const one = craft({ key: OWNER.publicKey, sign: signWith(NONCE_POINT, NONCE) });
  const other = Buffer.from(one);
  other.fill(9, 1, 65);
  assert.deepEqual(messageHash(one, decode(one)), messageHash(other, decode(other)));
  assert.deepEqual(Buffer.from(messageHash(one, decode(one))), Buffer.from(sha256(one.subarray(65))));
});

/** A memo transaction with the crafted signature; tries messages until the crafter likes one. */
function craft({ key, sign }: Crafted): Buffer {
  for (let attempt = 0; attempt < 500; attempt++) {
    const unsigned = encodeRaw({
      keys: [key, MEMO],
      header: [1, 0, 1],
      instructions: [{ program: 1, data: Buffer.from(`memo ${attempt}`) }],
    });
    const signature = sign(unsigned.subarray(65));
    if (signature === undefined) continue;
    unsigned.set(signature[0], 1);
    unsigned.set(encodeNumber(signature[1]), 33);
    return unsigned;
  }
  throw new Error("no message suits this signature");
}

function decode(bytes: Uint8Array): DecodedTransaction {
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  return decoded.value;
}

/** Its payer has no money, so that a good signature ends in another error. */
function isRefusedBySvm(bytes: Uint8Array): boolean {
  const outcome = svm.sendVersionedTransaction(bytes);
  const error: unknown = "err" in outcome ? outcome.err() : undefined;
  return error === SIGNATURE_FAILURE;
}
