/** A verification from response to certificate over real gRPC, with validators by hand: who sees what, who may say what, and when. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { events, verifier } from "@mira/api";
import { call, stream } from "@mira/chassis";
import { decodeEnvelope, decodeStatement, refuseStatement, signPayload } from "@mira/certificate";
import { digestTerms, drawFixed } from "@mira/committee";
import {
  createKeyPair,
  deriveValidatorId,
  encodeBase58,
  parseBaseUnits,
  RefusalError,
  sha256,
  unwrap,
  type KeyPair,
} from "@mira/primitives";
import { eventually, useTestDatabase, type TestDatabase } from "@mira/testing";
import {
  ANY_POLICY,
  attest,
  codeOf,
  COMMIT_MS,
  hello,
  NETWORK,
  NETWORK_KEY,
  open,
  openFor,
  openVerifier,
  RESPONSE,
  REVEAL_MS,
  SIGN_MS,
  signAll,
  toMember,
  VALIDATORS,
  watch,
  type Attested,
  type Verifier,
} from "./verifier.fixture.ts";

const [one, two, three] = VALIDATORS as [KeyPair, KeyPair, KeyPair];
let database: TestDatabase;
before(async () => {
  database = await useTestDatabase();
});
after(() => database.close());

/** Resolves when the committee is drawn. */
async function start(service: Verifier, response = RESPONSE): Promise<string> {
  const { verificationId } = unwrap(await open(service, response));
  await service.dependencies.advance(verificationId);
  return verificationId;
}

async function get({ client }: Verifier, verificationId: string, wait = false) {
  return unwrap(await call(client, "getVerification", { verificationId, wait }));
}

async function commitAll(
  service: Verifier,
  verificationId: string,
  validators = VALIDATORS,
): Promise<Attested[]> {
  const all: Attested[] = [];
  for (const validator of validators) {
    const attested = await attest(service, validator, verificationId);
    unwrap(await call(service.client, "commitAttestations", attested.commit));
    all.push(attested);
  }
  return all;
}

async function revealAll({ client }: Verifier, all: readonly Attested[]): Promise<void> {
  for (const { reveal } of all) unwrap(await call(client, "revealAttestations", reveal));
}

/** Everyone reveals, and signs what comes of it. */
async function finish(service: Verifier, all: readonly Attested[]): Promise<void> {
  await revealAll(service, all);
  const [first] = all;
  const validators = all.map(({ validator }) => validator);
  await signAll(service, first?.commit.verificationId ?? "", validators);
}

test("from response to certificate: committed, revealed, certified, and nothing shown before", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  const opened = await get(service, verificationId);
  assert.equal(opened.status, verifier.VerificationStatus.COMMITTING);
  const all = await commitAll(service, verificationId);
  const revealing = await get(service, verificationId);
  assert.equal(revealing.status, verifier.VerificationStatus.REVEALING);
  await revealAll(service, all.slice(0, 2));
  assert.deepEqual(
    (await get(service, verificationId)).claims,
    [],
    "a look tells those who have not revealed nothing",
  );
  await revealAll(service, all.slice(2));
  const signing = await get(service, verificationId);
  assert.deepEqual([signing.status, signing.claims], [verifier.VerificationStatus.SIGNING, []]);
  await signAll(service, verificationId, VALIDATORS);

  const certified = await get(service, verificationId, true);
  assert.deepEqual(
    certified.claims.map(({ claim, verdict }) => [claim?.text, verdict]),
    [
      ["12 % of 250 is 30", verifier.Verdict.SUPPORTED],
      ["7 times 8 is 54", verifier.Verdict.REFUTED],
    ],
  );
  const { certificate } = unwrap(
    await call(service.client, "getCertificate", { certificateId: certified.certificateId }),
  );
  assert.ok(certificate);
  assert.equal(certificate.certificateId, encodeBase58(sha256(certificate.envelope)));
  assert.equal(certificate.tlogProof, `a proof of ${certificate.certificateId}`);
  const { payload, signatures } = unwrap(decodeEnvelope(certificate.envelope));
  const keyids = [NETWORK_KEY, ...VALIDATORS].map((key) => signPayload(payload, key).keyid);
  assert.deepEqual(signatures.map(({ keyid }) => keyid).sort(), keyids.sort());
  assert.deepEqual(signatures[0], signPayload(payload, NETWORK_KEY), "the network's comes first");
  const { predicate } = unwrap(decodeStatement(payload));
  assert.equal(refuseStatement(unwrap(decodeStatement(payload)), NETWORK), undefined);
  assert.deepEqual([predicate.committee.length, predicate.policy.operatorsMin], [3, 2]);
  const [message, ...more] = (await service.store.readOutbox({ afterPosition: 0n, limit: 1_000 })).filter(
    ({ payload }) => Buffer.from(payload).includes(certified.certificateId),
  );
  assert.equal(message?.subject, "mira.verifier.certificate.issued.v1");
  assert.deepEqual(more, []);
});

