/** From a response to a certificate that outlives the network, and what a validator's lie costs. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { settlement, staking, verifier } from "@mira/api";
import {
  callUnary,
  createKeyPair,
  parseBaseUnits,
  parseUnixMs,
  unwrap,
  verifyCertificate,
  type Source,
} from "@mira/client";
import { createDevKey, VALIDATORS } from "@mira/localnet";
import { decodeAttestation, deriveValidatorId, encodeAttestation } from "@mira/primitives";
import { eventually } from "@mira/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { changeBytes, withForeignChecker } from "../../packages/certificate/test/foreign.fixture.ts";
import { assertEscrowHolds, assertRefused, useLocalnet } from "./localnet.fixture.ts";

const localnet = useLocalnet({ overrides: { verifier: { MIRA_COMMIT_TIME: "4s", MIRA_REVEAL_TIME: "2s" } } });
const EXAMPLES = new URL("../../examples/", import.meta.url);
const LIAR = "validator-2";
const { SUPPORTED, REFUTED, UNRESOLVED } = verifier.Verdict;

const NAMES = { [SUPPORTED]: "supported", [REFUTED]: "refuted", [UNRESOLVED]: "unresolved" } as const;

/** The certificate's file. */
let certified: { readonly certificate: string; readonly response: string };

