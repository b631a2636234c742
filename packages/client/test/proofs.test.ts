/** What is checked offline: nothing changed, forged, borrowed from another network or left out gets through. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { types, verifier } from "@mira/api";
import { formatVerifierKey } from "@mira/merkle";
import { createKeyPair, type Result } from "@mira/primitives";
import {
  formatCertificate,
  parseCertificate,
  verifyCertificate,
  verifyEntryProof,
  verifyReceiptProof,
  type NetworkTrust,
} from "@mira/client";
import {
  attest,
  certify,
  createBody,
  NETWORK,
  prove,
  proveReceipt,
  RESPONSE,
  trust,
  validators,
} from "./log.fixture.ts";

const whole = certify(createBody());

function outcome(result: Result<unknown>): string {
  return result.ok ? "holds" : result.message;
}

function check(text: string): Result<unknown> {
  const parsed = parseCertificate(text);
  return parsed.ok ? verifyCertificate(parsed.value, trust, RESPONSE) : parsed;
}

test("a certificate holds, through its file, with the network's key alone", () => {
  const verified = verifyCertificate(whole, trust, RESPONSE);
  assert.ok(verified.ok);
  assert.equal(verified.value.entry.index, 4);
  assert.deepEqual(outcome(check(formatCertificate(whole))), "holds");
  assert.ok(verifyCertificate(certify(createBody(), { size: 1, index: 0 }), trust).ok);
});

test("any changed byte of a certificate's file shows", () => {
  const bytes = Buffer.from(formatCertificate(whole), "utf8");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      return !check(changed.toString("utf8")).ok;
    }),
    { numRuns: 2_000 },
  );
});

test("a file cut short, continued, indented otherwise or of another kind is no certificate", () => {
  const text = formatCertificate(whole);
  for (const changed of [
    text.slice(0, -1),
    `${text}\n`,
    JSON.stringify(JSON.parse(text)),
    "",
    "null",
    "[]",
    "{}",
    "\ufeff" + text,
  ])
    assert.equal(parseCertificate(changed).ok, false, JSON.stringify(changed.slice(0, 20)));
});

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

test("any changed part of a certificate shows", () => {
  fc.assert(
    fc.property(changes, (change) => {
      const [part, at, mask] = change;
      assert.ok(whole.inclusion);
      const changed =
        part % 4 === 0
          ? { ...whole, body: flip(whole.body, at, mask) }
          : { ...whole, inclusion: changeEntry(whole.inclusion, [Math.floor(part / 4), at, mask]) };
      return !verifyCertificate(changed, trust).ok;
    }),
    { numRuns: 1_000 },
  );
});

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
    [{ ...proveReceipt(2), batchEntry: whole.inclusion }, /not of a settled batch/],
    [{ ...proveReceipt(2), receipt: proveReceipt(3).receipt }, /not in the batch's receipts tree/],
  ];
  for (const [proof, message] of rows) assert.match(outcome(verifyReceiptProof(proof, trust)), message);
});

const other = createKeyPair(new Uint8Array(32).fill(10));
const strangers: readonly (readonly [string, verifier.Certificate, NetworkTrust])[] = [
  ["another network's key", whole, { ...trust, logVerifierKey: formatVerifierKey(NETWORK, other.publicKey) }],
  ["another network's name", whole, { ...trust, networkId: "mira-other" }],
  ["a malformed key", whole, { ...trust, logVerifierKey: "mira" }],
  ["a log signed by someone else", certify(createBody(), { key: other }), trust],
  ["a log of another origin", certify(createBody(), { origin: "mira-other" }), trust],
  ["a body of another network", certify(createBody({ networkId: "mira-other" })), trust],
  ["no proof at all", { ...whole, inclusion: undefined }, trust],
  [
    "the entry of another network in this log",
    {
      ...whole,
      inclusion: prove({
        networkId: "mira-other",
        kind: "certificate.issued",
        subject: whole.certificateId,
        fields: [],
      }),
    },
    trust,
  ],
  [
    "the entry of another certificate",
    { ...whole, inclusion: certify(createBody({ issuedMs: 1n })).inclusion },
    trust,
  ],
  [
    "an entry of another kind",
    { ...whole, inclusion: prove({ kind: "stake.bonded", subject: whole.certificateId, fields: [] }) },
    trust,
  ],
];
for (const [name, certificate, network] of strangers)
  test(`a certificate does not hold with ${name}`, () => {
    assert.equal(verifyCertificate(certificate, network).ok, false);
  });

test("a certificate is about one response, to the letter", () => {
  assert.match(outcome(verifyCertificate(whole, trust, `${RESPONSE} `)), /another response/);
  const moved = createBody();
  const [first] = moved.claims;
  assert.ok(first?.claim);
  first.claim.start = 1;
  assert.match(outcome(verifyCertificate(certify(moved), trust, RESPONSE)), /does not stand in the response/);
});

/** Bodies that the network's own log contains, and that are wrong all the same. */
const forgeries: readonly (readonly [string, (body: verifier.CertificateBody) => void, RegExp])[] = [
  [
    "another verdict than the attestations'",
    ({ claims }) => Object.assign(claims[0] ?? {}, { verdict: 2 }),
    /does not follow/,
  ],
  [
    "more confidence than the attestations'",
    ({ claims }) => Object.assign(claims[0] ?? {}, { confidence: 0.5 }),
    /does not follow/,
  ],
  ["an attestation left out", ({ claims }) => claims[0]?.attestations.splice(0, 1), /does not follow/],
  [
    "an attestation counted twice",
    ({ claims }) => claims[0]?.attestations.push(...claims[0].attestations.slice(0, 1)),
    /attests twice/,
  ],
  [
    "another stake behind an attestation",
    ({ claims }) => Object.assign(claims[0]?.attestations[0] ?? {}, { stakeUnits: "999" }),
    /not of a committee member/,
  ],
  [
    "another stake in the committee",
    ({ committee }) => Object.assign(committee[0] ?? {}, { stakeUnits: "999" }),
    /not of a committee member/,
  ],
  [
    "a stake that is no number",
    ({ committee }) => Object.assign(committee[0] ?? {}, { stakeUnits: "much" }),
    /malformed/,
  ],
  ["a member who sits twice", ({ committee }) => committee.push(...committee.slice(0, 1)), /sits twice/],
  [
    "a member under another's name",
    ({ committee }) => Object.assign(committee[0] ?? {}, { publicKey: other.publicKey }),
    /not that of its key/,
  ],
  [
    "an attestation shown with another verdict",
    ({ claims }) => Object.assign(claims[0]?.attestations[0] ?? {}, { verdict: 2 }),
    /not the signed one/,
  ],
  [
    "an attestation shown with other evidence",
    ({ claims }) => Object.assign(claims[0]?.attestations[0] ?? {}, { evidence: [] }),
    /evidence is not the signed one/,
  ],
  [
    "a signature of nobody",
    ({ claims }) => Object.assign(claims[0]?.attestations[0] ?? {}, { signature: new Uint8Array(64) }),
    /signature does not verify/,
  ],
  [
    "another claim's text",
    ({ claims }) => Object.assign(claims[0]?.claim ?? {}, { text: "2 + 2 = 5." }),
    /about another claim/,
  ],
  [
    "a verdict without a claim",
    ({ claims }) => Object.assign(claims[0] ?? {}, { claim: undefined }),
    /about no claim/,
  ],
  [
    "attestations of another verification",
    (body) => Object.assign(body, { verificationId: "v2" }),
    /about something else/,
  ],
  [
    "attestations of one who was not drawn",
    ({ claims }) =>
      claims[0]?.claim && claims[0].attestations.push(attest(other, claims[0].claim, "supported")),
    /not of a committee member/,
  ],
];
for (const [name, forge, message] of forgeries)
  test(`a logged certificate does not hold with ${name}`, () => {
    const body = structuredClone(createBody());
    forge(body);
    assert.match(outcome(verifyCertificate(certify(body), trust)), message);
  });

test("silence of a member counts: what is left without it must still be enough", () => {
  const body = createBody();
  for (const { attestations } of body.claims) attestations.splice(1);
  assert.match(outcome(verifyCertificate(certify(body), trust)), /does not follow/);
  assert.equal(validators.length, 3);
});

test("bytes that are no certificate's body are refused, never thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const body = createBody();
      const forged = certify(body);
      return !verifyCertificate({ ...forged, body: bytes }, trust).ok;
    }),
    { numRuns: 200 },
  );
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