test("a certificate's bytes stay the same for every reader and across a restart", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  await finish(service, await commitAll(service, verificationId));
  const { certificateId } = await get(service, verificationId, true);
  const first = unwrap(await call(service.client, "getCertificate", { certificateId })).certificate;
  service.clock.advance(86_400_000);
  await service.sweep();
  await using restarted = await openVerifier(database.url);
  const second = unwrap(await call(restarted.client, "getCertificate", { certificateId })).certificate;
  assert.deepEqual(second?.envelope, first?.envelope);
  assert.ok(first);
});

test("a restart in the middle loses no commitment: what was committed before it is revealed after it", async () => {
  const service = await openVerifier(database.url);
  const verificationId = await start(service);
  const early = await commitAll(service, verificationId, [one]);
  await service[Symbol.asyncDispose]();
  await using restarted = await openVerifier(database.url, { clock: service.clock });
  const late = await commitAll(restarted, verificationId, [two, three]);
  await finish(restarted, [...early, ...late]);
  assert.equal((await get(restarted, verificationId)).status, verifier.VerificationStatus.CERTIFIED);
});

test("a wait ends at once when the certificate is there, and at the certificate when it comes", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  const all = await commitAll(service, verificationId);
  const waiting = get(service, verificationId, true);
  await finish(service, all);
  assert.equal((await waiting).status, verifier.VerificationStatus.CERTIFIED);
  const startedAt = performance.now();
  await get(service, verificationId, true);
  assert.ok(performance.now() - startedAt < 900, "no step of waiting went by");
});

test("a wait whose deadline comes first answers with what is there", async () => {
  await using service = await openVerifier(database.url);
  // Deadlines of calls are real time.
  Object.assign(service.clock, { now: () => Date.now() });
  const verificationId = await start(service);
  const request = { verificationId, wait: true };
  const answer = unwrap(await call(service.client, "getVerification", request, { deadlineMs: 600 }));
  assert.equal(answer.status, verifier.VerificationStatus.COMMITTING);
});

