/** S1 to S6 through real Postgres under load: replicas over one database, retries, redelivery, and a restart in the middle. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { describeGrant, type Grant } from "@mira/authority";
import type { sessions } from "@mira/api";
import { events } from "@mira/api";
import { call } from "@mira/chassis";
import { encodeBase58, encodeHex, fold, parseLamports, parseUnixMs, unwrap } from "@mira/primitives";
import { FakeClock, seededRandom, useTestDatabase, type TestDatabase } from "@mira/testing";
import { evolve, initialState } from "../src/domain/session.ts";
import { FORGOTTEN_AFTER_MS, reactToBatchSettled } from "../src/reactors/batch-settled.ts";
import { decodeSessionEvent } from "../src/store/session-events.ts";
import {
  actor,
  friend,
  grant,
  openSessions,
  reservation,
  sign,
  START,
  type Sessions,
} from "./sessions.fixture.ts";

const LIMIT = 200_000n;
const FEE = 5_000n;
let database: TestDatabase;
before(async () => {
  database = await useTestDatabase();
});
after(() => database.close());

function scopeOf(): Grant {
  return {
    sessionKey: encodeBase58(actor.publicKey),
    startsAt: parseUnixMs(START),
    expiresAt: parseUnixMs(START + 3_000_000),
    caveats: [
      {
        kind: "instructions",
        instructions: [{ program: encodeBase58(new Uint8Array(32)), discriminator: "02000000" }],
      },
      { kind: "recipients", recipients: [encodeBase58(friend)] },
      { kind: "amount", asset: "lamports", per: "lifetime", most: LIMIT, feesIncluded: true },
      { kind: "amount", asset: "lamports", per: { everyMs: 1_000 }, most: 60_000n, feesIncluded: true },
      { kind: "amount", asset: "lamports", per: "transaction", most: 20_000n, feesIncluded: false },
      { kind: "calls", most: 60 },
      { kind: "rate", most: 8, everyMs: 500 },
      { kind: "fees", most: parseLamports(150_000n) },
    ],
  };
}

async function grantScope({ client }: Sessions): Promise<string> {
  const intent = sign(describeGrant(scopeOf()));
  const { session } = unwrap(await call(client, "grantSession", { intent }));
  return session?.sessionId ?? assert.fail("no session");
}

type Use = { readonly request: sessions.ReserveBudgetRequest; readonly lamports: bigint };

function settledOf(sessionId: string, { request, lamports }: Use, ending: string, sealedMs = 0n): Uint8Array {
  const succeeded = ending === "settled";
  const spentLamports = succeeded ? lamports + FEE : ending === "failed" ? FEE : 0n;
  const outcome = {
    sequenceNumber: 1n,
    sessionId,
    messageHash: request.messageHash,
    succeeded,
    spentLamports,
  };
  return events.BatchSettled.encode(
    events.BatchSettled.fromPartial({ sessions: [outcome], sealedMs }),
  ).finish();
}

const ignore = { onRefused: () => undefined };

for (const seed of [1, 2, 3])
  test(`S1 to S6 under concurrent load, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const clock = new FakeClock(START);
    const first = await openSessions(database.url, clock);
    await using replica = await openSessions(database.url, clock);
    const sessionId = await grantScope(first);
    const ended = new Map<string, string>();
    let services = [first, replica];
    for (let round = 0; round < 12; round++) {
      clock.set(START + round * 400);
      const uses = Array.from({ length: 12 }, (): Use => {
        const lamports = BigInt(random.integer(1, 22_000));
        return { lamports, request: reservation(sessionId, lamports) };
      });
      // Each is asked for twice at once, at any replica: a retry whose first answer was lost.
      const asked = uses
        .flatMap((use) => [use, use])
        .map(async (use) => {
          const service = services[random.integer(0, services.length - 1)] ?? first;
          return { use, answer: await call(service.client, "reserveBudget", use.request) };
        });
      const accepted = new Map<string, Use>();
      for (const { use, answer } of await Promise.all(asked))
        if (answer.ok) accepted.set(encodeHex(use.request.messageHash), use);
      // Settlement's outcomes come in any order, twice, to either replica; some never come.
      const deliveries = [...accepted].flatMap(([hash, use]) => {
        const ending = ["settled", "failed", "nothing", "lost"][random.integer(0, 3)] ?? "lost";
        if (ending === "lost") return [];
        ended.set(hash, ending);
        return [use, use].map((one) => settledOf(sessionId, one, ending));
      });
      await Promise.all(
        deliveries.map((payload, index) => {
          const { trees } = services[index % services.length] ?? first;
          return reactToBatchSettled(payload, { trees, clock, ...ignore });
        }),
      );
      if (round === 6) {
        await first[Symbol.asyncDispose]();
        services = [await openSessions(database.url, clock), replica];
      }
    }
    const stored = await replica.store.readStream(`session-${sessionId}`, { limit: 500 });
    const log = stored.map(decodeSessionEvent);
    checkLog(log, ended);
    const { state } = await replica.trees.load(sessionId);
    assert.deepEqual(fold(evolve, initialState, log), state, "replay gives the state");
    for (const service of services) if (service !== replica) await service[Symbol.asyncDispose]();
  });

type Log = readonly ReturnType<typeof decodeSessionEvent>[];

function checkLog(log: Log, ended: ReadonlyMap<string, string>): void {
  const held = new Map<string, { readonly amount: bigint; readonly at: number }>();
  const counted = new Map<string, { readonly amount: bigint; readonly at: number }>();
  const reserved = new Set<string>();
  const closed = new Set<string>();
  for (const event of log) {
    if (!("messageHash" in event)) continue;
    const { messageHash } = event;
    if (event.type === "BudgetReserved") {
      assert.ok(!reserved.has(messageHash), "S2: reserved once");
      reserved.add(messageHash);
      const amount = (event.use.spends.get("lamports") ?? 0n) + event.use.feeLamports;
      held.set(messageHash, { amount, at: event.at });
      counted.set(messageHash, { amount, at: event.at });
    } else {
      assert.ok(reserved.has(messageHash) && !closed.has(messageHash), "S2: ended once");
      closed.add(messageHash);
      const at = held.get(messageHash)?.at ?? 0;
      if (event.type === "BudgetReleased") counted.delete(messageHash);
      else
        counted.set(messageHash, {
          amount: (event.outcome.spends.get("lamports") ?? 0n) + event.outcome.feeLamports,
          at,
        });
      if (ended.get(messageHash) === "failed") assert.equal(counted.get(messageHash)?.amount, FEE, "S3");
      if (ended.get(messageHash) === "nothing") assert.ok(!counted.has(messageHash), "S3");
    }
    const uses = [...counted.values()];
    const sum = (from: number, until: number): bigint =>
      uses.filter(({ at }) => at >= from && at < until).reduce((total, { amount }) => total + amount, 0n);
    assert.ok(sum(0, Infinity) <= LIMIT, "S1");
    for (const { at } of uses) {
      const window = START + Math.floor((at - START) / 1_000) * 1_000;
      assert.ok(sum(window, window + 1_000) <= 60_000n, "S4");
    }
  }
  for (const [messageHash] of ended)
    assert.ok(closed.has(messageHash), "S2: an outcome ends its reservation");
}

test("a reservation that was never sequenced is given back once a batch sealed long after it has settled", async () => {
  const clock = new FakeClock(START);
  await using service = await openSessions(database.url, clock);
  const sessionId = await grant(service);
  unwrap(await call(service.client, "reserveBudget", reservation(sessionId, 100_000n)));
  const reservedOf = async (): Promise<bigint | undefined> =>
    unwrap(await call(service.client, "getSession", { sessionId })).session?.reservedLamports;
  const batch = (sealedMs: number): Uint8Array =>
    events.BatchSettled.encode(events.BatchSettled.fromPartial({ sealedMs: BigInt(sealedMs) })).finish();
  const { trees } = service;
  await reactToBatchSettled(batch(START + FORGOTTEN_AFTER_MS), { trees, clock, ...ignore });
  assert.equal(await reservedOf(), 105_000n, "not a millisecond early");
  await reactToBatchSettled(batch(START + FORGOTTEN_AFTER_MS + 1), { trees, clock, ...ignore });
  assert.equal(await reservedOf(), 0n);
});

test("the end of an epoch and uses at once: what was admitted was admitted before, and after it nothing is", async () => {
  await using service = await openSessions(database.url);
  await using replica = await openSessions(database.url);
  const sessionId = await grantScope(service);
  const advance = sign([["ends", "everything"]], { purpose: "authority.advance" });
  const attempts = Array.from({ length: 6 }, (_, index) =>
    call((index % 2 === 0 ? service : replica).client, "reserveBudget", reservation(sessionId, 1_000n)),
  );
  const advanced = call(replica.client, "advanceAuthority", { intent: advance });
  await Promise.all(attempts);
  const { epoch } = unwrap(await advanced);
  for (const { client } of [service, replica]) {
    const later = await call(client, "reserveBudget", reservation(sessionId, 1_000n));
    assert.equal(later.ok ? "accepted" : later.code, "SESSION_REVOKED");
  }
  const again = await call(service.client, "advanceAuthority", { intent: advance });
  assert.equal(again.ok ? "accepted" : again.code, "INTENT_EPOCH_DEAD", "presented again it ends nothing");
  const old = await call(service.client, "grantSession", { intent: sign(describeGrant(scopeOf())) });
  assert.equal(
    old.ok ? "accepted" : old.code,
    "INTENT_EPOCH_DEAD",
    "S14: signed under the epoch that is over",
  );
  assert.equal(epoch, 1n);
});

test("S16: why a use was refused is decided again from the log, also after what it was decided on has changed", async () => {
  const clock = new FakeClock(START + 10);
  await using service = await openSessions(database.url, clock);
  const key = { signer: actor };
  const intent = sign(describeGrant({ ...scopeOf(), sessionKey: encodeBase58(friend) }), key);
  const { session } = unwrap(await call(service.client, "grantSession", { intent }));
  const sessionId = session?.sessionId ?? "";
  const ask = (lamports: bigint) => ({
    ...reservation(sessionId, lamports),
    signers: [actor.publicKey],
    writable: [actor.publicKey, friend],
    instructions: reservation(sessionId, lamports).instructions.map((one) => ({
      ...one,
      accounts: [actor.publicKey, friend],
    })),
  });
  const refused = ask(20_001n);
  const answer = await call(service.client, "reserveBudget", refused);
  assert.ok(!answer.ok && answer.code === "SESSION_LIMIT_EXCEEDED");
  assert.equal(answer.details["decision"], encodeHex(refused.messageHash));
  unwrap(await call(service.client, "reserveBudget", ask(20_000n)));
  clock.set(START + 5_000);
  const about = { $case: "refused", value: refused.messageHash } as const;
  const why = unwrap(await call(service.client, "explainDecision", { about }));
  assert.deepEqual(
    [why.allowed, why.code, why.rule, why.needed, why.had, why.alternative, Number(why.version)],
    [false, answer.code, answer.details["rule"], "20001", "20000", "at most 20000", 1],
  );
  assert.equal(Number(why.decidedMs), START + 10);
});
