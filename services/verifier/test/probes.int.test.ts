/** Probes on a real database: who may import them, what others are told and when, and how they look to those who are asked. */
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { events, verifier } from "@mira/api";
import { call } from "@mira/chassis";
import { hashLeaf, verifyInclusion } from "@mira/merkle";
import {
  decodeAttestation,
  describeProbeImport,
  encodeProbe,
  parseUnixMs,
  signIntent,
  unwrap,
  type KeyPair,
  type ProbeClaim,
} from "@mira/primitives";
import { useTestDatabase, type TestDatabase } from "@mira/testing";
import { askProbes, openRetired, retireLeaked } from "../src/workers/probes.ts";
import {
  attest,
  codeOf,
  NETWORK,
  open,
  openVerifier,
  PROBE_AUTHOR,
  toMember,
  VALIDATORS,
  type Verifier,
} from "./verifier.fixture.ts";

let database: TestDatabase;
before(async () => {
  database = await useTestDatabase();
});
after(() => database.close());

const truthOf = { supported: verifier.Verdict.SUPPORTED, refuted: verifier.Verdict.REFUTED } as const;
let sets = 0;
/** Other claims each time: a claim is a probe once. */
const makeProbes = (domain: string): readonly ProbeClaim[] => {
  sets++;
  return [
    { claim: `${sets} + 1 = ${sets + 1}.`, truth: "supported", domain },
    { claim: `${sets} + 1 = ${sets}.`, truth: "refuted", domain },
  ];
};

function importOf(
  { clock }: Verifier,
  probes: readonly ProbeClaim[],
  author: KeyPair = PROBE_AUTHOR,
): verifier.ImportProbesRequest {
  const intent = signIntent(
    {
      networkId: NETWORK,
      purpose: "probes.import",
      account: author.publicKey,
      epoch: 0,
      requestId: randomBytes(16),
      notAfter: parseUnixMs(clock.now() + 60_000),
      fields: describeProbeImport(probes),
    },
    author,
  );
  return { intent, probes: probes.map((probe) => ({ ...probe, truth: truthOf[probe.truth] })) };
}

const told = async ({ store }: Verifier, subject: string, id: string): Promise<Uint8Array[]> =>
  (await store.readOutbox({ afterPosition: 0n, limit: 10_000 }))
    .filter((message) => message.subject === subject && Buffer.from(message.payload).includes(id))
    .map(({ payload }) => payload);

async function loadOpened({ dependencies }: Verifier, verificationId: string) {
  const { state } = await dependencies.streams.load(verificationId);
  assert.ok(state.status !== "none");
  return state;
}

/** Everyone attests the same, and the verification is certified. */
async function attendAll(
  service: Verifier,
  verificationId: string,
  verdicts: readonly ("supported" | "refuted")[][],
) {
  const all = await Promise.all(
    VALIDATORS.map((validator, at) => attest(service, validator, verificationId, verdicts[at])),
  );
  for (const { commit } of all) unwrap(await call(service.client, "commitAttestations", commit));
  for (const { reveal } of all) unwrap(await call(service.client, "revealAttestations", reveal));
}

