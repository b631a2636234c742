/** One certificate has one text: envelopes, statements and proofs that others might read in two ways, or not look at, are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  certificateLogOrigin,
  createStatement,
  encodeEnvelope,
  encodePae,
  encodeStatement,
  formatCertificateFile,
  PAYLOAD_TYPE,
  signPayload,
} from "@mira/certificate";
import { encodeAttestation, encodeCommitments, encodeUtf8, type KeyPair } from "@mira/primitives";
import {
  certify,
  certifyPayload,
  createFacts,
  log,
  NETWORK,
  networkKey,
  stranger,
  trust,
  validators,
} from "./certificate.fixture.ts";
import { judge } from "./judge.fixture.ts";

const [first, , third] = validators as [KeyPair, KeyPair, KeyPair];
const whole = createStatement(createFacts());

test("nothing is parsed before the network's signature over it is verified", () => {
  const hostile = encodeUtf8("[".repeat(100_000));
  assert.equal(judge(certifyPayload(hostile)), "statement");
  const unsigned = {
    payload: hostile,
    signatures: [{ keyid: trust.certificateKey, sig: new Uint8Array(64) }],
  };
  const envelope = encodeEnvelope(unsigned);
  assert.equal(judge(formatCertificateFile({ envelope, proof: log(envelope) })), "envelope.payload");
});

test("a key id is a hint: what counts is the key that verifies, and a wrong hint is refused", () => {
  const payload = encodeStatement(whole);
  const [network, one, two] = [networkKey, first, third].map((key) => signPayload(payload, key));
  assert.ok(network && one && two);
  const signedBy = (...signatures: readonly (typeof network)[]): string => {
    const envelope = encodeEnvelope({ payload, signatures });
    return judge(formatCertificateFile({ envelope, proof: log(envelope) }));
  };
  assert.equal(signedBy(network, one, two), "holds");
  assert.equal(
    signedBy(network, one, { ...one, keyid: two.keyid }),
    "envelope.signatures[2].keyid",
    "one signature under two names is not two operators",
  );
  assert.equal(signedBy({ ...network, keyid: one.keyid }), "envelope.signatures[0].keyid");
  assert.equal(signedBy(one, two), "envelope.signatures", "the network's is missing");
  assert.equal(signedBy(network, one, signPayload(payload, stranger)), "envelope.signatures[2]");
  assert.equal(signedBy(network, one, { ...two, sig: new Uint8Array(64) }), "envelope.signatures[2].sig");
  assert.equal(signedBy({ ...network, sig: one.sig }, one, two), "envelope.signatures[0].sig");
  assert.throws(() => signedBy(network, one, one), /distinct signers/);
});

/** The file with its envelope's text changed, logged as changed. */
function relog(change: (text: string) => string): Uint8Array {
  const payload = encodeStatement(whole);
  const signatures = [networkKey, ...validators].map((key) => signPayload(payload, key));
  const envelope = encodeUtf8(change(Buffer.from(encodeEnvelope({ payload, signatures })).toString()));
  return formatCertificateFile({ envelope, proof: log(envelope) });
}