test("the demo response is certified by three validators, and every sentence is accounted for", async () => {
  const response = await readFile(new URL("response.md", EXAMPLES), "utf8");
  const verification = await verify(response, await readSources());
  assert.ok(verification.claims.length >= 8);
  for (const { claim, attestations, verdict, confidence } of verification.claims) {
    assert.equal(attestations.length, VALIDATORS.length, claim?.text);
    assert.ok(verdict > 0 && confidence >= 0 && confidence <= 1);
    const written = claim?.pieces.map(({ piece }) =>
      piece?.$case === "span" ? response.slice(piece.value.start, piece.value.end) : piece?.value,
    );
    assert.equal(
      written?.join(""),
      claim?.text,
      "every word has its place in the response, or is a joining word",
    );
  }
  for (const verdict of [SUPPORTED, REFUTED])
    assert.ok(verification.claims.some((claim) => claim.verdict === verdict));
  const engineer = verification.claims.find(({ claim }) => claim?.text.includes("engineer"))?.claim;
  assert.match(engineer?.text ?? "", /^The Alder Bridge's engineer/, "it can be read alone");
  assert.equal(verification.decomposer?.id, "rules@1");
  assert.equal(verification.verdict, REFUTED, "all that it says is not so");
  for (const { kind, verdict, category } of verification.sentences) {
    assert.notEqual(category, "");
    assert.equal(verdict === verifier.Verdict.UNSPECIFIED, kind === verifier.SentenceKind.NOT_CHECKABLE);
  }
  const covered = verification.sentences.map(({ start, end }) => response.slice(start, end)).join("");
  assert.ok(covered.replaceAll(/\s/g, "").length >= response.replaceAll(/[\s-]/g, "").length * 0.95);
  const certificate = unwrap(await localnet.get().client.getCertificate(verification.certificateId));
  certified = { certificate, response };
});

for (const [sentence, verdict] of [
  ["17 × 23 = 391.", SUPPORTED],
  ["17 × 23 = 392.", REFUTED],
  ["15 % of 640 is 96.", SUPPORTED],
  ["15 % of 640 is 69.", REFUTED],
  ["5 km are 5,000 m.", SUPPORTED],
  ["20 July 1969 was a Sunday.", SUPPORTED],
  ["20 July 1969 was a Monday.", REFUTED],
  ["The Battle of Hastings was fought in 1066.", UNRESOLVED],
] as const)
  test(`a response nobody saw before: "${sentence}" is ${NAMES[verdict]}`, async () => {
    const { claims } = await verify(`${sentence}\n`);
    assert.deepEqual(
      claims.map((claim) => claim.verdict),
      [verdict],
    );
  });

test("the same request is the same verification; another text under its id is refused", async () => {
  const { client } = localnet.get();
  const requestId = randomUUID();
  const first = unwrap(await client.verifyResponse({ requestId, response: "2 + 2 = 4." }));
  assert.equal(unwrap(await client.verifyResponse({ requestId, response: "2 + 2 = 4." })), first);
  assertRefused(await client.verifyResponse({ requestId, response: "2 + 2 = 5." }), "REQUEST_ID_REUSED");
});

test("a validator that signs two verdicts on one claim is slashed, once, and is drawn no more", async () => {
  const { client } = localnet.get();
  const validatorId = deriveValidatorId(createDevKey(LIAR).publicKey);
  const [before, slashedBefore] = [await readUnits(`bond/${validatorId}`), await readUnits("slashed")];
  const evidence = createEvidence(validatorId);
  const submit = (request: staking.SubmitEvidenceRequest) =>
    callUnary(client.channels.staking, staking.StakingServiceService.submitEvidence, request);
  const weak = { ...evidence, second: evidence.first };
  assertRefused(await submit(weak), "EVIDENCE_INVALID");

  const { slash } = unwrap(await submit(evidence));
  const slashed = BigInt(slash?.slashedUnits ?? 0);
  assert.equal(slashed, before / 2n);
  await eventually(async () => assert.equal(await readUnits(`bond/${validatorId}`), before - slashed));
  assert.equal(await readUnits("slashed"), slashedBefore + slashed);
  assertRefused(await submit(evidence), "EVIDENCE_DUPLICATE");
  assertRefused(
    await submit({ ...evidence, first: evidence.second, second: evidence.first }),
    "EVIDENCE_DUPLICATE",
  );
  assert.equal(await readUnits("slashed"), slashedBefore + slashed, "once");

  const { validator } = unwrap(
    await callUnary(client.channels.staking, staking.StakingServiceService.getValidator, { validatorId }),
  );
  assert.equal(validator?.status, staking.ValidatorStatus.TOMBSTONED);
  assertRefused(
    await client.verifyResponse({ requestId: randomUUID(), response: "1 + 1 = 2." }),
    "COMMITTEE_TOO_SMALL",
  );
  // A newcomer fills the committee; it stays silent, and its little stake does not decide.
  const newcomer = {
    validatorKey: createKeyPair().publicKey,
    family: "newcomer",
    amountUnits: parseBaseUnits(100n * 10n ** 9n),
  };
  unwrap(await client.bond(createDevKey("alice"), newcomer));
  const verification = await verify("3 × 14 = 42.");
  const certificate = unwrap(await client.getCertificate(verification.certificateId));
  const { statement, signers } = unwrap(check(certificate));
  assert.equal(signers.length, 2, "one of three operators is silent; two are more than a third");
  const drawn = statement.predicate.committee.map((member) => member.validatorId);
  assert.equal(drawn.length, 3);
  assert.ok(!drawn.includes(validatorId) && drawn.includes(deriveValidatorId(newcomer.validatorKey)));
  assert.deepEqual(
    [verification.claims[0]?.verdict, verification.claims[0]?.attestations.length],
    [SUPPORTED, 2],
  );
  await assertEscrowHolds(client);
});

test("a certificate is signed by every validator, proved by the log, and its committee by its draw", () => {
  const { statement, signers, operators, logged } = unwrap(check(certified.certificate, certified.response));
  assert.deepEqual([signers.length, operators.length], [VALIDATORS.length, VALIDATORS.length]);
  assert.equal(logged.origin, `${localnet.get().network.networkId}/certificates`);
  const { draws, committee, sources, policy } = statement.predicate;
  assert.equal(draws[0]?.seats, VALIDATORS.length);
  assert.deepEqual([committee.length, sources.length], [VALIDATORS.length, 2]);
  assert.equal(policy.operatorsMin, 2);
});

test("a certificate is as its published schema says", async () => {
  const schema = JSON.parse(await readFile(new URL("../docs/certificate/schema.json", EXAMPLES), "utf8")) as {
    readonly $id: string;
  };
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  const isFile = ajv.compile(schema);
  const isStatement = ajv.compile({ $ref: `${schema.$id}#/$defs/statement` });
  const file = JSON.parse(certified.certificate) as { readonly dsse: { readonly payload: string } };
  assert.ok(isFile(file), ajv.errorsText(isFile.errors));
  const payload: unknown = JSON.parse(Buffer.from(file.dsse.payload, "base64").toString("utf8"));
  assert.ok(isStatement(payload), ajv.errorsText(isStatement.errors));
});

test("a certificate holds when the network is gone, and a byte changed anywhere is named", async () => {
  const { network, stop } = localnet.get();
  await stop();
  const { certificate, response } = certified;
  assert.ok(check(certificate, response, network).ok);
  assert.equal(partOf(check(certificate, `${response} `, network)), "statement.subject[0]");
  const bytes = Buffer.from(certificate);
  const counts = new Map<string, number>();
  for (const [at, changed] of changeBytes(bytes, { count: CHANGED_BYTES })) {
    const part = partOf(check(changed, response, network));
    assert.match(part, PARTS, `byte ${at}: ${certificate.slice(at - 20, at + 20)}`);
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  assert.ok((counts.get("envelope.payload") ?? 0) > CHANGED_BYTES / 2, "most of it is the payload");
  // Every byte of what follows the payload: each signature, and the proof.
  const from = certificate.indexOf('"payloadType"');
  for (const [at, changed] of changeBytes(bytes, { from, count: Math.ceil((bytes.length - from) / 3) }))
    assert.match(
      partOf(check(changed, response, network)),
      /^(?:file|envelope(?!\.payload$)|tlogProof)/,
      `byte ${at}`,
    );
});

for (const [tool, what] of [
  ["sh", "openssl and a shell verify its signatures"],
  ["python3", "Python checks the whole of it"],
  ["go", "Go's packages find it in the log"],
] as const)
  test(`with the network gone and nothing of ours, ${what}`, (context) => {
    const { networkId, logVerifierKey, certificateKey } = localnet.get().network;
    const { certificate } = certified;
    const bytes = Buffer.from(certificate);
    withForeignChecker(tool, { networkId, logVerifierKey, certificateKey }, context, (judge) => {
      const { holds, said } = judge(bytes);
      assert.ok(holds, said);
      for (const [at, changed] of changeBytes(bytes, { count: FOREIGN_BYTES }))
        // The shell does not look at the proof.
        if (tool !== "sh" || at < certificate.indexOf('"tlogProof"'))
          assert.equal(judge(changed).holds, false, `byte ${at}`);
    });
  });

const CHANGED_BYTES = 400;
const FOREIGN_BYTES = 24;
const PARTS =
  /^(?:file|envelope(?:\.(?:payload|payloadType|signatures(?:\[\d\](?:\.(?:keyid|sig))?)?))?|tlogProof\.[a-z.]+)$/;

function check(certificate: Uint8Array | string, response?: string, network = localnet.get().network) {
  const now = parseUnixMs(Date.now());
  return verifyCertificate(certificate, network, { now, ...(response === undefined ? {} : { response }) });
}

function partOf(result: ReturnType<typeof check>): string {
  return result.ok ? "nothing" : (result.details["part"] ?? "no part");
}

/** What the validator revealed for the demo, and the opposite, signed with the same key. */
function createEvidence(validatorId: string): staking.SubmitEvidenceRequest {
  const { claims } = unwrap(check(certified.certificate)).statement.predicate;
  const shown =
    claims[0]?.attestations.find((attestation) => attestation.validatorId === validatorId) ?? assert.fail();
  const revealed = {
    attestation: Buffer.from(shown.attestation, "base64"),
    signature: Buffer.from(shown.signature, "base64"),
  };
  const attestation = unwrap(decodeAttestation(revealed.attestation));
  const opposite = encodeAttestation({
    ...attestation,
    verdict: attestation.verdict === "supported" ? "refuted" : "supported",
  });
  return {
    validatorId,
    first: revealed,
    second: { attestation: opposite, signature: createDevKey(LIAR).sign(opposite) },
    reporter: createDevKey("carol").publicKey,
  };
}

async function verify(
  response: string,
  sources: readonly Source[] = [],
): Promise<verifier.GetVerificationResponse> {
  const { client } = localnet.get();
  const verificationId = unwrap(await client.verifyResponse({ requestId: randomUUID(), response, sources }));
  const verification = unwrap(
    await client.getVerification(verificationId, { wait: true, deadlineMs: 30_000 }),
  );
  assert.equal(verification.status, verifier.VerificationStatus.CERTIFIED);
  return verification;
}

async function readSources(): Promise<readonly Source[]> {
  const folder = new URL("sources/", EXAMPLES);
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => ({
      sourceId: name,
      title: name,
      text: await readFile(new URL(name, folder), "utf8"),
    })),
  );
}

async function readUnits(account: string): Promise<bigint> {
  const { posted } = unwrap(
    await callUnary(
      localnet.get().client.channels.settlement,
      settlement.SettlementServiceService.getBaseAccount,
      {
        account,
      },
    ),
  );
  return BigInt(posted);
}
