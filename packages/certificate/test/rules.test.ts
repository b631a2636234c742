/** What a certificate that its network signed and logged may still not be: each rule by a certificate that breaks it alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createStatement,
  decodeStatement,
  encodeStatement,
  refuseStatement,
  verifyCertificate,
  withholdVerdicts,
  type CertificateTrust,
  type Statement,
  type StatementFacts,
  type VerificationPredicate,
} from "@mira/certificate";
import type { Structure } from "@mira/claims";
import { encodeBase64, formatVerifierKey } from "@mira/merkle";
import { encodeBase58, encodeUtf8, parseUnixMs, type KeyPair } from "@mira/primitives";
import {
  AT,
  attest,
  BEFORE_EXPIRY,
  certify,
  certifyPayload,
  committee,
  createDraw,
  createFacts,
  NETWORK,
  RESPONSE,
  stranger,
  trust,
  validators,
} from "./certificate.fixture.ts";
import { judge } from "./judge.fixture.ts";

const [first, second, third] = validators as [KeyPair, KeyPair, KeyPair];
const whole = createStatement(createFacts());

test("it says what it is about, who signed and where it is logged", () => {
  const verified = verifyCertificate(certify(), trust, { now: BEFORE_EXPIRY, response: RESPONSE });
  assert.ok(verified.ok);
  const { statement, signers, operators, logged } = verified.value;
  assert.deepEqual(statement, whole);
  assert.deepEqual([signers.length, operators.length], [3, 2]);
  assert.deepEqual(logged, { origin: "mira-test/certificates", index: 10, treeSize: 13 });
});

test("quorums count operators: two keys of one are one", () => {
  assert.equal(judge(certify(whole, { signers: [first, second] })), "envelope.signatures");
  assert.equal(judge(certify(whole, { signers: [first, third] })), "holds");
  assert.equal(judge(certify(whole, { signers: [second, third, first] })), "holds", "in any order");
  assert.equal(judge(certify(), { checks: { operatorsMin: 3 } }), "envelope.signatures");
  assert.equal(judge(certify(whole, { signers: [] })), "envelope.signatures");
});

test("where nothing is decided, the network alone may say so", () => {
  const withheld = withholdVerdicts(whole, "too few validators signed");
  assert.equal(judge(certify(withheld, { signers: [] })), "holds");
  const decided = structuredClone(whole);
  Object.assign(decided.predicate, { withheld: "and decided all the same" });
  assert.equal(judge(certify(decided)), "statement.predicate.claims[0].verdict");
});

type Draft = { -readonly [Key in keyof VerificationPredicate]: VerificationPredicate[Key] };
const alter = (change: (predicate: Draft) => void): Statement => {
  const statement = structuredClone(whole);
  change(statement.predicate);
  return statement;
};
const claimWith = (change: object): Statement =>
  alter(({ claims }) => Object.assign(claims[0] ?? {}, change));
const attestationWith = (change: object): Statement =>
  alter(({ claims }) => Object.assign(claims[0]?.attestations[0] ?? {}, change));
const factsWith = (change: Partial<StatementFacts>): Statement => createStatement(createFacts(change));

const sentenceWith = (at: number, change: object): Statement =>
  alter(({ sentences }) => Object.assign(sentences[at] ?? {}, change));
const piecesWith = (at: number, change: object): Statement =>
  alter(({ claims }) => Object.assign(claims[0]?.pieces[at] ?? {}, change));

const CLAIM = "statement.predicate.claims[0]";
const STATEMENTS: readonly (readonly [name: string, statement: Statement, part: string])[] = [
  ["another network's name", factsWith({ networkId: "mira-other" }), "statement.predicate.networkId"],
  [
    "another log's name",
    alter((one) => (one.log = { origin: "mira-other/certificates" })),
    "statement.predicate.networkId",
  ],
  [
    "a member who sits twice",
    factsWith({ committee: [...committee, ...committee.slice(0, 1)] }),
    "statement.predicate.committee[3]",
  ],
  ["a text of another digest", claimWith({ text: "2 + 2 = 5." }), `${CLAIM}.text`],
  ["a claim under another's name", claimWith({ claimId: "c2" }), "statement.subject"],
  ["a claim less", alter((one) => (one.claims = one.claims.slice(1))), "statement.subject"],
  ["a claim in a sentence that makes none", claimWith({ start: 42, end: 43 }), CLAIM],
  ["a claim that reaches into the next sentence", claimWith({ end: 20 }), CLAIM],
  ["other pieces than the text's", piecesWith(0, { end: 2 }), `${CLAIM}.pieces`],
  ["another joining word than the text's", piecesWith(1, { insert: "," }), `${CLAIM}.pieces`],
  ["a piece without words", piecesWith(0, { end: 0 }), `${CLAIM}.pieces`],
  ["words that no rule puts in", claimWith({ pieces: [{ insert: "2 + 2 = 4." }] }), `${CLAIM}.pieces`],
  ["a claim narrower than its pieces", claimWith({ end: 5 }), `${CLAIM}.pieces`],
  [
    "a sentence that leads to another's claim",
    sentenceWith(0, { structure: { kind: "claim", claim: 1 } }),
    "statement.predicate.sentences[0].structure",
  ],
  [
    "a sentence that leads to no claim",
    sentenceWith(1, { structure: { kind: "open", reason: "" } }),
    "statement.predicate.sentences[1].structure",
  ],
  [
    "a sentence that leads to a claim too many",
    sentenceWith(2, { structure: { kind: "claim", claim: 0 } }),
    "statement.predicate.sentences[2].structure",
  ],
  [
    "a sentence that is not checkable and has a structure",
    sentenceWith(2, { kind: "not-checkable" }),
    "statement.predicate.sentences[2].structure",
  ],
  [
    "a sentence with another verdict than its claims'",
    sentenceWith(1, { verdict: "supported" }),
    "statement.predicate.sentences[1].verdict",
  ],
  [
    "a sentence that is left open although its claims are not",
    sentenceWith(1, { verdict: "unresolved" }),
    "statement.predicate.sentences[1].verdict",
  ],
  [
    "a verdict on what is ambiguous",
    sentenceWith(2, { verdict: "supported" }),
    "statement.predicate.sentences[2].verdict",
  ],
  [
    "another verdict on the whole than its sentences'",
    alter((one) => (one.verdict = "supported")),
    "statement.predicate.verdict",
  ],
  [
    "sentences that overlap",
    alter((one) => (one.sentences = [...one.sentences, ...one.sentences])),
    "statement.predicate.sentences[3]",
  ],
  ["another verdict than the attestations'", claimWith({ verdict: "refuted" }), `${CLAIM}.verdict`],
  ["more confidence than the attestations'", claimWith({ confidence: 0.95 }), `${CLAIM}.verdict`],
  [
    "attestations left out",
    claimWith({ attestations: whole.predicate.claims[0]?.attestations.slice(2) }),
    `${CLAIM}.verdict`,
  ],
  [
    "an attestation shown with another verdict",
    attestationWith({ verdict: "refuted" }),
    `${CLAIM}.attestations[0]`,
  ],
  [
    "an attestation shown as more sure",
    attestationWith({ confidenceBps: 10_000 }),
    `${CLAIM}.attestations[0]`,
  ],
  ["an attestation shown with other evidence", attestationWith({ evidence: [] }), `${CLAIM}.attestations[0]`],
  [
    "a signature of nobody",
    attestationWith({ signature: encodeBase64(new Uint8Array(64)) }),
    `${CLAIM}.attestations[0]`,
  ],
  [
    "less confidence than its policy asks",
    alter((one) => (one.policy = { ...one.policy, confidenceMin: 0.91 })),
    `${CLAIM}.verdict`,
  ],
  [
    "a policy of another text",
    alter((one) => (one.policy = { ...one.policy, text: "{ }" })),
    "statement.predicate.policy.sha256",
  ],
  ["more weight than stake", attestationWith({ weight: "101" }), `${CLAIM}.verdict`],
  [
    "one who attests twice",
    alter(({ claims }) => Object.assign(claims[0]?.attestations[1] ?? {}, claims[0]?.attestations[0])),
    `${CLAIM}.attestations[1]`,
  ],
  [
    "one who had not this claim to check",
    claimWith({ assigned: committee.slice(1).map(({ validatorId }) => validatorId) }),
    `${CLAIM}.attestations[0]`,
  ],
  [
    "one assigned who is no member",
    claimWith({ assigned: [encodeBase58(stranger.publicKey)] }),
    `${CLAIM}.assigned`,
  ],
  [
    "a draw of another verification",
    alter((one) => (one.draws = one.draws.map((draw) => ({ ...draw, attempt: 1 })))),
    "statement.predicate.draws[0]",
  ],
  [
    "a draw of other candidates",
    alter((one) => (one.draws = one.draws.map((draw) => ({ ...draw, candidatesSha256: "00".repeat(32) })))),
    "statement.predicate.draws[0]",
  ],
  [
    "a draw from another place of the log",
    alter((one) => (one.draws = one.draws.map((draw) => ({ ...draw, fixed: { ...draw.fixed, index: 4 } })))),
    "statement.predicate.draws[0]",
  ],
  [
    "a draw from a checkpoint that nobody signed",
    alter(
      (one) =>
        (one.draws = one.draws.map((draw) => ({
          ...draw,
          checkpoint: draw.checkpoint.replace("\n9\n", "\n8\n"),
        }))),
    ),
    "statement.predicate.draws[0]",
  ],
];
for (const [name, statement, part] of STATEMENTS)
  test(`a logged certificate does not hold with ${name}`, () => {
    assert.equal(judge(certify(statement)), part);
  });

test("a validator sees the same before it signs", () => {
  assert.equal(refuseStatement(whole, NETWORK), undefined);
  assert.equal(
    refuseStatement(claimWith({ verdict: "refuted" }), NETWORK)?.details["part"],
    `${CLAIM}.verdict`,
  );
  assert.equal(refuseStatement(whole, "mira-other")?.details["part"], "statement.predicate.networkId");
});

test("a claim may be left open whatever the attestations say, and attestations of others do not stand in for its own", () => {
  const left = createFacts().claims.map((claim, at) =>
    at === 0 ? { ...claim, verdict: "unresolved" as const, confidence: 0 } : claim,
  );
  assert.equal(judge(certify(factsWith({ claims: left }))), "holds");
  const facts = createFacts();
  const swapped = facts.claims.map((claim, at) =>
    at === 0 ? { ...claim, attestations: validators.map((one) => attest(one, 1, "supported")) } : claim,
  );
  assert.equal(judge(certify(factsWith({ claims: swapped }))), `${CLAIM}.attestations[0]`);
});

test("a private certificate keeps digests only, and holds", () => {
  const hidden = createStatement(createFacts(), { keepTexts: false });
  assert.ok(!JSON.stringify(hidden).includes("Água"));
  assert.ok(!JSON.stringify(hidden).includes("when and where"), "reasons name what the response names");
  assert.equal(judge(certify(hidden), { checks: { response: RESPONSE } }), "holds");
});

test("with the response, the pieces of a claim give its text, also where the text is private", () => {
  for (const keepTexts of [true, false]) {
    const statement = structuredClone(createStatement(createFacts(), { keepTexts }));
    // As long as before, and other words.
    Object.assign(statement.predicate.claims[0]?.pieces[0] ?? {}, { start: 2, end: 3 });
    assert.equal(judge(certify(statement)), "holds", "nothing to hold it against");
    assert.equal(judge(certify(statement), { checks: { response: RESPONSE } }), `${CLAIM}.pieces`);
  }
});

test("what a model put in between is free, and stands in the certificate as such", () => {
  const facts = createFacts({ decomposer: { id: "model@1", model: "tiny", note: "3 of 3" } });
  const claims = facts.claims.map((claim) => ({ ...claim, pieces: [{ insert: claim.text }] }));
  assert.equal(judge(certify(createStatement({ ...facts, claims }))), "holds");
});

test("a structure beyond all reason is not read", () => {
  let structure: Structure = { kind: "claim", claim: 0 };
  for (let level = 0; level < 24; level++) structure = { kind: "all", parts: [structure] };
  const deep = JSON.stringify(sentenceWith(0, { structure }));
  const read = decodeStatement(encodeUtf8(deep));
  assert.ok(!read.ok);
  assert.match(read.message, /24 levels/);
});

test("calibration is shown where there is one, and takes nothing from the rest", () => {
  const calibrated = { confidence: 0.83, calibrationId: "platt@3" };
  assert.equal(judge(certify(claimWith({ calibrated }))), "holds");
  const nameless = { calibrated: { confidence: 0.83 } };
  const json = JSON.stringify(claimWith(nameless));
  assert.equal(judge(certifyPayload(encodeUtf8(json))), `${CLAIM}.calibrated.calibrationId`);
  assert.throws(() => encodeStatement(claimWith(nameless)), /calibrationId: it is missing/);
});

test("it expires at the instant it names", () => {
  const { expiresAt } = whole.predicate;
  const at = (ms: number) => judge(certify(), { checks: { now: parseUnixMs(Date.parse(expiresAt) + ms) } });
  assert.deepEqual(
    [at(-1), at(0), at(1)],
    ["holds", "statement.predicate.expiresAt", "statement.predicate.expiresAt"],
  );
  assert.ok(Date.parse(expiresAt) > AT);
});

test("it is about one response, to the letter", () => {
  for (const response of [`${RESPONSE} `, "", RESPONSE.normalize("NFD")])
    assert.equal(judge(certify(), { checks: { response } }), "statement.subject[0]");
});

const STRANGERS: readonly (readonly [
  name: string,
  file: Uint8Array,
  keys: CertificateTrust,
  part: string,
])[] = [
  [
    "another signing key",
    certify(),
    { ...trust, certificateKey: encodeBase58(stranger.publicKey) },
    "envelope.signatures",
  ],
  ["a malformed signing key", certify(), { ...trust, certificateKey: "?" }, "trust.certificateKey"],
  [
    "another log's key",
    certify(),
    { ...trust, logVerifierKey: formatVerifierKey(NETWORK, stranger.publicKey) },
    "tlogProof.checkpoint.signature",
  ],
  ["a malformed log key", certify(), { ...trust, logVerifierKey: "mira" }, "trust.logVerifierKey"],
  ["another network's log key", certify(), { ...trust, networkId: "mira-other" }, "trust.logVerifierKey"],
  [
    "a network's signature that is someone else's",
    certify(whole, { network: stranger }),
    trust,
    "envelope.signatures",
  ],
  [
    "a log signed by someone else",
    certify(whole, { key: stranger }),
    trust,
    "tlogProof.checkpoint.signature",
  ],
  ["the audit log's checkpoint", certify(whole, { origin: NETWORK }), trust, "tlogProof.checkpoint.text"],
];
for (const [name, file, keys, part] of STRANGERS)
  test(`a certificate does not hold with ${name}`, () => assert.equal(judge(file, { keys }), part));

test("a draw is proved without its candidates, and there may be none", () => {
  assert.equal(judge(certify(factsWith({ draws: [createDraw(), createDraw()] }))), "holds");
});