test("those who stay silent are waited for until the deadline, and no longer", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  const [first, second] = await commitAll(service, verificationId, [one, two]);
  assert.ok(first && second);
  service.clock.advance(COMMIT_MS - 1);
  await service.sweep();
  assert.equal((await get(service, verificationId)).status, verifier.VerificationStatus.COMMITTING);
  assert.equal(codeOf(await call(service.client, "revealAttestations", first.reveal)), "REVEAL_NOT_OPEN");
  service.clock.advance(1);
  const { commit } = await attest(service, three, verificationId);
  assert.equal(codeOf(await call(service.client, "commitAttestations", commit)), "COMMIT_CLOSED");
  await service.sweep();
  assert.equal((await get(service, verificationId)).status, verifier.VerificationStatus.REVEALING);
  await revealAll(service, [first]);
  service.clock.advance(REVEAL_MS - 1);
  await service.sweep();
  assert.equal((await get(service, verificationId)).status, verifier.VerificationStatus.REVEALING);
  service.clock.advance(1);
  assert.equal(codeOf(await call(service.client, "revealAttestations", second.reveal)), "REVEAL_NOT_OPEN");
  await service.sweep();
  service.clock.advance(SIGN_MS - 1);
  await service.sweep();
  assert.equal((await get(service, verificationId)).status, verifier.VerificationStatus.SIGNING);
  service.clock.advance(1);
  await service.sweep();
  const { status, claims } = await get(service, verificationId);
  assert.equal(status, verifier.VerificationStatus.CERTIFIED);
  assert.deepEqual(
    claims.map(({ verdict, attestations }) => [verdict, attestations.length]),
    [
      [verifier.Verdict.UNRESOLVED, 1],
      [verifier.Verdict.UNRESOLVED, 1],
    ],
    "one of three is no committee",
  );
});

test("too few signatures withhold the verdicts: the network alone says that nothing is decided", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  await revealAll(service, await commitAll(service, verificationId));
  await signAll(service, verificationId, [one]);
  service.clock.advance(SIGN_MS);
  await service.sweep();
  const { status, claims, certificateId } = await get(service, verificationId);
  assert.equal(status, verifier.VerificationStatus.CERTIFIED);
  for (const { verdict, reason } of claims) {
    assert.equal(verdict, verifier.Verdict.UNRESOLVED);
    assert.match(reason, /1 operators of 2 needed/);
  }
  const { certificate } = unwrap(await call(service.client, "getCertificate", { certificateId }));
  const { payload, signatures } = unwrap(decodeEnvelope(certificate?.envelope ?? new Uint8Array()));
  assert.deepEqual(signatures, [signPayload(payload, NETWORK_KEY)]);
  const { predicate } = unwrap(decodeStatement(payload));
  assert.match(predicate.withheld ?? "", /too few validators signed/);
});

test("two of three signatures are enough, and a third that comes late is refused", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  await revealAll(service, await commitAll(service, verificationId));
  await signAll(service, verificationId, [one, two]);
  service.clock.advance(SIGN_MS);
  const late = {
    verificationId,
    validatorId: deriveValidatorId(three.publicKey),
    signature: new Uint8Array(64),
  };
  assert.equal(codeOf(await call(service.client, "signStatement", late)), "SIGNING_CLOSED");
  await service.sweep();
  const { claims, certificateId } = await get(service, verificationId);
  assert.deepEqual(
    claims.map(({ verdict }) => verdict),
    [verifier.Verdict.SUPPORTED, verifier.Verdict.REFUTED],
  );
  const { certificate } = unwrap(await call(service.client, "getCertificate", { certificateId }));
  const { signatures } = unwrap(decodeEnvelope(certificate?.envelope ?? new Uint8Array()));
  assert.equal(signatures.length, 3);
});

test("when nobody commits the certificate says that nothing is known", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  service.clock.advance(COMMIT_MS);
  await service.sweep();
  await service.sweep();
  const { status, claims } = await get(service, verificationId);
  assert.equal(status, verifier.VerificationStatus.CERTIFIED);
  assert.ok(claims.every(({ verdict }) => verdict === verifier.Verdict.UNRESOLVED));
});

test("one verification that cannot be moved on holds up no other", async () => {
  await using service = await openVerifier(database.url);
  const broken = await start(service);
  const healthy = await start(service);
  service.clock.advance(COMMIT_MS);
  const { load } = service.dependencies.streams;
  Object.assign(service.dependencies.streams, {
    load: (id: string) => (id === broken ? Promise.reject(new Error("unreadable")) : load(id)),
  });
  assert.equal((await service.sweep()).length, 1);
  assert.equal((await get(service, healthy)).status, verifier.VerificationStatus.CERTIFIED);
});

