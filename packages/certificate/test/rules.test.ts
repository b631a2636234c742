/** What a certificate that its network signed and logged may still not be: each rule by a certificate that breaks it alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createStatement,
  encodeStatement,
  refuseStatement,
  verifyCertificate,
  withholdVerdicts,
  type CertificateTrust,
  type Statement,
  type StatementFacts,
  type VerificationPredicate,
} from "@mira/certificate";
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
  assert.equal(judge(certify(claimWith({ verdict: "unresolved", confidence: 0 }))), "holds");
  const facts = createFacts();
  const swapped = facts.claims.map((claim, at) =>
    at === 0 ? { ...claim, attestations: validators.map((one) => attest(one, 1, "supported")) } : claim,
  );
  assert.equal(judge(certify(factsWith({ claims: swapped }))), `${CLAIM}.attestations[0]`);
});

test("a private certificate keeps digests only, and holds", () => {
  const hidden = createStatement(createFacts(), { keepTexts: false });
  assert.ok(!JSON.stringify(hidden).includes("Água"));
  assert.equal(judge(certify(hidden), { checks: { response: RESPONSE } }), "holds");
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
