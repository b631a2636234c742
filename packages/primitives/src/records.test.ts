/** Audit entries and answers of re-executors: what is read is what was written, and hostile bytes are refused, never thrown. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAuditEntry, encodeAuditEntry, findAuditField, type AuditEntryContent } from "./audit-entry.ts";
import { delay } from "./delay.ts";
import { createKeyPair } from "./ed25519.ts";
import { parseBatchNumber, parseUnixMs } from "./quantities.ts";
import {
  encodeReexecutionAnswer,
  verifyReexecutionAnswer,
  type ReexecutionAnswer,
} from "./reexecution-answer.ts";

const text = fc.string({ maxLength: 20 }).map((value) => value.toWellFormed());
const entries: fc.Arbitrary<AuditEntryContent> = fc.record(
  {
    networkId: text,
    kind: text,
    subject: text,
    at: fc.maxSafeNat().map(parseUnixMs),
    fields: fc.array(fc.tuple(text, text), { maxLength: 8 }),
  },
  { noNullPrototype: true },
);

test("an audit entry decodes to what was encoded, and to nothing else when a byte changes", () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, at, mask) => {
      const bytes = encodeAuditEntry(entry);
      const decoded = decodeAuditEntry(bytes);
      assert.ok(decoded.ok);
      assert.deepEqual(decoded.value, entry);
      const changed = Uint8Array.from(bytes);
      changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ mask;
      const other = decodeAuditEntry(changed);
      assert.notDeepEqual(other.ok ? other.value : undefined, entry);
      assert.ok(!decodeAuditEntry(bytes.subarray(0, -1)).ok);
      assert.ok(!decodeAuditEntry(Uint8Array.from([...bytes, 0])).ok);
    }),
  );
});

test("bytes that are no audit entry are refused, and more fields than allowed are not read", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !decodeAuditEntry(bytes).ok));
  const many: AuditEntryContent = {
    networkId: "mira-test",
    kind: "k",
    subject: "s",
    at: parseUnixMs(1),
    fields: Array.from({ length: 257 }, () => ["a", "b"] as const),
  };
  const decoded = decodeAuditEntry(encodeAuditEntry(many));
  assert.equal(decoded.ok ? "decoded" : decoded.code, "PROOF_INVALID");
  assert.equal(findAuditField(many, "a"), "b");
  assert.equal(findAuditField(many, "c"), undefined);
});

const answer: ReexecutionAnswer = {
  networkId: "mira-test",
  batchNumber: parseBatchNumber(7),
  executorId: "executor",
  answer: "agree",
  resultHash: new Uint8Array(32).fill(1),
  reason: "",
  at: parseUnixMs(1_800_000_000_000),
};

test("an answer's signature covers every part of it: agreement never becomes another batch's, or another word", () => {
  const key = createKeyPair(new Uint8Array(32).fill(1));
  const signature = key.sign(encodeReexecutionAnswer(answer));
  assert.ok(verifyReexecutionAnswer(answer, key.publicKey, signature));
  const changes: readonly Partial<ReexecutionAnswer>[] = [
    { networkId: "mira-other" },
    { batchNumber: parseBatchNumber(8) },
    { executorId: "another" },
    { answer: "unable" },
    { answer: "disagree" },
    { resultHash: new Uint8Array(32).fill(2) },
    { reason: "because" },
    { at: parseUnixMs(1) },
  ];
  for (const change of changes)
    assert.ok(
      !verifyReexecutionAnswer({ ...answer, ...change }, key.publicKey, signature),
      JSON.stringify(change),
    );
  assert.ok(!verifyReexecutionAnswer(answer, new Uint8Array(32), signature));
});

test("a wait is whole, or ends at once when the signal aborts, and says which", async () => {
  assert.equal(await delay(1, new AbortController().signal), true);
  assert.equal(await delay(60_000, AbortSignal.abort()), false);
  assert.equal(await delay(60_000, AbortSignal.timeout(10)), false);
});