test("a stream shows its validator what to commit, to reveal and to sign, and only that", async () => {
  await using service = await openVerifier(database.url);
  const watching = watch(service, one);
  const outsider = watch(service, createKeyPair(new Uint8Array(32).fill(77)));
  const verificationId = await start(service);
  await eventually(() => assert.ok(watching.seen.includes(`commit ${verificationId}`)));
  const all = await commitAll(service, verificationId);
  await eventually(() => assert.ok(watching.seen.includes(`reveal ${verificationId}`)));
  await revealAll(service, all);
  await eventually(() => assert.ok(watching.seen.includes(`sign ${verificationId}`)));
  await signAll(service, verificationId, VALIDATORS);
  await watching.stop();
  assert.deepEqual(
    watching.seen.filter((task) => task.endsWith(verificationId)),
    [`commit ${verificationId}`, `reveal ${verificationId}`, `sign ${verificationId}`],
  );
  assert.deepEqual(outsider.seen, []);
  await outsider.stop();
});

test("what was not done is sent again after a reconnect, and after each heartbeat", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  for (let connection = 0; connection < 2; connection++) {
    const watching = watch(service, two);
    await eventually(() => assert.ok(watching.seen.includes(`commit ${verificationId}`)));
    await watching.stop();
  }
  const watching = watch(service, two);
  await eventually(() => assert.ok(watching.seen.length > 0));
  service.clock.advance(5_000);
  service.dependencies.bell.ring(verificationId);
  await eventually(() => assert.ok(watching.seen.includes("heartbeat")));
  service.dependencies.bell.ring(verificationId);
  await eventually(() =>
    assert.equal(watching.seen.filter((task) => task === `commit ${verificationId}`).length, 2),
  );
  await watching.stop();
});

test("a change between a look and a wait is not slept through", async () => {
  await using service = await openVerifier(database.url);
  const { bell } = service.dependencies;
  const ear = bell.listen("v");
  bell.ring("v");
  const startedAt = performance.now();
  await ear.wait({ timeoutMs: 5_000, signal: AbortSignal.timeout(5_000) });
  assert.ok(performance.now() - startedAt < 1_000);
  bell.ring("another");
  await ear.wait({ timeoutMs: 20, signal: AbortSignal.timeout(5_000) });
  assert.ok(performance.now() - startedAt >= 15, "another's ring does not wake it");
  ear.close();
});

test("a committee is drawn from the directory by the checkpoint, heavier stake more often", async () => {
  const rich = createKeyPair(new Uint8Array(32).fill(50));
  const bonded = [
    { ...toMember(rich), stake: parseBaseUnits(1_000_000n) },
    ...Array.from({ length: 8 }, (_, at) => toMember(createKeyPair(new Uint8Array(32).fill(60 + at)))),
  ];
  const committees = new Set<string>();
  for (const checkpoint of ["first", "second", "third", "fourth"]) {
    await using service = await openVerifier(database.url, { bonded, checkpoint });
    const { draws } = unwrap(
      await call(service.client, "getDraws", { verificationId: await start(service) }),
    );
    const drawn = draws[0]?.drawn ?? [];
    assert.equal(new Set(drawn).size, 3);
    assert.ok(drawn.includes(toMember(rich).validatorId));
    committees.add(drawn.join());
  }
  assert.ok(committees.size > 1);
});

test("one request is one verification, sent again or twice at once; the id for another response is refused", async () => {
  await using service = await openVerifier(database.url);
  const answers = await Promise.all([1, 2, 3].map(() => open(service, RESPONSE, "same")));
  answers.push(await open(service, RESPONSE, "same"));
  assert.equal(new Set(answers.map((answer) => unwrap(answer).verificationId)).size, 1);
  assert.equal(codeOf(await open(service, `${RESPONSE} Or not.`, "same")), "REQUEST_ID_REUSED");
});

