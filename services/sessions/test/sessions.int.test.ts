/** Sessions on a real database over real gRPC: what survives a restart, who wins a race, and who had permission when. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { events, sessions } from "@mira/api";
import { call } from "@mira/chassis";
import { parseLamports, parseUnixMs, unwrap, type RefusalCode, type Result } from "@mira/primitives";
import { FakeClock, useTestDatabase, type TestDatabase } from "@mira/testing";
import { reactToBatchSettled } from "../src/reactors/batch-settled.ts";
import {
  friend,
  grant,
  openSessions,
  owner,
  reservation,
  sign,
  signGrant,
  signRevocation,
  START,
  stranger,
  transfer,
  type Sessions,
} from "./sessions.fixture.ts";

let database: TestDatabase;
let service: Sessions;
before(async () => {
  database = await useTestDatabase();
  service = await openSessions(database.url);
});
after(async () => {
  await service[Symbol.asyncDispose]();
  await database.close();
});

async function read({ client }: Sessions, sessionId: string): Promise<sessions.Session> {
  const { session } = unwrap(await call(client, "getSession", { sessionId }));
  assert.ok(session);
  return session;
}

function settled(sessionId: string, messageHash: Uint8Array, spentLamports: bigint): Uint8Array {
  const outcome = { sequenceNumber: 7n, sessionId, messageHash, succeeded: true, spentLamports };
  return events.BatchSettled.encode(events.BatchSettled.fromPartial({ sessions: [outcome] })).finish();
}

async function react({ trees, clock }: Sessions, payload: Uint8Array): Promise<readonly string[]> {
  const refused: string[] = [];
  await reactToBatchSettled(payload, { trees, clock, onRefused: (_session, code) => refused.push(code) });
  return refused;
}

function codeOf(result: Result<unknown>): RefusalCode | "accepted" {
  return result.ok ? "accepted" : result.code;
}

test("grant, reservation and commitment are the same after a restart", async () => {
  const sessionId = await grant(service);
  const [first, second] = [reservation(sessionId, 100_000n), reservation(sessionId, 200_000n)];
  unwrap(await call(service.client, "reserveBudget", first));
  unwrap(await call(service.client, "reserveBudget", second));
  assert.deepEqual(await react(service, settled(sessionId, first.messageHash, 90_000n)), []);
  const before = await service.trees.load(sessionId);
  await using restarted = await openSessions(database.url);
  assert.deepEqual(await restarted.trees.load(sessionId), before);
  const session = await read(restarted, sessionId);
  assert.equal(session.spentLamports, 90_000n);
  assert.equal(session.reservedLamports, 205_000n);
  const listed = unwrap(await call(restarted.client, "listSessions", list({ owner: owner.publicKey })));
  assert.deepEqual(
    listed.sessions.find((one) => one.sessionId === sessionId),
    session,
  );
});

test("of reservations at once that together exceed the limit, exactly as many win as fit", async () => {
  const sessionId = await grant(service);
  await using replica = await openSessions(database.url);
  const asked = [service, replica, service, replica].map(({ client }) =>
    call(client, "reserveBudget", reservation(sessionId, 590_000n)),
  );
  assert.deepEqual((await Promise.all(asked)).map(codeOf).sort(), [
    "SESSION_LIMIT_EXCEEDED",
    "SESSION_LIMIT_EXCEEDED",
    "SESSION_LIMIT_EXCEEDED",
    "accepted",
  ]);
  assert.equal((await read(service, sessionId)).reservedLamports, 595_000n);
});

test("a revocation and a reservation at once: what was reserved was reserved before", async () => {
  const sessionId = await grant(service);
  const [reserved] = await Promise.all([
    call(service.client, "reserveBudget", reservation(sessionId, 1_000n)),
    call(service.client, "revokeSession", { intent: signRevocation(sessionId) }),
  ]);
  const session = await read(service, sessionId);
  assert.equal(session.status, sessions.SessionStatus.REVOKED);
  assert.equal(session.reservedLamports, reserved.ok ? 6_000n : 0n);
  const later = await call(service.client, "reserveBudget", reservation(sessionId, 1_000n));
  assert.equal(codeOf(later), "SESSION_REVOKED");
});

test("one signed grant is one session, sent again or twice at once", async () => {
  const request = { intent: signGrant() };
  const answers = await Promise.all([1, 2, 3].map(() => call(service.client, "grantSession", request)));
  answers.push(await call(service.client, "grantSession", request));
  const ids = answers.map((answer) => unwrap(answer).session?.sessionId);
  assert.equal(new Set(ids).size, 1);
  const stored = await service.store.readStream(`session-${ids[0] ?? ""}`);
  assert.deepEqual(
    stored.map(({ type }) => type),
    ["SessionGranted"],
  );
});

test("a settled batch delivered twice commits once, and one that spent nothing releases", async () => {
  const sessionId = await grant(service);
  const [spent, failed] = [reservation(sessionId, 100_000n), reservation(sessionId, 300_000n)];
  unwrap(await call(service.client, "reserveBudget", spent));
  unwrap(await call(service.client, "reserveBudget", failed));
  for (let delivery = 0; delivery < 2; delivery++) {
    await react(service, settled(sessionId, spent.messageHash, 105_000n));
    await react(service, settled(sessionId, failed.messageHash, 0n));
  }
  const session = await read(service, sessionId);
  assert.equal(session.spentLamports, 105_000n);
  assert.equal(session.reservedLamports, 0n);
  const again = await call(service.client, "reserveBudget", spent);
  assert.equal(codeOf(again), "TRANSACTION_DUPLICATE");
});

test("an outcome for a session that is not there is told and holds up nothing", async () => {
  assert.deepEqual(await react(service, settled("nobody", new Uint8Array(32), 5n)), ["SESSION_NOT_FOUND"]);
});

function list(change: Partial<sessions.ListSessionsRequest>): sessions.ListSessionsRequest {
  return { owner: new Uint8Array(), activeAtMs: 0n, pageSize: 0, pageToken: "", ...change };
}

test("who had permission at an instant: revoked later, expired later and not yet started are told apart", async () => {
  const clock = new FakeClock(START);
  await using own = await openSessions(database.url, clock);
  const of = { signer: stranger } as const;
  const short = await grant(own, { expiresAt: parseUnixMs(START + 10_000) }, of);
  const revoked = await grant(own, {}, of);
  clock.set(START + 5_000);
  const revocation = sign([["session", revoked]], { purpose: "session.revoke", signer: stranger });
  unwrap(await call(own.client, "revokeSession", { intent: revocation }));
  const late = await grant(own, { startsAt: parseUnixMs(START + 50_000) }, of);
  const backdated = await grant(own, { startsAt: parseUnixMs(START - 50_000) }, of);
  const activeAt = async (at: number): Promise<readonly string[]> => {
    const request = list({ owner: stranger.publicKey, activeAtMs: BigInt(at) });
    return unwrap(await call(own.client, "listSessions", request)).sessions.map(({ sessionId }) => sessionId);
  };
  assert.deepEqual(await activeAt(START - 1), []);
  assert.deepEqual(await activeAt(START), [short, revoked]);
  assert.deepEqual(await activeAt(START + 4_999), [short, revoked]);
  assert.deepEqual(await activeAt(START + 5_000), [short, backdated], "granted at this instant, not before");
  assert.deepEqual(await activeAt(START + 10_000), [backdated]);
  assert.deepEqual(await activeAt(START + 60_000), [late, backdated]);
  assert.deepEqual(await activeAt(START + 600_000), []);
});

test("pages of a list follow each other without gap or repetition", async () => {
  await using own = await openSessions(database.url);
  const ids: string[] = [];
  for (let count = 0; count < 5; count++)
    ids.push(await grant(own, { limitLamports: parseLamports(BigInt(count + 1)) }, { signer: stranger }));
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = unwrap(
      await call(own.client, "listSessions", list({ owner: stranger.publicKey, pageSize: 2, pageToken })),
    );
    seen.push(...page.sessions.map(({ sessionId }) => sessionId));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen.slice(-5), ids);
});

type Row = readonly [string, (sessionId: string) => Promise<Result<unknown>>, RefusalCode];
const grantWith = (intent: ReturnType<typeof sign> | undefined) =>
  call(service.client, "grantSession", { intent });
const reserve = (sessionId: string, change: Partial<sessions.ReserveBudgetRequest>) =>
  call(service.client, "reserveBudget", reservation(sessionId, 1_000n, change));
const tampered = (): ReturnType<typeof sign> => {
  const intent = signGrant();
  return { ...intent, signature: new Uint8Array(64) };
};

const refusals: readonly Row[] = [
  ["a grant without an intent", () => grantWith(undefined), "REQUEST_INVALID"],
  [
    "a grant of another network",
    () => grantWith(signGrant({}, { networkId: "mira-other" })),
    "INTENT_WRONG_NETWORK",
  ],
  [
    "an intent of another purpose",
    () => grantWith(sign([], { purpose: "stake.bond" })),
    "INTENT_WRONG_NETWORK",
  ],
  ["an intent whose time is over", () => grantWith(signGrant({}, { at: START - 60_000 })), "INTENT_EXPIRED"],
  ["a signature that does not verify", () => grantWith(tampered()), "INTENT_SIGNATURE_INVALID"],
  [
    "a grant in someone else's name",
    () => grantWith(signGrant({}, { account: stranger.publicKey })),
    "INTENT_SIGNATURE_INVALID",
  ],
  ["a grant without recipients", () => grantWith(signGrant({ recipients: [] })), "SESSION_SCOPE_EMPTY"],
  [
    "a grant for longer than allowed",
    () => grantWith(signGrant({ expiresAt: parseUnixMs(START + 3_600_001) })),
    "SESSION_WINDOW_INVALID",
  ],
  [
    "a revocation by a stranger",
    (id) =>
      call(service.client, "revokeSession", {
        intent: sign([["session", id]], { purpose: "session.revoke", signer: stranger }),
      }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "a revocation that names none",
    () => call(service.client, "revokeSession", { intent: sign([], { purpose: "session.revoke" }) }),
    "REQUEST_INVALID",
  ],
  [
    "a session that is not there",
    () => call(service.client, "getSession", { sessionId: "none" }),
    "SESSION_NOT_FOUND",
  ],
  ["a reservation under none", () => reserve("none", {}), "SESSION_NOT_FOUND"],
  [
    "a message hash of another length",
    (id) => reserve(id, { messageHash: new Uint8Array(31) }),
    "REQUEST_INVALID",
  ],
  [
    "a recipient not on the list",
    (id) => reserve(id, { instructions: [transfer(1n, stranger.publicKey)] }),
    "SESSION_RECIPIENT_DENIED",
  ],
  [
    "another program",
    (id) => reserve(id, { instructions: [{ ...transfer(1n), program: new Uint8Array(32).fill(9) }] }),
    "SESSION_ACTION_DENIED",
  ],
  [
    "a transfer from someone else",
    (id) => reserve(id, { instructions: [transfer(1n, friend, stranger.publicKey)] }),
    "SESSION_ACTION_DENIED",
  ],
  [
    "amounts that only overflow would fit",
    (id) => reserve(id, { instructions: [transfer(2n ** 64n - 1n), transfer(1n)] }),
    "SESSION_LIMIT_EXCEEDED",
  ],
  [
    "an owner that is no key",
    () => call(service.client, "listSessions", list({ owner: new Uint8Array(3) })),
    "REQUEST_INVALID",
  ],
  [
    "an instant past all others",
    () => call(service.client, "listSessions", list({ activeAtMs: 2n ** 64n - 1n })),
    "REQUEST_INVALID",
  ],
  [
    "a page token of nobody's",
    () => call(service.client, "listSessions", list({ pageToken: "1 OR 1=1" })),
    "REQUEST_INVALID",
  ],
];
for (const [name, ask, code] of refusals)
  test(`refused: ${name}`, async () => {
    assert.equal(codeOf(await ask(await grant(service))), code);
  });
