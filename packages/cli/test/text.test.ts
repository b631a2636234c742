/** What people type and read: amounts and durations lose nothing, keys are the ones that were meant, and foreign text stays text. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { sessions, verifier } from "@mira/api";
import type { Receipt } from "@mira/client";
import { createDevKey } from "@mira/localnet";
import { createKeyPair, encodeBase58, encodeHex, RefusalError, unwrap } from "@mira/primitives";
import { parseId } from "../src/commands/tx.ts";
import {
  describeClaims,
  describeReceipt,
  describeSentences,
  describeSession,
  describeWhole,
  toReceiptData,
  toSessionData,
} from "../src/describe.ts";
import { formatJson, formatTable, toOneLine, type Style } from "../src/output.ts";
import {
  describeKey,
  formatAmount,
  parseAmount,
  parseDuration,
  parseInstant,
  parseKey,
  parseSequence,
  readKeyPair,
} from "../src/values.ts";

const keep = (text: string): string => text;
const plain: Style = { bold: keep, dim: keep, red: keep, green: keep, yellow: keep };

test("an amount that is printed is read back to the last unit", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }),
      (units) => unwrap(parseAmount(formatAmount(units))) === units,
    ),
  );
});

test("an amount with up to nine decimals is that many billionths", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }),
      fc.stringMatching(/^\d{1,9}$/),
      (whole, decimals) => {
        const scaled = BigInt(decimals) * 10n ** BigInt(9 - decimals.length);
        return unwrap(parseAmount(`${whole}.${decimals}`)) === whole * 10n ** 9n + scaled;
      },
    ),
  );
  assert.deepEqual(
    [formatAmount(0n), formatAmount(1n), formatAmount(1_500_000_000n)],
    ["0", "0.000000001", "1.5"],
  );
});

test("what is no amount is refused: signs, exponents, separators, a tenth decimal", () => {
  for (const text of [
    "",
    "-1",
    "+1",
    "1e9",
    "1,5",
    "1.",
    ".5",
    "1.0000000001",
    "0x10",
    " 1",
    "1 SOL",
    "1234567890123",
  ])
    assert.equal(parseAmount(text).ok, false, text);
});

test("a duration is a whole number of one unit", () => {
  const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
  fc.assert(
    fc.property(
      fc.nat(999_999),
      fc.constantFrom(...(["s", "m", "h", "d"] as const)),
      (count, unit) => unwrap(parseDuration(`${count}${unit}`)) === count * units[unit],
    ),
  );
  for (const text of ["", "15", "m", "1.5h", "-1s", "1w", "1h30m", "1 h", "1000000s"])
    assert.equal(parseDuration(text).ok, false, text);
});

test("instants and sequence numbers of other forms are refused", () => {
  assert.equal(unwrap(parseInstant("2027-01-15T08:00:00Z")), Date.UTC(2027, 0, 15, 8));
  for (const text of ["", "now", "17", "2027-13-01", "1960-01-01T00:00:00Z"])
    assert.equal(parseInstant(text).ok, false, text);
  assert.equal(unwrap(parseSequence("17")), 17);
  for (const text of ["", "-1", "1.5", "abc", "9".repeat(16)])
    assert.equal(parseSequence(text).ok, false, text);
});

test("an id is a sequence number or 64 bytes in base58", () => {
  assert.equal(parseId("17"), 17);
  const signature = new Uint8Array(64).fill(7);
  assert.deepEqual(Buffer.from(parseId(encodeBase58(signature)) as Uint8Array), Buffer.from(signature));
  for (const text of ["", "-1", "abc", "0".repeat(16), encodeBase58(signature.subarray(1))])
    assert.throws(
      () => parseId(text),
      (error) => error instanceof RefusalError && error.refusal.code === "REQUEST_INVALID",
      text,
    );
});

test("a key is a development account's name or base58, and is shown with its name", () => {
  const alice = createDevKey("alice").publicKey;
  assert.deepEqual(unwrap(parseKey("alice")), alice);
  assert.deepEqual(Buffer.from(unwrap(parseKey(encodeBase58(alice)))), Buffer.from(alice));
  assert.match(describeKey(alice), /^alice \(/);
  assert.equal(describeKey(new Uint8Array(32)), "11111111111111111111111111111111");
  for (const text of ["", "Alice", "nobody", "0OIl"]) assert.equal(parseKey(text).ok, false, text);
});

function createFile(context: TestContext): (content: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "mira-key-"));
  context.after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  return (content) => {
    const path = join(folder, `key-${++count}`);
    writeFileSync(path, content);
    return path;
  };
}

test("a key file holds 64 hexadecimal digits or Solana's array, and is read as it was meant or not at all", (context) => {
  const write = createFile(context);
  const { seed, publicKey } = createKeyPair(new Uint8Array(32).fill(200));
  const solana = [...seed, ...publicKey];
  assert.deepEqual(unwrap(readKeyPair(write(`${encodeHex(seed)}\n`))).publicKey, publicKey);
  assert.deepEqual(unwrap(readKeyPair(write(JSON.stringify(solana)))).publicKey, publicKey);
  assert.deepEqual(unwrap(readKeyPair("bob")).publicKey, createDevKey("bob").publicKey);
  const wrong = [
    "",
    "beef",
    encodeHex(seed).slice(1),
    JSON.stringify([...seed]),
    JSON.stringify(solana.map((byte) => byte + 256)),
    JSON.stringify(solana.map(String)),
    JSON.stringify([...seed, ...seed]),
    JSON.stringify([0.5, ...solana.slice(1)]),
    "{}",
  ];
  for (const content of wrong) {
    const read = readKeyPair(write(content));
    assert.equal(read.ok ? "read" : read.code, "REQUEST_INVALID", content);
  }
  const missing = readKeyPair("/nowhere/key");
  assert.equal(missing.ok ? "read" : missing.code, "REQUEST_INVALID");
});

test("JSON loses no digit of an amount and shows bytes as hexadecimal, however they are held", () => {
  const data = {
    amount: 2n ** 64n - 1n,
    bytes: Uint8Array.of(0, 255),
    buffer: Buffer.from([1]),
    nested: [{ empty: new Uint8Array() }],
  };
  assert.equal(
    formatJson(data),
    '{"amount":"18446744073709551615","bytes":"00ff","buffer":"01","nested":[{"empty":""}]}',
  );
});

test("a table's columns are as wide as their widest cell, and no line ends in blanks", () => {
  assert.equal(
    formatTable(["a", "long head"], [["wide cell", "x"], ["y"]]),
    "a          long head\nwide cell  x\ny",
  );
  assert.equal(formatTable(["only"], []), "only");
});

const HOSTILE = "12 % of 250\u001b[2J\u0007 is 30\r\nrefuted\u202e\u0000 \u009b31m";

function assertHarmless(text: string): void {
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
}

test("foreign text is one line without control or format characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      assert.doesNotMatch(toOneLine(text), /[\p{Cc}\p{Cf}\n\r\u2028\u2029]/u);
    }),
  );
  assert.equal(toOneLine("2 + 2 = 4, naïve, 水"), "2 + 2 = 4, naïve, 水");
});

test("a claim, its evidence, a sentence and a program's log cannot paint the terminal", () => {
  const attestation = verifier.Attestation.fromPartial({
    evidence: [{ checker: "units", witness: HOSTILE }],
  });
  const verdict = verifier.ClaimVerdict.fromPartial({
    claim: { claimId: "c1", text: HOSTILE },
    verdict: verifier.Verdict.REFUTED,
    confidence: 1,
    attestations: [attestation],
  });
  const claims = describeClaims([verdict], plain);
  assertHarmless(claims);
  assert.match(claims, /^refuted +100 % {2}12 % of 250 \[2J is 30 refuted 31m$/m);
  const sentence = verifier.Sentence.fromPartial({
    ...{ start: 0, end: HOSTILE.length, kind: verifier.SentenceKind.AMBIGUOUS },
    ...{ reason: HOSTILE, category: HOSTILE, verdict: verifier.Verdict.UNRESOLVED },
  });
  assertHarmless(
    describeWhole(
      verifier.GetVerificationResponse.fromPartial({
        decomposer: { id: HOSTILE, model: HOSTILE, note: HOSTILE },
      }),
      plain,
    ),
  );
  assertHarmless(describeSentences([sentence], HOSTILE, plain));
  const receipt = {
    sequenceNumber: 3,
    batchNumber: 1,
    transactionId: new Uint8Array(64),
    stage: "settled",
    succeeded: false,
    status: HOSTILE,
    feeLamports: 5_000n,
    computeUnits: 150,
    logs: [HOSTILE],
    reversibleUntil: 2,
    reversal: HOSTILE,
    times: { sequenced: 1, settled: 9 },
    writtenAccounts: [],
    sessionId: undefined,
  } as unknown as Receipt;
  const described = describeReceipt(receipt, plain);
  assertHarmless(described);
  assert.match(described, /settled .* \+8 ms/);
  assert.match(described, /finalized +-/);
  assert.match(formatJson(toReceiptData(receipt)), /"feeLamports":"5000"/);
});

test("a session is described by its owner, its recipients and what is left", () => {
  const session = sessions.Session.fromPartial({
    sessionId: "s1",
    owner: createDevKey("alice").publicKey,
    sessionKey: createDevKey("carol").publicKey,
    recipients: [createDevKey("bob").publicKey],
    limitLamports: 2_000_000_000n,
    spentLamports: 500_000_000n,
    status: sessions.SessionStatus.REVOKED,
  });
  const text = describeSession(session);
  assert.match(text, /^session s1: revoked\n/);
  assert.match(text, /owner +alice \(/);
  assert.match(text, /may send to bob \(/);
  assert.match(text, /limit 2 SOL, spent 0\.5, reserved 0/);
  assert.match(formatJson(toSessionData(session)), /"limitLamports":"2000000000".*"status":"revoked"/);
});