test("a draw can be repeated by whoever asks for it, and nothing of it is told before it has taken place", async () => {
  await using service = await openVerifier(database.url);
  const { auditLog } = service.dependencies;
  const { findFixed } = auditLog;
  Object.assign(auditLog, { findFixed: () => Promise.resolve(undefined) });
  const verificationId = await start(service);
  const read = async () => unwrap(await call(service.client, "getDraws", { verificationId })).draws;
  assert.equal((await get(service, verificationId)).status, verifier.VerificationStatus.DRAWING);
  assert.deepEqual(await read(), []);
  const told = (await service.store.readOutbox({ afterPosition: 0n, limit: 1_000 })).filter(({ payload }) =>
    Buffer.from(payload).includes(verificationId),
  );
  assert.deepEqual(
    told.map(({ subject }) => subject),
    ["mira.verifier.draw.fixed.v1"],
  );
  Object.assign(auditLog, { findFixed });
  await service.sweep();
  const [draw] = await read();
  assert.ok(draw?.terms && draw.fixed);
  const fixed = digestTerms({ networkId: NETWORK, verificationId, ...draw.terms });
  assert.ok(told.every(({ payload }) => Buffer.from(payload).includes(Buffer.from(fixed))));
  const candidates = draw.candidates.map(({ stakeUnits, ...one }) => ({ ...one, stake: BigInt(stakeUnits) }));
  const terms = { networkId: NETWORK, verificationId, ...draw.terms };
  const drawn = drawFixed({
    terms,
    candidates,
    seated: [],
    nonce: draw.nonce,
    checkpoint: draw.fixed.checkpoint,
  });
  assert.deepEqual(
    drawn.map(({ validatorId }) => validatorId),
    draw.drawn,
  );
});

test("undecided claims are asked of a wider committee, and what it did not do is told to staking", async () => {
  const more = Array.from({ length: 9 }, (_, at) => createKeyPair(new Uint8Array(32).fill(100 + at)));
  await using service = await openVerifier(database.url, { bonded: more.map(toMember) });
  const verificationId = await start(service);
  const seated = async () =>
    unwrap(await call(service.client, "getDraws", { verificationId })).draws.at(-1)?.drawn ?? [];
  const first = await seated();
  const keyOf = (id: string) => more.find((key) => toMember(key).validatorId === id);
  for (const id of first) {
    const key = keyOf(id) ?? assert.fail();
    const { commit } = await attest(service, key, verificationId, ["unresolved", "refuted"]);
    unwrap(await call(service.client, "commitAttestations", commit));
  }
  service.clock.advance(COMMIT_MS + REVEAL_MS);
  await service.sweep();
  const second = await seated();
  assert.equal(second.length, 4, "seven in all");
  assert.ok(second.every((id) => !first.includes(id)));
  const faults = (await service.store.readOutbox({ afterPosition: 0n, limit: 10_000 }))
    .filter(({ subject }) => subject === "mira.verifier.faults.found.v1")
    .map(({ payload }) => events.FaultsFound.decode(payload))
    .find((found) => found.verificationId === verificationId);
  assert.deepEqual(
    faults?.faults.map(({ validatorId, kind }) => [validatorId, kind]),
    first.map((id) => [id, "reveal-missing"]),
  );
});

test("too few bonded validators draw no committee", async () => {
  await using service = await openVerifier(database.url, { bonded: [toMember(one), toMember(two)] });
  assert.equal(codeOf(await open(service)), "COMMITTEE_TOO_SMALL");
});

