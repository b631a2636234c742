/** Staking on a real database: value follows events, each duty moves it once whatever crashes, and no fault is punished twice. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { events, settlement, staking } from "@mira/api";
import { call } from "@mira/chassis";
import {
  deriveValidatorId,
  encodeBase58,
  encodeHex,
  unwrap,
  type KeyPair,
  type RefusalCode,
  type Result,
} from "@mira/primitives";
import { FakeClock, useTestDatabase, type TestDatabase } from "@mira/testing";
import { reactToAttestationsScored } from "../src/reactors/attestations-scored.ts";
import { reactToFaultsFound } from "../src/reactors/faults-found.ts";
import { addToStanding } from "../src/store/standings.ts";
import { carryOutDue } from "../src/workers/duties.ts";
import {
  createValidatorKey,
  equivocate,
  LedgerStandIn,
  openStaking,
  operator,
  sign,
  signBond,
  signUnbond,
  START,
  stranger,
  UNBONDING_MS,
  type Staking,
} from "./staking.fixture.ts";

const OWNER = `owner/${encodeBase58(operator.publicKey)}`;
let database: TestDatabase;
let ledger: LedgerStandIn;
let service: Staking;
before(async () => {
  database = await useTestDatabase();
  ledger = new LedgerStandIn();
  ledger.fund(OWNER, 1_000_000n);
  service = await openStaking(database.url, ledger);
});
after(async () => {
  await service[Symbol.asyncDispose]();
  await database.close();
});

const idOf = (key: KeyPair): string => deriveValidatorId(key.publicKey);
const bondAccount = (key: KeyPair): string => `bond/${idOf(key)}`;

async function bond(amount = 1_000n, of: Staking = service): Promise<KeyPair> {
  const key = createValidatorKey();
  unwrap(await call(of.client, "bond", { intent: signBond(key.publicKey, amount) }));
  return key;
}

async function read(key: KeyPair, of: Staking = service): Promise<staking.Validator> {
  const { validator } = unwrap(await call(of.client, "getValidator", { validatorId: idOf(key) }));
  assert.ok(validator);
  return validator;
}

async function listTypes(key: KeyPair): Promise<readonly string[]> {
  return (await service.store.readStream(`validator-${idOf(key)}`)).map(({ type }) => type);
}

function codeOf(result: Result<unknown>): RefusalCode | "accepted" {
  return result.ok ? "accepted" : result.code;
}

test("a bond reserves, is decided, and moves the stake, once for one signed intent", async () => {
  const key = createValidatorKey();
  const request = { intent: signBond(key.publicKey, 500n) };
  const before = ledger.balance(OWNER);
  const answers = await Promise.all([1, 2].map(() => call(service.client, "bond", request)));
  answers.push(await call(service.client, "bond", request));
  assert.deepEqual(answers.map(codeOf), ["accepted", "accepted", "accepted"]);
  assert.equal((await read(key)).bondedUnits, "500");
  assert.equal(ledger.balance(bondAccount(key)), 500n);
  assert.equal(ledger.balance(OWNER), before - 500n);
  assert.deepEqual(await listTypes(key), ["StakeBonded"]);
});

test("a bond that is refused gives its reservation back", async () => {
  const key = createValidatorKey();
  const before = ledger.balance(OWNER);
  const refused = await call(service.client, "bond", { intent: signBond(key.publicKey, 99n) });
  assert.equal(codeOf(refused), "BOND_TOO_SMALL");
  assert.equal(ledger.balance(OWNER), before);
  assert.match(ledger.requests.at(-1) ?? "", /^void bond\//);
});

test("an intent whose reservation was given back never becomes stake without value behind it", async () => {
  const key = createValidatorKey();
  const small = { intent: signBond(key.publicKey, 99n) };
  assert.equal(codeOf(await call(service.client, "bond", small)), "BOND_TOO_SMALL");
  unwrap(await call(service.client, "bond", { intent: signBond(key.publicKey, 100n) }));
  // Now 99 more would be enough; but nothing stands behind that intent any more.
  assert.equal(codeOf(await call(service.client, "bond", small)), "TRANSFER_ENDED");
  assert.equal((await read(key)).bondedUnits, "100");
  assert.equal(ledger.balance(bondAccount(key)), 100n);
});

test("without the money there is no bond", async () => {
  const key = createValidatorKey();
  const refused = await call(service.client, "bond", { intent: signBond(key.publicKey, 10n ** 12n) });
  assert.equal(codeOf(refused), "BALANCE_INSUFFICIENT");
  assert.equal(
    codeOf(await call(service.client, "getValidator", { validatorId: idOf(key) })),
    "VALIDATOR_NOT_FOUND",
  );
});

test("a worker that crashes between the transfer and its removal moves the value once", async () => {
  const crash = (): Promise<void> => Promise.reject(new Error("kill -9"));
  await using crashing = await openStaking(database.url, ledger, service.clock, {
    duties: (duties) => ({ ...duties, remove: crash }),
  });
  const key = createValidatorKey();
  await assert.rejects(call(crashing.client, "bond", { intent: signBond(key.publicKey, 700n) }));
  await assert.rejects(call(crashing.client, "submitEvidence", equivocate(key)));
  assert.equal(ledger.balance(bondAccount(key)), 700n, "posted before the crash");

  await carryOutDue(service.duties);
  await carryOutDue(service.duties);
  assert.equal(ledger.balance(bondAccount(key)), 350n);
  assert.deepEqual(await listTypes(key), ["StakeBonded", "EvidenceAccepted", "StakeSlashed"]);
  const asked = ledger.requests.filter((request) => request.startsWith("create slash/"));
  assert.equal(new Set(asked).size, 1, "asked again under the same id");
  assert.deepEqual(await service.duties.duties.listDue(service.clock.now(), 10), []);
});

test("while settlement is away the duty stays, and is carried out when it is back", async () => {
  const key = await bond();
  ledger.away = true;
  await assert.rejects(call(service.client, "submitEvidence", equivocate(key)));
  await assert.rejects(carryOutDue(service.duties));
  ledger.away = false;
  assert.deepEqual(await listTypes(key), ["StakeBonded", "EvidenceAccepted"]);
  assert.equal((await read(key)).bondedUnits, "500", "the stake counts as lost from the evidence on");
  await carryOutDue(service.duties);
  assert.equal(ledger.balance(bondAccount(key)), 500n);
  assert.deepEqual(await listTypes(key), ["StakeBonded", "EvidenceAccepted", "StakeSlashed"]);
});

test("evidence at once from many: one slash, one transfer, one message", async () => {
  const key = await bond();
  await using replica = await openStaking(database.url, ledger);
  const answers = await Promise.all(
    [service, replica, service, replica].map(({ client }) => call(client, "submitEvidence", equivocate(key))),
  );
  assert.deepEqual(answers.map(codeOf).sort(), [
    "EVIDENCE_DUPLICATE",
    "EVIDENCE_DUPLICATE",
    "EVIDENCE_DUPLICATE",
    "accepted",
  ]);
  const other = await call(service.client, "submitEvidence", equivocate(key, "c2"));
  assert.equal(codeOf(other), "VALIDATOR_TOMBSTONED");
  const { slashes } = unwrap(await call(service.client, "listSlashes", { validatorId: idOf(key) }));
  assert.equal(slashes.length, 1);
  const [slash] = slashes;
  assert.equal(slash?.slashedUnits, "500");
  assert.equal(slash.transferId, `slash/${encodeHex(slash.evidenceId)}`);
  assert.equal(ledger.balance(bondAccount(key)), 500n);
  assert.equal((await read(key)).status, staking.ValidatorStatus.TOMBSTONED);

  const messages = (await service.store.readOutbox({ afterPosition: 0n, limit: 1_000 })).filter(
    ({ subject, payload }) =>
      subject === "mira.staking.stake.slashed.v1" &&
      events.StakeSlashed.decode(payload).validatorId === idOf(key),
  );
  assert.equal(messages.length, 1);
  assert.equal(messages[0]?.headers?.["Mira-Type"], "StakeSlashed");
});

test("unbonding stake stays slashable until its end, and only what is left is released", async () => {
  const clock = new FakeClock(START);
  await using own = await openStaking(database.url, ledger, clock);
  const key = await bond(1_000n, own);
  unwrap(await call(own.client, "unbond", { intent: signUnbond(key.publicKey, 800n) }));
  clock.advance(UNBONDING_MS - 1);
  await carryOutDue(own.duties);
  assert.deepEqual(await listTypes(key), ["StakeBonded", "UnbondingStarted"]);
  // 500 of 1,000: 200 from what is bonded, 300 from what is leaving.
  unwrap(await call(own.client, "submitEvidence", equivocate(key)));
  const before = ledger.balance(OWNER);
  clock.advance(1);
  await carryOutDue(own.duties);
  await carryOutDue(own.duties);
  assert.equal(ledger.balance(OWNER) - before, 500n);
  assert.equal(ledger.balance(bondAccount(key)), 0n);
  const { bondedUnits, unbondingUnits } = await read(key, own);
  assert.deepEqual([bondedUnits, unbondingUnits], ["0", "0"]);
});

test("a crash between releasing stake and paying it cannot be used to be slashed on money that is gone", async () => {
  const clock = new FakeClock(START);
  let isBroken = true;
  await using own = await openStaking(database.url, ledger, clock, {
    ledger: (base) => ({
      ...base,
      createTransfer: async (request) => {
        const answer = await base.createTransfer(request);
        if (isBroken && request.requestId.startsWith("release/"))
          throw new Error("kill -9 after the transfer");
        return answer;
      },
    }),
  });
  const key = await bond(1_000n, own);
  unwrap(await call(own.client, "unbond", { intent: signUnbond(key.publicKey, 1_000n) }));
  clock.advance(UNBONDING_MS);
  await carryOutDue(own.duties);
  await assert.rejects(carryOutDue(own.duties), /kill -9/);
  isBroken = false;
  await call(own.client, "submitEvidence", equivocate(key));
  await carryOutDue(own.duties);
  await carryOutDue(own.duties);
  assert.deepEqual(own.refusedDuties, []);
  assert.equal(ledger.balance(bondAccount(key)), 0n);
  const { slashes } = unwrap(await call(own.client, "listSlashes", { validatorId: idOf(key) }));
  assert.deepEqual(
    slashes.map(({ slashedUnits }) => slashedUnits),
    ["0"],
  );
});

test("a duty that settlement refuses is told, stays, and holds up no other", async () => {
  const key = await bond();
  ledger.available.set(bondAccount(key), 0n);
  unwrap(await call(service.client, "submitEvidence", equivocate(key)));
  assert.match(service.refusedDuties.at(-1) ?? "", /^slash\/.* BALANCE_INSUFFICIENT/);
  const other = await bond();
  assert.equal(ledger.balance(bondAccount(other)), 1_000n);
  ledger.fund(bondAccount(key), 1_000n);
  await carryOutDue(service.duties);
  assert.equal(ledger.balance(bondAccount(key)), 500n);
});

test("after a restart the state and the lists are the same", async () => {
  const key = await bond();
  const before = await service.duties.streams.load(idOf(key));
  await using restarted = await openStaking(database.url, ledger);
  assert.deepEqual(await restarted.duties.streams.load(idOf(key)), before);
  const page = unwrap(
    await call(restarted.client, "listValidators", { bondedOnly: true, pageSize: 500, pageToken: "" }),
  );
  assert.ok(page.validators.some(({ validatorId }) => validatorId === idOf(key)));
  assert.ok(page.validators.every(({ status }) => status === staking.ValidatorStatus.BONDED));
});

type Row = readonly [string, (key: KeyPair) => Promise<Result<unknown>>, RefusalCode];
const refusals: readonly Row[] = [
  ["a bond without an intent", () => call(service.client, "bond", { intent: undefined }), "REQUEST_INVALID"],
  [
    "a bond with foreign fields",
    () => call(service.client, "bond", { intent: sign("stake.bond", [["validator", "x"]], operator) }),
    "REQUEST_INVALID",
  ],
  [
    "an unbond intent used to bond",
    (key) => call(service.client, "bond", { intent: signUnbond(key.publicKey, 1n) }),
    "INTENT_WRONG_NETWORK",
  ],
  [
    "adding to someone else's validator",
    (key) => {
      ledger.fund(`owner/${encodeBase58(stranger.publicKey)}`, 1_000n);
      return call(service.client, "bond", { intent: signBond(key.publicKey, 100n, {}, stranger) });
    },
    "TRANSFER_FORBIDDEN",
  ],
  [
    "another family",
    (key) => call(service.client, "bond", { intent: signBond(key.publicKey, 100n, { family: "other" }) }),
    "REQUEST_INVALID",
  ],
  [
    "releasing another's stake",
    (key) => call(service.client, "unbond", { intent: signUnbond(key.publicKey, 1n, stranger) }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "releasing more than is bonded",
    (key) => call(service.client, "unbond", { intent: signUnbond(key.publicKey, 1_001n) }),
    "BALANCE_INSUFFICIENT",
  ],
  [
    "half of a proof",
    (key) => call(service.client, "submitEvidence", { ...equivocate(key), second: undefined }),
    "REQUEST_INVALID",
  ],
  [
    "evidence against nobody",
    () => call(service.client, "submitEvidence", equivocate(createValidatorKey())),
    "VALIDATOR_NOT_FOUND",
  ],
  [
    "attestations of another key",
    (key) => call(service.client, "submitEvidence", { ...equivocate(stranger), validatorId: idOf(key) }),
    "EVIDENCE_INVALID",
  ],
  [
    "one attestation twice",
    (key) => {
      const evidence = equivocate(key);
      return call(service.client, "submitEvidence", { ...evidence, second: evidence.first });
    },
    "EVIDENCE_INVALID",
  ],
  [
    "a page token of nobody's",
    () => call(service.client, "listValidators", { bondedOnly: false, pageSize: 1, pageToken: "x" }),
    "REQUEST_INVALID",
  ],
];
for (const [name, ask, code] of refusals)
  test(`refused: ${name}`, async () => {
    assert.equal(codeOf(await ask(await bond())), code);
  });

test("no reservation is left pending by any of it", () => {
  const pending = [...ledger.transfers.values()].filter(
    ({ state }) => state === settlement.TransferState.PENDING,
  );
  assert.deepEqual(pending, []);
});

const tell = (of: KeyPair, kinds: readonly string[], verificationId: string): Uint8Array =>
  events.FaultsFound.encode({
    verificationId,
    round: 0,
    policy: "standard@1",
    faults: kinds.map((kind) => ({ validatorId: idOf(of), kind, slashBps: 100 })),
    atMs: BigInt(START),
  }).finish();

test("a careless fault is told twice and paid for once; the standing and the ledger say what it cost", async () => {
  const key = await bond(100_000n);
  const refused: string[] = [];
  const dependencies = {
    streams: service.duties.streams,
    budgetBps: 1_000n,
    onRefused: (_validatorId: string, code: RefusalCode) => refused.push(code),
  };
  const message = tell(key, ["commit-missing", "slept"], "careless");
  await reactToFaultsFound(message, dependencies);
  await reactToFaultsFound(message, dependencies);
  await reactToFaultsFound(tell(createValidatorKey(), ["reveal-missing"], "careless"), dependencies);
  assert.deepEqual(refused, ["REQUEST_INVALID", "REQUEST_INVALID", "VALIDATOR_NOT_FOUND"]);
  await carryOutDue(service.duties);
  await carryOutDue(service.duties);
  assert.equal(ledger.balance(bondAccount(key)), 99_000n);
  const { validator, faults } = unwrap(await call(service.client, "getStanding", { validatorId: idOf(key) }));
  assert.equal(validator?.status, staking.ValidatorStatus.BONDED);
  assert.equal(validator.bondedUnits, "99000");
  assert.deepEqual([validator.standing?.carelessFaults, validator.standing?.carelessUnits], [1n, "1000"]);
  assert.deepEqual(
    faults.map(({ kind, verificationId, slashedUnits }) => [kind, verificationId, slashedUnits]),
    [["commit-missing", "careless", "1000"]],
  );
  assert.equal(
    codeOf(await call(service.client, "getStanding", { validatorId: idOf(createValidatorKey()) })),
    "VALIDATOR_NOT_FOUND",
  );
});

test("what is told of attestations is added up and listed with the validator", async () => {
  const key = await bond();
  const score = { validatorId: idOf(key), agreed: 3, disagreed: 1, abstained: 2 };
  const payload = events.AttestationsScored.encode({
    verificationId: "v",
    scores: [score],
    atMs: 1n,
  }).finish();
  for (let time = 0; time < 2; time++)
    await service.store.withCursor("scores", async (client, cursor) => {
      await reactToAttestationsScored(payload, (change) => addToStanding(client, change));
      return cursor;
    });
  const { standing } = await read(key);
  assert.deepEqual([standing?.agreed, standing?.disagreed, standing?.abstained], [6n, 2n, 4n]);
  const everyone = unwrap(
    await call(service.client, "listValidators", { bondedOnly: false, pageSize: 500, pageToken: "" }),
  );
  const listed = everyone.validators.find(({ validatorId }) => validatorId === idOf(key));
  assert.deepEqual(listed?.standing, standing);
});
