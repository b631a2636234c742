/** What is checked offline: nothing changed, forged, borrowed from another network or left out gets through. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { types } from "@mira/api";
import { formatVerifierKey } from "@mira/merkle";
import { createKeyPair, type Result } from "@mira/primitives";
import { verifyEntryProof, verifyReceiptProof, type NetworkTrust } from "@mira/client";
import { NETWORK, prove, proveReceipt, trust } from "./log.fixture.ts";

function outcome(result: Result<unknown>): string {
  return result.ok ? "holds" : result.message;
}

/** Every part of a proof, as places where bytes can be changed. */
function flip(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ mask;
  return changed;
}

type Change = readonly [part: number, at: number, mask: number];
const changes: fc.Arbitrary<Change> = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }));

function changeInclusion(inclusion: types.InclusionProof, [part, at, mask]: Change): types.InclusionProof {
  const { index, treeSize, path } = inclusion;
  const choices: readonly types.InclusionProof[] = [
    { index: index ^ BigInt(mask), treeSize, path },
    { index, treeSize: treeSize ^ BigInt(mask), path },
    { index: index + 2n ** 53n, treeSize, path },
    { index, treeSize, path: path.slice(1) },
    { index, treeSize, path: [...path, new Uint8Array(32)] },
    {
      index,
      treeSize,
      path: path.map((hash, place) => (place === at % path.length ? flip(hash, at, mask) : hash)),
    },
  ];
  return choices[part % choices.length] ?? inclusion;
}

function changeEntry(proof: types.EntryProof, change: Change): types.EntryProof {
  const [part, at, mask] = change;
  assert.ok(proof.inclusion);
  if (part % 3 === 0) return { ...proof, entry: flip(proof.entry, at, mask) };
  if (part % 3 === 1)
    return {
      ...proof,
      checkpoint: Buffer.from(flip(Buffer.from(proof.checkpoint), at, mask)).toString("utf8"),
    };
  return { ...proof, inclusion: changeInclusion(proof.inclusion, [Math.floor(part / 3), at, mask]) };
}

test("any changed part of a receipt's proof shows", () => {
  const proofs = [0, 2, 4].map((at) => proveReceipt(at));
  for (const proof of proofs) assert.equal(outcome(verifyReceiptProof(proof, trust)), "holds");
  fc.assert(
    fc.property(fc.constantFrom(...proofs), changes, (proof, change) => {
      const [part, at, mask] = change;
      assert.ok(proof.batchEntry && proof.receiptInclusion);
      const rest: Change = [Math.floor(part / 3), at, mask];
      const changed = [
        { ...proof, receipt: flip(proof.receipt, at, mask) },
        { ...proof, receiptInclusion: changeInclusion(proof.receiptInclusion, rest) },
        { ...proof, batchEntry: changeEntry(proof.batchEntry, rest) },
      ][part % 3];
      return changed !== undefined && !verifyReceiptProof(changed, trust).ok;
    }),
    { numRuns: 1_000 },
  );
});

const other = prove({ kind: "stake.bonded", subject: "batch/3", fields: [] });

test("a receipt's proof says which transaction of which batch it is about", () => {
  const verified = verifyReceiptProof(proveReceipt(2), trust);
  assert.ok(verified.ok);
  assert.equal(verified.value.receipt.sequence, 42);
  assert.equal(verified.value.batch.subject, "batch/3");
  const rows: readonly (readonly [types.ReceiptProof, RegExp])[] = [
    [proveReceipt(2, { "first sequence": "41" }), /another transaction's place/],
    [proveReceipt(2, { transactions: "6" }), /another size/],
    [proveReceipt(2, { "receipts root": "" }), /no receipts root/],
    [{ ...proveReceipt(2), receiptInclusion: undefined }, /path is missing/],
    [{ ...proveReceipt(2), batchEntry: undefined }, /not complete/],
    [{ ...proveReceipt(2), batchEntry: other }, /not of a settled batch/],
    [{ ...proveReceipt(2), receipt: proveReceipt(3).receipt }, /not in the batch's receipts tree/],
  ];
  for (const [proof, message] of rows) assert.match(outcome(verifyReceiptProof(proof, trust)), message);
});

test("an entry's proof gives the entry and its place", () => {
  const proof = prove(
    { kind: "session.granted", subject: "s1", fields: [["owner", "alice"]] },
    { size: 12, index: 11 },
  );
  const verified = verifyEntryProof(proof, trust);
  assert.ok(verified.ok);
  assert.deepEqual(
    [verified.value.kind, verified.value.subject, verified.value.index, verified.value.treeSize],
    ["session.granted", "s1", 11, 12],
  );
});

const entry = { kind: "session.granted", subject: "s1", fields: [] } as const;
const stranger = createKeyPair(new Uint8Array(32).fill(10));
const strangers: readonly (readonly [string, types.EntryProof | undefined, NetworkTrust])[] = [
  [
    "another network's key",
    prove(entry),
    { ...trust, logVerifierKey: formatVerifierKey(NETWORK, stranger.publicKey) },
  ],
  ["another network's name", prove(entry), { ...trust, networkId: "mira-other" }],
  ["a malformed key", prove(entry), { ...trust, logVerifierKey: "mira" }],
  ["a log signed by someone else", prove(entry, { key: stranger }), trust],
  ["a log of another origin", prove(entry, { origin: "mira-other" }), trust],
  ["the entry of another network in this log", prove({ ...entry, networkId: "mira-other" }), trust],
  ["no proof at all", undefined, trust],
];
for (const [name, proof, network] of strangers)
  test(`an entry's proof does not hold with ${name}`, () => {
    assert.equal(verifyEntryProof(proof, network).ok, false);
  });