const requests: readonly (readonly [string, Partial<verifier.VerifyResponseRequest>, string])[] = [
  ["a response of nothing", { response: " \n " }, "RESPONSE_EMPTY"],
  ["a response over 256 KiB", { response: "a".repeat(256 * 1024 + 1) }, "RESPONSE_TOO_LARGE"],
  ["an empty request id", { requestId: "" }, "REQUEST_INVALID"],
  ["a request id with a space", { requestId: "a b" }, "REQUEST_INVALID"],
  ["a policy that is not there", { policy: "lax" }, "POLICY_UNKNOWN"],
  ["a domain that is no word", { domain: "a b" }, "REQUEST_INVALID"],
  ["a value that is no number", { valueAtStakeUnits: "1e9" }, "REQUEST_INVALID"],
  [
    "too many sources",
    { sources: Array.from({ length: 33 }, (_, at) => ({ sourceId: `s${at}`, title: "", text: "" })) },
    "RESPONSE_TOO_LARGE",
  ],
];
for (const [name, change, code] of requests)
  test(`refused: ${name}`, async () => {
    await using service = await openVerifier(database.url);
    const request = { ...ANY_POLICY, requestId: "r", response: RESPONSE, sources: [], ...change };
    assert.equal(codeOf(await openFor(service, request)), code);
  });

test("refused: attestations of strangers, of others, changed ones, and reveals of what was not committed", async () => {
  await using service = await openVerifier(database.url);
  const { client } = service;
  const verificationId = await start(service);
  const stranger = createKeyPair(new Uint8Array(32).fill(88));
  const commit = async (change: Partial<verifier.CommitAttestationsRequest>, key = one) =>
    codeOf(
      await call(client, "commitAttestations", {
        ...(await attest(service, key, verificationId)).commit,
        ...change,
      }),
    );
  assert.equal(await commit({}, stranger), "NOT_IN_COMMITTEE");
  assert.equal(await commit({ signature: new Uint8Array(64) }), "ATTESTATION_INVALID");
  assert.equal(await commit({ commitments: [] }), "REQUEST_INVALID");
  assert.equal(
    await commit({ commitments: [{ claimId: "c1", commitment: new Uint8Array(3) }] }),
    "REQUEST_INVALID",
  );
  assert.equal(await commit({ verificationId: "none" }), "NOT_FOUND");
  const [mine] = await commitAll(service, verificationId);
  assert.ok(mine);
  assert.equal(codeOf(await call(client, "commitAttestations", mine.commit)), "COMMIT_CLOSED");
  const other = await attest(service, one, verificationId, ["refuted", "refuted"]);
  assert.equal(codeOf(await call(client, "revealAttestations", other.reveal)), "REVEAL_MISMATCH");
  const reveal = { ...mine.reveal, reveals: mine.reveal.reveals.map((item) => ({ ...item, evidence: [] })) };
  assert.equal(codeOf(await call(client, "revealAttestations", reveal)), "ATTESTATION_INVALID");
  assert.equal(codeOf(await call(client, "revealAttestations", mine.reveal)), "accepted");
  assert.equal(codeOf(await call(client, "revealAttestations", mine.reveal)), "accepted", "sent again");
});

test("refused: a commitment changed while others may still commit", async () => {
  await using service = await openVerifier(database.url);
  const verificationId = await start(service);
  await commitAll(service, verificationId, [one]);
  const { commit } = await attest(service, one, verificationId, ["refuted", "refuted"]);
  assert.equal(codeOf(await call(service.client, "commitAttestations", commit)), "CONCURRENT_CHANGE");
});

test("refused: a stream in another validator's name, with a stale hello, or with none", async () => {
  await using service = await openVerifier(database.url);
  const refusalOf = async (request: verifier.WatchAssignmentsRequest): Promise<string> => {
    try {
      for await (const message of stream(service.client, "watchAssignments", request)) return typeof message;
      return "ended";
    } catch (error) {
      return error instanceof RefusalError ? error.refusal.code : "thrown";
    }
  };
  assert.equal(await refusalOf({ hello: undefined }), "REQUEST_INVALID");
  assert.equal(await refusalOf(hello(service, one, two.publicKey)), "INTENT_SIGNATURE_INVALID");
  const stale = hello(service, one);
  service.clock.advance(60_000);
  assert.equal(await refusalOf(stale), "INTENT_EXPIRED");
});