test("from import to opening: committed first, asked like any other, scored, retired after its uses, opened with its proof", async () => {
  await using service = await openVerifier(database.url);
  const claims = makeProbes("arithmetic");
  const { set } = unwrap(await call(service.client, "importProbes", importOf(service, claims)));
  assert.ok(set);
  assert.deepEqual([set.probes, set.active, set.opened], [2, 2, 0]);
  const [committed] = await told(service, "mira.verifier.probes.committed.v1", set.setId);
  assert.ok(committed);
  assert.deepEqual(events.ProbesCommitted.decode(committed).root, set.root);
  for (const { claim } of claims)
    assert.ok(!Buffer.from(committed).includes(claim), "what is told holds no claim");

  const real = unwrap(await open(service, "1 + 1 = 2. 2 + 2 = 5.")).verificationId;
  const state = await loadOpened(service, real);
  const like = {
    ...state,
    opened: { ...state.opened, terms: { ...state.opened.terms, domain: "arithmetic" } },
  };
  const uses: string[] = [];
  for (let use = 0; use < 2; use++) {
    const verificationId = await askProbes(like, service.probing);
    assert.ok(verificationId);
    uses.push(verificationId);
    await service.dependencies.advance(verificationId);
    const asked = await loadOpened(service, verificationId);
    assert.equal(asked.opened.claims.length, 2);
    const wanted = asked.opened.probes?.map(({ truth }) => truth) ?? [];
    const lie = wanted.map((truth) => (truth === "supported" ? "refuted" : "supported"));
    await attendAll(service, verificationId, [wanted, wanted, lie]);
    const [scored] = await told(service, "mira.verifier.probes.scored.v1", verificationId);
    assert.ok(scored);
    const scores = new Map(
      events.ProbesScored.decode(scored).scores.map(({ validatorId, passed, failed }) => [
        validatorId,
        [passed, failed],
      ]),
    );
    assert.deepEqual(
      VALIDATORS.map((validator) => scores.get(toMember(validator).validatorId)),
      [
        [2, 0],
        [2, 0],
        [0, 2],
      ],
    );
    assert.deepEqual(await told(service, "mira.verifier.attestations.scored.v1", verificationId), []);
  }
  assert.equal(await askProbes(like, service.probing), undefined, "used up");
  // Nobody signs the statement in this test: it is certified when the time to sign is over.
  service.clock.advance(60_000);
  await service.sweep();
  await openRetired(service.probing);
  const opened = (await told(service, "mira.verifier.probes.opened.v1", set.setId)).map((payload) =>
    events.ProbeOpened.decode(payload),
  );
  assert.equal(opened.length, 2);
  for (const { probe, index, treeSize, path, uses: all } of opened) {
    assert.ok(probe);
    const truth = probe.truth === verifier.Verdict.SUPPORTED ? "supported" : "refuted";
    assert.equal(claims.find(({ claim }) => claim === probe.claim)?.truth, truth);
    const leafHash = hashLeaf(encodeProbe({ ...probe, truth }));
    assert.ok(verifyInclusion({ leafHash, index, treeSize, path, root: set.root }));
    assert.deepEqual(all.map(({ verificationId }) => verificationId).sort(), [...uses].sort());
    for (const { answers } of all) {
      assert.equal(answers.length, 3);
      assert.ok(answers.every(({ attestation }) => decodeAttestation(attestation).ok));
    }
  }
});

test("a probe that a caller asks about has leaked: it is retired, and opened with no use", async () => {
  await using service = await openVerifier(database.url);
  const claims = makeProbes("leaks");
  const { set } = unwrap(await call(service.client, "importProbes", importOf(service, claims)));
  assert.ok(set);
  await retireLeaked([claims[0]?.claim ?? ""], service.probing);
  await openRetired(service.probing);
  const { sets: listed } = unwrap(await call(service.client, "listProbeSets", {}));
  const now = listed.find(({ setId }) => setId === set.setId);
  assert.deepEqual([now?.active, now?.opened], [1, 1]);
});

test("an import sent again is the same set; one claim is a probe once", async () => {
  await using service = await openVerifier(database.url);
  const claims = makeProbes("once");
  const request = importOf(service, claims);
  const first = unwrap(await call(service.client, "importProbes", request));
  assert.deepEqual(unwrap(await call(service.client, "importProbes", request)), first);
  assert.equal(
    codeOf(await call(service.client, "importProbes", importOf(service, claims))),
    "PROBE_INVALID",
  );
});

const [stranger] = VALIDATORS as [KeyPair];
const refusals: readonly (readonly [string, (service: Verifier) => verifier.ImportProbesRequest, string])[] =
  [
    [
      "no intent",
      (service) => ({ ...importOf(service, makeProbes("x")), intent: undefined }),
      "REQUEST_INVALID",
    ],
    ["no probes", (service) => importOf(service, []), "REQUEST_INVALID"],
    ["a stranger's", (service) => importOf(service, makeProbes("x"), stranger), "PROBES_FORBIDDEN"],
    [
      "other probes than were signed",
      (service) => ({
        ...importOf(service, makeProbes("x")),
        probes: importOf(service, makeProbes("x")).probes,
      }),
      "REQUEST_INVALID",
    ],
    [
      "a claim of two lines",
      (service) => importOf(service, [{ claim: "a\nb", truth: "supported", domain: "x" }]),
      "PROBE_INVALID",
    ],
    [
      "a domain that is no word",
      (service) => importOf(service, [{ claim: "a", truth: "supported", domain: "x y" }]),
      "PROBE_INVALID",
    ],
    [
      "a truth that is none",
      (service) => {
        const request = importOf(service, makeProbes("x"));
        return {
          ...request,
          probes: request.probes.map((probe) => ({ ...probe, truth: verifier.Verdict.UNRESOLVED })),
        };
      },
      "PROBE_INVALID",
    ],
  ];
for (const [name, request, code] of refusals)
  test(`probes are refused: ${name}`, async () => {
    await using service = await openVerifier(database.url);
    assert.equal(codeOf(await call(service.client, "importProbes", request(service))), code);
  });