const ENVELOPES: readonly (readonly [name: string, change: (text: string) => string, part: RegExp])[] = [
  ["unchanged", (text) => text, /^holds$/],
  ["a space that means nothing", (text) => text.replace('":"', '": "'), /^envelope$/],
  ["another order", (text) => text.replace(/(\{)(.*?),("payloadType":".*?",)/, "$1$3$2,"), /^envelope$/],
  ["a key twice", (text) => text.replace("{", '{"payload":"",'), /^envelope/],
  ["a member more", (text) => text.replace("{", '{"more":1,'), /^envelope$/],
  ["another type", (text) => text.replace("in-toto+json", "in-toto+cbor"), /^envelope.payloadType$/],
  ["base64 without padding", (text) => text.replace(/==("},\{)/, "$1"), /^envelope.signatures\[0\].sig$/],
  ["base64 for URLs", (text) => text.replace(/"sig":"([^"]*?)[+/]/, '"sig":"$1-'), /sig$/],
  [
    "bits that are lost",
    (text) =>
      text.replace(
        /(.)==("\})/,
        (_, last: string, end: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==${end}`,
      ),
    /sig$/,
  ],
  [
    "a signer twice",
    (text) => text.replace(/("signatures":\[)(\{.*?\})/, "$1$2,$2"),
    /^envelope.signatures\[1\].keyid$/,
  ],
];
for (const [name, change, part] of ENVELOPES)
  test(`an envelope with ${name}`, () => assert.match(judge(relog(change)), part));

/** The payload as its network would sign it, changed as text. */
function sign(change: (json: string) => string): Uint8Array {
  return certifyPayload(encodeUtf8(change(JSON.stringify(whole))));
}

const PAYLOADS: readonly (readonly [name: string, change: (json: string) => string, part: string])[] = [
  [
    "a key twice",
    (json) => json.replace('"networkId":', '"networkId":"mira-other","networkId":'),
    "statement",
  ],
  ["a key twice, deep inside", (json) => json.replace('"checker":', '"checker":"x","checker":'), "statement"],
  [
    "a key twice, written otherwise",
    (json) => json.replace('"issuedAt":', '"issued\\u0041t":"x","issuedAt":'),
    "statement",
  ],
  ["another type", (json) => json.replace("Statement/v1", "Statement/v2"), "statement._type"],
  [
    "another predicate",
    (json) => json.replace("verification/v1", "verification/v2"),
    "statement.predicateType",
  ],
  [
    "an unknown member",
    (json) => json.replace('"policy":{', '"policy":{"more":1,'),
    "statement.predicate.policy",
  ],
  ["a member missing", (json) => json.replace(/"issuedAt":"[^"]*",/, ""), "statement.predicate.issuedAt"],
  [
    "a verdict of its own on a sentence",
    (json) => json.replace('"verdict":"supported"', '"verdict":"certain"'),
    "statement.predicate.sentences[0].verdict",
  ],
  [
    "a verdict of its own on a claim",
    (json) => json.replace(/("claims":\[.*?"verdict":)"supported"/, '$1"certain"'),
    "statement.predicate.claims[0].verdict",
  ],
  [
    "more confidence than there is",
    (json) => json.replace('"confidence":0.9', '"confidence":1.9'),
    "statement.predicate.claims[0].confidence",
  ],
  [
    "a digest in capitals",
    (json) => json.replace(/"sha256":"./, '"sha256":"A'),
    "statement.subject[0].digest.sha256",
  ],
  [
    "a number beyond 2^53",
    (json) => json.replace('"operatorsMin":2', '"operatorsMin":9007199254740993'),
    "statement",
  ],
  [
    "no quorum at all",
    (json) => json.replace('"operatorsMin":2', '"operatorsMin":0'),
    "statement.predicate.policy.operatorsMin",
  ],
  ["half a character", (json) => json.replace('"reason":""', '"reason":"\\ud800"'), "statement"],
  ["something after it", (json) => `${json} {}`, "statement"],
  ["bytes that are no text", (json) => json.replace("default@1", "\u0000"), "statement"],
];
for (const [name, change, part] of PAYLOADS)
  test(`a statement with ${name}`, () => assert.equal(judge(sign(change)), part));

test("a proof with data that nothing authenticates, or signatures that nobody can check, is refused", () => {
  const text = Buffer.from(certify()).toString();
  const extra = text.replace("\\nindex", "\\nextra AAAA\\nindex");
  assert.equal(judge(encodeUtf8(extra)), "tlogProof.extra");
  const line = text.slice(text.lastIndexOf("— "), text.lastIndexOf('"'));
  const witnessed = text.replace(
    line,
    `${line}${line.replace(certificateLogOrigin(NETWORK), "witness.example")}`,
  );
  assert.equal(judge(encodeUtf8(witnessed)), "tlogProof.checkpoint.signature");
  assert.equal(judge(encodeUtf8(text.replace(line, line + line))), "tlogProof.checkpoint.signature");
});

test("small logs: the only entry, the first, the last", () => {
  for (const [size, index] of [
    [1, 0],
    [2, 0],
    [2, 1],
    [8, 7],
    [9, 8],
  ] as const)
    assert.equal(judge(certify(whole, { size, index })), "holds", `${index} of ${size}`);
});

test("signatures are over DSSE's encoding, which is the start of no other message of these keys", () => {
  const example = encodePae("http://example.com/HelloWorld", encodeUtf8("hello world"));
  assert.equal(Buffer.from(example).toString(), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  const signed = encodePae(PAYLOAD_TYPE, encodeStatement(whole));
  const others = [
    encodeAttestation({
      networkId: NETWORK,
      verificationId: "v1",
      claimId: "c1",
      claimHash: new Uint8Array(32),
      validatorId: "v",
      verdict: "supported",
      confidenceBps: 1,
      evidenceHash: new Uint8Array(32),
    }),
    encodeCommitments(NETWORK, "v1", "v", []),
    encodeUtf8(`${certificateLogOrigin(NETWORK)}\n1\n`),
  ];
  for (const other of others) assert.notDeepEqual(other.subarray(0, 7), signed.subarray(0, 7));
  // A canonical message that began so would announce a domain tag of over a gigabyte.
  assert.ok(Buffer.from(signed).readUInt32BE(0) > 2 ** 30);
});
