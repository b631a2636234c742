/** Authority that ends by itself: what a session key may do, until when, and what it is told when it may not. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { sessions } from "@mira/api";
import {
  callUnary,
  createKeyPair,
  encodeBase58,
  parseLamports,
  parseUnixMs,
  signSessionGrant,
  signWithSession,
  unwrap,
  type KeyPair,
  type SessionGrant,
} from "@mira/client";
import { createDevKey } from "@mira/localnet";
import * as runtime from "@mira/runtime/fixtures";
import { eventually } from "@mira/testing";
import type { Instruction } from "@solana/kit";
import {
  assertEscrowHolds,
  assertRefused,
  readBlockhash,
  readLamports,
  useLocalnet,
} from "./localnet.fixture.ts";
import { buildTransaction, toKit, transferSol } from "./transactions.fixture.ts";

const localnet = useLocalnet();
const owner = createDevKey("alice");
const bob = createDevKey("bob").publicKey;
const stranger = createKeyPair().publicKey;
const FEE = 5_000n;
const SPEND = 1_000_000n;
let built = 0;

test("a session key spends, the settled spending commits its reservation, and the limit holds", async () => {
  const { client } = localnet.get();
  const { session, sessionKey } = await grant({ limitLamports: parseLamports(2n * (SPEND + FEE)) });
  const before = await readLamports(client, bob);
  const first = unwrap(await spend(session.sessionId, sessionKey));
  const receipt = unwrap(await client.ledger.waitForCommitment(first.sequenceNumber, "finalized"));
  assert.equal(receipt.status, "ok");
  assert.equal(receipt.sessionId, session.sessionId);
  assert.equal((await readLamports(client, bob)) - before, SPEND);
  const committed = await eventually(async () => {
    const found = await readSession(session.sessionId);
    assert.equal(found.spentLamports, SPEND + FEE);
    return found;
  });
  assert.equal(committed.reservedLamports, 0n);

  const over = assertRefused(
    await spend(session.sessionId, sessionKey, [transferSol(owner, bob, SPEND + 1n)]),
    "SESSION_LIMIT_EXCEEDED",
  );
  assert.equal(over["rule"], "amount");
  assert.equal(over["needed"], String(SPEND + 1n + FEE));
  assert.equal(over["left"], String(SPEND + FEE));
  unwrap(await spend(session.sessionId, sessionKey, [transferSol(owner, bob, SPEND)]));
  assertRefused(
    await spend(session.sessionId, sessionKey, [transferSol(owner, bob, 1n)]),
    "SESSION_LIMIT_EXCEEDED",
  );
  const exhausted = await eventually(async () => {
    const found = await readSession(session.sessionId);
    assert.equal(found.status, sessions.SessionStatus.EXHAUSTED);
    return found;
  });
  assert.equal(exhausted.spentLamports, exhausted.limitLamports);
  await assertEscrowHolds(client);
});

test("promised at once, a session's budget is promised once", async () => {
  const { client } = localnet.get();
  const { session, sessionKey } = await grant({ limitLamports: parseLamports(5n * (SPEND + FEE)) });
  const before = await readLamports(client, bob);
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      spend(session.sessionId, sessionKey, [transferSol(owner, bob, SPEND - BigInt(index))]),
    ),
  );
  const accepted = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value.sequenceNumber] : []));
  assert.equal(accepted.length, 5);
  for (const outcome of outcomes) if (!outcome.ok) assertRefused(outcome, "SESSION_LIMIT_EXCEEDED");
  for (const sequence of accepted) unwrap(await client.ledger.waitForCommitment(sequence, "confirmed"));
  assert.ok((await readLamports(client, bob)) - before <= 5n * SPEND);
});

test("what fails pays its fee out of the limit, and gives the rest back", async () => {
  const { client } = localnet.get();
  const poor = createKeyPair();
  const { blockhash } = unwrap(await client.ledger.getLatestBlockhash());
  const held = runtime.rentExempt(0) + 10n * FEE;
  const fund = buildTransaction({
    payer: owner,
    blockhash,
    instructions: [transferSol(owner, poor.publicKey, held)],
  });
  const { sequenceNumber: funded } = unwrap(await client.ledger.submitTransaction(fund));
  unwrap(await client.ledger.waitForCommitment(funded, "confirmed"));
  const { session, sessionKey } = await grant({ limitLamports: parseLamports(100n * held) }, poor);
  const { sequenceNumber } = unwrap(
    await spend(session.sessionId, sessionKey, [transferSol(poor, bob, 50n * held)], poor),
  );
  const receipt = unwrap(await client.ledger.waitForCommitment(sequenceNumber, "confirmed"));
  assert.equal(receipt.succeeded, false);
  await eventually(async () => {
    const { spentLamports, reservedLamports } = await readSession(session.sessionId);
    assert.deepEqual([spentLamports, reservedLamports], [FEE, 0n]);
  });
});

test("off the list: the rule, who may receive, and who was to", async () => {
  const { session, sessionKey } = await grant();
  const details = assertRefused(
    await spend(session.sessionId, sessionKey, [transferSol(owner, stranger, SPEND)]),
    "SESSION_RECIPIENT_DENIED",
  );
  assert.equal(details["rule"], "recipients");
  assert.ok(details["needed"] !== undefined && details["got"] !== undefined);
});

test("other programs, other signers, and an owner who is somebody else: denied", async () => {
  const { session, sessionKey } = await grant();
  const other = createDevKey("carol");
  const attempts: readonly [instructions: readonly Instruction[], payer: KeyPair][] = [
    [[transferSol(owner, bob, SPEND), toKit(runtime.memo("and a memo", owner.publicKey))], owner],
    [[], owner],
    [
      [
        toKit(
          runtime.transferTokens({
            source: stranger,
            destination: bob,
            authority: owner.publicKey,
            amount: 1n,
          }),
        ),
      ],
      owner,
    ],
    [[transferSol(other, bob, SPEND)], other],
  ];
  for (const [instructions, payer] of attempts)
    assertRefused(await spend(session.sessionId, sessionKey, instructions, payer), "SESSION_ACTION_DENIED");
});

test("a second signer cannot be slipped in", async () => {
  const { client } = localnet.get();
  const { session, sessionKey } = await grant();
  const second = createDevKey("carol");
  const blockhash = await readBlockhash(client);
  const both = buildTransaction({
    payer: owner,
    signers: [second],
    blockhash,
    instructions: [transferSol(owner, bob, SPEND), transferSol(second, bob, SPEND)],
  });
  // The session key in the owner's slot, the second signature as its owner gave it.
  const message = both.subarray(1 + 2 * 64);
  const forged = Uint8Array.from(both);
  forged.set(sessionKey.sign(message), 1);
  assertRefused(
    await client.ledger.submitTransaction(forged, { sessionId: session.sessionId }),
    "SESSION_ACTION_DENIED",
  );
});

test("the session key without its session, and another key with it, are nobody", async () => {
  const { client } = localnet.get();
  const { session, sessionKey } = await grant();
  const transaction = await build(owner, sessionKey, [transferSol(owner, bob, SPEND)]);
  assertRefused(await client.ledger.submitTransaction(transaction), "SIGNATURE_INVALID");
  assertRefused(await spend(session.sessionId, createKeyPair()), "SESSION_KEY_MISMATCH");
  assertRefused(await spend(encodeBase58(createKeyPair().publicKey), sessionKey), "SESSION_NOT_FOUND");
});

test("a replay is refused, and spends nothing twice", async () => {
  const { client } = localnet.get();
  const { session, sessionKey } = await grant();
  const transaction = await build(owner, sessionKey, [transferSol(owner, bob, SPEND)]);
  const { sequenceNumber } = unwrap(
    await client.ledger.submitTransaction(transaction, { sessionId: session.sessionId }),
  );
  assertRefused(
    await client.ledger.submitTransaction(transaction, { sessionId: session.sessionId }),
    "TRANSACTION_DUPLICATE",
  );
  unwrap(await client.ledger.waitForCommitment(sequenceNumber, "confirmed"));
  assertRefused(
    await client.ledger.submitTransaction(transaction, { sessionId: session.sessionId }),
    "TRANSACTION_DUPLICATE",
  );
  await eventually(async () => {
    const { spentLamports, reservedLamports } = await readSession(session.sessionId);
    assert.deepEqual([spentLamports, reservedLamports], [SPEND + FEE, 0n]);
  });
});

test("revoked by its owner or by its own key, a session does nothing more", async () => {
  const { client } = localnet.get();
  for (const by of ["owner", "session key"] as const) {
    const { session, sessionKey } = await grant();
    unwrap(await spend(session.sessionId, sessionKey));
    assertRefused(
      await client.revokeSession(createDevKey("bob"), session.sessionId),
      "INTENT_SIGNATURE_INVALID",
    );
    const revoked = unwrap(
      await client.revokeSession(by === "owner" ? owner : sessionKey, session.sessionId),
    );
    assert.equal(revoked.status, sessions.SessionStatus.REVOKED);
    assertRefused(await spend(session.sessionId, sessionKey), "SESSION_REVOKED");
  }
});

test("a session acts until its last millisecond and refuses from the instant it expires", async () => {
  const expiresAt = parseUnixMs(Date.now() + 3_000);
  const { session, sessionKey } = await grant({ expiresAt, limitLamports: parseLamports(10n ** 12n) });
  const seen: {
    readonly ok: boolean;
    readonly from: number;
    readonly until: number;
    readonly now: number;
  }[] = [];
  for (let amount = SPEND; Date.now() < expiresAt + 300; amount++) {
    const from = Date.now();
    const outcome = await spend(session.sessionId, sessionKey, [transferSol(owner, bob, amount)]);
    if (!outcome.ok) assertRefused(outcome, "SESSION_EXPIRED");
    const now = outcome.ok ? 0 : Number(outcome.details["now"] ?? expiresAt);
    seen.push({ ok: outcome.ok, from, until: Date.now(), now });
    await sleep(2);
  }
  assert.ok(
    seen.some(({ ok, from }) => ok && from < expiresAt),
    "it acted before",
  );
  assert.ok(
    seen.some(({ ok }) => !ok),
    "it was refused after",
  );
  // Clocks are one here: whatever was sent at or after the instant is refused, whatever was answered before it is not.
  for (const { ok, from, until, now } of seen) {
    if (from >= expiresAt) assert.equal(ok, false, `sent ${from - expiresAt} ms after the end`);
    if (until < expiresAt) assert.equal(ok, true, `answered ${expiresAt - until} ms before the end`);
    if (!ok) assert.ok(now >= expiresAt);
  }
  const found = await readSession(session.sessionId);
  assert.equal(found.status, sessions.SessionStatus.EXPIRED);
});

test("a grant signed by somebody else, for another network, or already over is refused", async () => {
  const { client } = localnet.get();
  const terms = createTerms(createKeyPair().publicKey);
  const service = sessions.SessionsServiceService.grantSession;
  const channel = client.channels.sessions;
  const elsewhere = signSessionGrant("another-network", owner, terms);
  assertRefused(await callUnary(channel, service, { intent: elsewhere }), "INTENT_WRONG_NETWORK");
  const intent = signSessionGrant(client.network.networkId, owner, terms);
  const forged = { ...intent, signature: createKeyPair().sign(intent.intent) };
  assertRefused(await callUnary(channel, service, { intent: forged }), "INTENT_SIGNATURE_INVALID");
  const over = { ...terms, startsAt: parseUnixMs(1), expiresAt: parseUnixMs(Date.now() - 1) };
  assertRefused(await client.grantSession(owner, over), "SESSION_WINDOW_INVALID");
});

function createTerms(sessionKey: Uint8Array, terms: Partial<SessionGrant> = {}): SessionGrant {
  return {
    sessionKey,
    recipients: [bob],
    limitLamports: parseLamports(10n * SPEND),
    startsAt: parseUnixMs(Date.now() - 1_000),
    expiresAt: parseUnixMs(Date.now() + 600_000),
    ...terms,
  };
}

async function grant(
  terms: Partial<SessionGrant> = {},
  by: KeyPair = owner,
): Promise<{ session: sessions.Session; sessionKey: KeyPair }> {
  const sessionKey = createKeyPair();
  const session = unwrap(
    await localnet.get().client.grantSession(by, createTerms(sessionKey.publicKey, terms)),
  );
  return { session, sessionKey };
}

async function build(
  payer: KeyPair,
  sessionKey: KeyPair,
  instructions: readonly Instruction[],
): Promise<Uint8Array> {
  const blockhash = await readBlockhash(localnet.get().client);
  // Keeps transactions apart that are the same otherwise.
  const unique = toKit(runtime.setComputeUnitLimit(100_000 + built++));
  const unsigned = buildTransaction({ payer, blockhash, instructions: [...instructions, unique] });
  return unwrap(signWithSession(unsigned, sessionKey));
}

async function spend(
  sessionId: string,
  sessionKey: KeyPair,
  instructions: readonly Instruction[] = [transferSol(owner, bob, SPEND)],
  payer: KeyPair = owner,
): ReturnType<ReturnType<typeof localnet.get>["client"]["ledger"]["submitTransaction"]> {
  const transaction = await build(payer, sessionKey, instructions);
  return localnet.get().client.ledger.submitTransaction(transaction, { sessionId });
}

async function readSession(sessionId: string): Promise<sessions.Session> {
  const { session } = unwrap(
    await callUnary(localnet.get().client.channels.sessions, sessions.SessionsServiceService.getSession, {
      sessionId,
    }),
  );
  return session ?? assert.fail("the answer has no session");
}
