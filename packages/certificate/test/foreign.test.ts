/** Tools that are not ours come to the same answers: openssl, Python's standard library, and Go's transparency-log packages. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createStatement, withholdVerdicts, type Statement } from "@mira/certificate";
import { encodeBase58, encodeUtf8, type KeyPair } from "@mira/primitives";
import {
  AT,
  certify,
  certifyPayload,
  createFacts,
  RESPONSE,
  stranger,
  trust,
  validators,
} from "./certificate.fixture.ts";
import { changeBytes, withForeignChecker } from "./foreign.fixture.ts";

const [first, second, third] = validators as [KeyPair, KeyPair, KeyPair];
const whole = createStatement(createFacts());
const file = certify(whole);
const text = Buffer.from(file).toString("latin1");
const ENVELOPE_END = text.indexOf('\n"tlogProof"');
const BEFORE = new Date(AT + 1_000).toISOString();

test("openssl and a shell verify every signature, and count operators", (context) => {
  withForeignChecker("sh", trust, context, (check) => {
    assert.match(check(file).said, /HOLDS 2 operators signed/);
    assert.match(
      check(certify(whole, { signers: [first, second] })).said,
      /1 operators signed, 2 are needed/,
    );
    assert.equal(check(certify(whole, { signers: [second, third] })).holds, true);
    assert.equal(check(certify(withholdVerdicts(whole, "too few"), { signers: [] })).holds, true);
    assert.match(check(certify(whole, { network: stranger })).said, /the network's is missing/);
    assert.match(check(certify(whole, { signers: [...validators, stranger] })).said, /not in the committee/);
    for (const [at, changed] of changeBytes(file, { from: 2, to: ENVELOPE_END, count: 48 }))
      assert.equal(check(changed).holds, false, `byte ${at}: ${text.slice(at - 10, at + 10)}`);
  });
});

test("Go's packages find the envelope in the log", (context) => {
  withForeignChecker("go", trust, context, (check) => {
    assert.match(check(file).said, /HOLDS entry 10 of 13/);
    for (const [size, index] of [
      [1, 0],
      [2, 1],
      [9, 8],
      [64, 31],
    ] as const)
      assert.equal(check(certify(whole, { size, index })).holds, true, `${index} of ${size}`);
    assert.match(check(certify(whole, { key: stranger })).said, /checkpoint/);
    assert.match(check(certify(whole, { origin: "mira-test" })).said, /checkpoint/);
    for (const [at, changed] of changeBytes(file, { from: text.indexOf('"tlogProof'), count: 64 }))
      assert.equal(check(changed).holds, false, `byte ${at}: ${text.slice(at - 10, at + 10)}`);
    for (const [at, changed] of changeBytes(file, { count: 32 }))
      assert.equal(check(changed).holds, false, `byte ${at}: ${text.slice(at - 10, at + 10)}`);
  });
});

const expired: Statement = { ...whole, predicate: { ...whole.predicate, expiresAt: BEFORE } };

const FORGED: readonly (readonly [name: string, certificate: Uint8Array, said: RegExp])[] = [
  ["too few operators", certify(whole, { signers: [first, second] }), /1 operators signed/],
  ["a stranger's signature", certify(whole, { signers: [...validators, stranger] }), /not in the committee/],
  ["another log", certify(whole, { key: stranger }), /tlogProof.checkpoint/],
  [
    "a key twice",
    certifyPayload(encodeUtf8(JSON.stringify(whole).replace("{", '{"_type":"",'))),
    /stands twice/,
  ],
  [
    "another predicate",
    certifyPayload(encodeUtf8(JSON.stringify(whole).replace("verification/v1", "verification/v2"))),
    /predicateType/,
  ],
  [
    "another verdict",
    swap('"verdict":"supported","method"', '"verdict":"refuted","method"'),
    /claims\[0\].verdict: it does not follow/,
  ],
  [
    "an attestation shown otherwise",
    swap('"confidenceBps":9000', '"confidenceBps":9999'),
    /attestations\[0\]: its verdict/,
  ],
  ["another witness", swap("looked at", "made up"), /its evidence is not the signed one/],
  ["another joining word", swap('"insert":" "', '"insert":"not "'), /claims\[0\].pieces/],
  [
    "another verdict on a sentence",
    swap(
      '"part":{"kind":"claim","claim":1}},"verdict":"refuted"',
      '"part":{"kind":"claim","claim":1}},"verdict":"supported"',
    ),
    /sentences\[1\].verdict/,
  ],
  [
    "another structure",
    swap('"kind":"claim","claim":1', '"kind":"claim","claim":0'),
    /sentences\[1\].structure/,
  ],
  [
    "another verdict on the whole",
    swap('"verdict":"refuted","sentences"', '"verdict":"unresolved","sentences"'),
    /predicate.verdict/,
  ],
  ["another draw", swap('"attempt":0', '"attempt":1'), /draws\[0\]/],
  ["another policy", swap('"text":"{}"', '"text":"{ }"'), /policy/],
  ["an expired one", certify(expired), /expired/],
];

function swap(from: string, to: string): Uint8Array {
  const json = JSON.stringify(whole);
  assert.ok(json.includes(from));
  return certifyPayload(encodeUtf8(json.replace(from, to)));
}

test("Python checks the whole", (context) => {
  withForeignChecker("python3", trust, context, (check, directory) => {
    const response = join(directory, "response.md");
    writeFileSync(response, RESPONSE);
    assert.match(
      check(file, "--at", BEFORE, "--response", response).said,
      /HOLDS 2 operators signed, entry 10 of 13/,
    );
    assert.equal(
      check(certify(createStatement(createFacts(), { keepTexts: false })), "--at", BEFORE).holds,
      true,
    );
    assert.equal(
      check(
        certify(createStatement(createFacts(), { keepTexts: false })),
        "--at",
        BEFORE,
        "--response",
        response,
      ).holds,
      true,
    );
    const moved = swap('"pieces":[{"start":0,"end":1}', '"pieces":[{"start":2,"end":3}');
    assert.equal(check(moved, "--at", BEFORE).holds, true, "nothing to hold it against");
    assert.match(check(moved, "--at", BEFORE, "--response", response).said, /claims\[0\].pieces/);
    writeFileSync(response, `${RESPONSE} `);
    assert.match(check(file, "--at", BEFORE, "--response", response).said, /another response/);
    for (const [name, certificate, said] of FORGED)
      assert.match(check(certificate, "--at", BEFORE).said, said, name);
    for (const [at, changed] of changeBytes(file, { count: 64 }))
      assert.equal(
        check(changed, "--at", BEFORE).holds,
        false,
        `byte ${at}: ${text.slice(at - 10, at + 10)}`,
      );
  });
});

test("with another network's key, none of them believes it", (context) => {
  const other = { ...trust, certificateKey: encodeBase58(stranger.publicKey) };
  for (const tool of ["sh", "python3"] as const)
    withForeignChecker(tool, other, context, (check) => assert.equal(check(file).holds, false));
});
