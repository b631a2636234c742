/** From a response to a certificate that outlives the network, and what a validator's lie costs. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { settlement, staking, verifier } from "@mira/api";
import {
  callUnary,
  createKeyPair,
  formatCertificate,
  parseBaseUnits,
  parseCertificate,
  unwrap,
  verifyCertificate,
  type Source,
} from "@mira/client";
import { createDevKey, VALIDATORS } from "@mira/localnet";
import { decodeAttestation, deriveValidatorId, encodeAttestation } from "@mira/primitives";
import { eventually } from "@mira/testing";
import { assertEscrowHolds, assertRefused, useLocalnet } from "./localnet.fixture.ts";

const localnet = useLocalnet({ overrides: { verifier: { MIRA_COMMIT_TIME: "4s", MIRA_REVEAL_TIME: "2s" } } });
const EXAMPLES = new URL("../../examples/", import.meta.url);
const LIAR = "validator-2";
const { SUPPORTED, REFUTED, UNRESOLVED } = verifier.Verdict;

const NAMES = { [SUPPORTED]: "supported", [REFUTED]: "refuted", [UNRESOLVED]: "unresolved" } as const;

let certified: { readonly certificate: verifier.Certificate; readonly response: string };

test("the demo response is certified by three validators, and every sentence is accounted for", async () => {
  const response = await readFile(new URL("response.md", EXAMPLES), "utf8");
  const verification = await verify(response, await readSources());
  assert.ok(verification.claims.length >= 8);
  for (const { claim, attestations, verdict, confidence } of verification.claims) {
    assert.equal(attestations.length, VALIDATORS.length, claim?.text);
    assert.ok(verdict > 0 && confidence >= 0 && confidence <= 1);
    assert.equal(response.slice(claim?.start, claim?.end), claim?.text);
  }
  for (const verdict of [SUPPORTED, REFUTED])
    assert.ok(verification.claims.some((claim) => claim.verdict === verdict));
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
  const body = verifier.CertificateBody.decode(
    unwrap(await client.getCertificate(verification.certificateId)).body,
  );
  const drawn = body.committee.map((member) => member.validatorId);
  assert.equal(drawn.length, 3);
  assert.ok(!drawn.includes(validatorId) && drawn.includes(deriveValidatorId(newcomer.validatorKey)));
  assert.deepEqual(
    [verification.claims[0]?.verdict, verification.claims[0]?.attestations.length],
    [SUPPORTED, 2],
  );
  await assertEscrowHolds(client);
});

test("a certificate holds when the network is gone, and fails for a byte changed anywhere", async () => {
  const { network, stop } = localnet.get();
  await stop();
  const { response } = certified;
  const text = formatCertificate(certified.certificate);
  const check = (changed: string, of = response): boolean => {
    const parsed = parseCertificate(changed);
    return parsed.ok && verifyCertificate(parsed.value, network, of).ok;
  };
  assert.equal(check(text), true);
  assert.equal(check(text, `${response} `), false);
  const bytes = Buffer.from(text);
  const perField = 40;
  for (const [start, end] of fieldsOf(text)) {
    const step = Math.max(1, Math.floor((end - start) / perField));
    for (let at = start; at < end; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(check(changed.toString()), false, `byte ${at}: ${text.slice(at - 20, at + 20)}`);
    }
  }
});

/** Where each line of the certificate's file begins and ends: one field to a line. */
function fieldsOf(text: string): (readonly [start: number, end: number])[] {
  let at = 0;
  return text.split("\n").map((line) => {
    const start = at;
    at += line.length + 1;
    return [start, start + line.length] as const;
  });
}

/** What the validator revealed for the demo, and the opposite, signed with the same key. */
function createEvidence(validatorId: string): staking.SubmitEvidenceRequest {
  const { claims } = verifier.CertificateBody.decode(certified.certificate.body);
  const revealed =
    claims[0]?.attestations.find((attestation) => attestation.validatorId === validatorId) ?? assert.fail();
  const attestation = unwrap(decodeAttestation(revealed.attestation));
  const opposite = encodeAttestation({
    ...attestation,
    verdict: attestation.verdict === "supported" ? "refuted" : "supported",
  });
  return {
    validatorId,
    first: { attestation: revealed.attestation, signature: revealed.signature },
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
