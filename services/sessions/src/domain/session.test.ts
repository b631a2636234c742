/** Sessions: every "no" has a row, and a use moves a budget once, whatever becomes of it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { toGrant, type Grant } from "@mira/authority";
import {
  createKeyPair,
  encodeBase58,
  fold,
  parseLamports,
  parseUnixMs,
  type Decision,
  type Lamports,
  type UnixMs,
} from "@mira/primitives";
import { decideAmend, decideGrant, decideRevoke, DEPTH_MAX, type GrantCommand } from "./decide.ts";
import { decideCommit, decideRelease, decideReserve, type ReserveCommand } from "./decide-use.ts";
import { addTo, EMPTY_SET, hasIn } from "./growing-set.ts";
import { evolve, initialState, type SessionEvent, type SessionState } from "./session.ts";
import { summarize } from "./summary.ts";

const keyOf = (seed: number): Uint8Array => createKeyPair(new Uint8Array(32).fill(seed)).publicKey;
const [owner, holder, friend, stranger, guard] = [1, 2, 3, 4, 5].map(keyOf) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const start = parseUnixMs(1_800_000_000_000);
const end = parseUnixMs(start + 600_000);
const lamports = (amount: number | bigint): Lamports => parseLamports(amount);
const intent = { intent: Uint8Array.of(1), publicKey: owner, signature: Uint8Array.of(2) };
const authority = { epoch: 0, advancedAt: parseUnixMs(0) };
const simple: Grant = toGrant({
  sessionKey: holder,
  recipients: [friend],
  limitLamports: lamports(1_000_000),
  startsAt: start,
  expiresAt: end,
});

const grant: GrantCommand = {
  sessionId: "s1",
  account: owner,
  signer: owner,
  epoch: 0,
  grant: simple,
  text: "what was shown",
  intent,
  authority,
  lifetimeMsMax: 3_600_000,
  at: start,
};
const child: GrantCommand = {
  ...grant,
  sessionId: "s2",
  account: holder,
  signer: holder,
  grant: { ...simple, parent: "s1", sessionKey: encodeBase58(stranger) },
};
const revoke = { sessionId: "s1", signer: owner, intent, authority, at: parseUnixMs(start + 5) };
const amend = {
  ...revoke,
  epoch: 0,
  grant: { ...simple, expiresAt: parseUnixMs(end - 1) },
};

type Use = {
  readonly amount?: number | bigint;
  readonly to?: Uint8Array;
  readonly at?: UnixMs;
  readonly from?: Uint8Array;
};

function use({
  amount = 100_000,
  to = friend,
  at = start,
  from = owner,
}: Use = {}): ReserveCommand["request"] {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(BigInt(amount), 4);
  const accounts = [from, to].map(encodeBase58);
  return {
    instructions: [{ program: encodeBase58(new Uint8Array(32)), accounts, data }],
    writable: accounts,
    signers: [encodeBase58(owner)],
    feePayer: encodeBase58(owner),
    feeLamports: lamports(5_000),
    at,
  };
}
const reserve: ReserveCommand = { sessionId: "s1", messageHash: "m1", request: use(), authority };

type Step = (state: SessionState) => Decision<SessionEvent>;
const granting =
  (command: GrantCommand): Step =>
  (state) =>
    decideGrant(command, state);
const reserving =
  (command: ReserveCommand): Step =>
  (state) =>
    decideReserve(command, state);
const revoking =
  (command: typeof revoke): Step =>
  (state) =>
    decideRevoke(command, state);
const amending =
  (command: typeof amend): Step =>
  (state) =>
    decideAmend(command, state);
const committing =
  (messageHash: string, spent: number, succeeded = true): Step =>
  (state) =>
    decideCommit(
      {
        sessionId: "s1",
        messageHash,
        spentLamports: lamports(spent),
        succeeded,
        sequenceNumber: 1,
        at: start,
      },
      state,
    );
const releasing =
  (messageHash: string): Step =>
  (state) =>
    decideRelease({ messageHash, reason: "never settled", at: start }, state);

function run(...steps: readonly Step[]): SessionState {
  let state: SessionState = initialState;
  for (const step of steps) {
    const decision = step(state);
    assert.ok(decision.ok, decision.ok ? "" : decision.code);
    state = fold(evolve, state, decision.events);
  }
  return state;
}

function summary(state: SessionState, sessionId = "s1") {
  const session = state.status === "none" ? undefined : state.sessions.get(sessionId);
  assert.ok(session);
  return summarize(session, authority);
}

const granted = run(granting(grant));
const revoked = run(granting(grant), revoking(revoke));
const passedOn = run(granting(grant), granting(child));
const guarded = run(granting({ ...grant, grant: { ...simple, revoker: encodeBase58(guard) } }));
const withAmount = (most: bigint): Grant => ({
  ...simple,
  caveats: simple.caveats.map((caveat) => (caveat.kind === "amount" ? { ...caveat, most } : caveat)),
});

const refusals: readonly (readonly [string, SessionState, Step, string])[] = [
  ["a second grant of the same id", granted, granting(grant), "SESSION_EXISTS"],
  [
    "guardrails 1.6 #3: a grant after its revocation: an id stays dead",
    revoked,
    granting(grant),
    "SESSION_EXISTS",
  ],
  [
    "a grant signed by someone else",
    initialState,
    granting({ ...grant, signer: stranger }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "a session key that is the owner's",
    initialState,
    granting({ ...grant, grant: { ...simple, sessionKey: encodeBase58(owner) } }),
    "REQUEST_INVALID",
  ],
  [
    "guardrails 1.6 #15: an impossible window",
    initialState,
    granting({ ...grant, grant: { ...simple, startsAt: end } }),
    "SESSION_WINDOW_INVALID",
  ],
  ["a grant whose end has come", initialState, granting({ ...grant, at: end }), "SESSION_WINDOW_INVALID"],
  [
    "a life longer than the network's maximum",
    initialState,
    granting({ ...grant, lifetimeMsMax: 599_999 }),
    "SESSION_WINDOW_INVALID",
  ],
  [
    "a grant of an epoch that is over",
    initialState,
    granting({ ...grant, authority: { ...authority, epoch: 1 } }),
    "INTENT_EPOCH_DEAD",
  ],
  ["a grant of an epoch to come", initialState, granting({ ...grant, epoch: 1 }), "INTENT_EPOCH_DEAD"],
  ["revoking what was never granted", initialState, revoking(revoke), "SESSION_NOT_FOUND"],
  ["revoking by a stranger", granted, revoking({ ...revoke, signer: stranger }), "INTENT_SIGNATURE_INVALID"],
  [
    "revoking by a guard of nothing",
    granted,
    revoking({ ...revoke, signer: guard }),
    "INTENT_SIGNATURE_INVALID",
  ],
  ["revoking twice", revoked, revoking(revoke), "SESSION_REVOKED"],
  [
    "amending by the guard, who may only revoke",
    guarded,
    amending({ ...amend, signer: guard }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "amending to more",
    granted,
    amending({ ...amend, grant: withAmount(1_000_001n) }),
    "SESSION_SCOPE_WIDENED",
  ],
  [
    "amending to a later end",
    granted,
    amending({ ...amend, grant: { ...simple, expiresAt: parseUnixMs(end + 1) } }),
    "SESSION_SCOPE_WIDENED",
  ],
  [
    "amending to another holder",
    granted,
    amending({ ...amend, grant: { ...simple, sessionKey: encodeBase58(stranger) } }),
    "SESSION_SCOPE_WIDENED",
  ],
  ["amending what was revoked", revoked, amending(amend), "SESSION_REVOKED"],
  [
    "passing on by someone else",
    granted,
    granting({ ...child, account: stranger, signer: stranger }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "passing on more",
    granted,
    granting({ ...child, grant: { ...withAmount(1_000_001n), parent: "s1" } }),
    "SESSION_SCOPE_WIDENED",
  ],
  [
    "passing on for longer",
    granted,
    granting({ ...child, grant: { ...child.grant, expiresAt: parseUnixMs(end + 1) } }),
    "SESSION_SCOPE_WIDENED",
  ],
  ["passing on what was revoked", revoked, granting(child), "SESSION_REVOKED"],
  ["passing on what is not there", initialState, granting(child), "SESSION_NOT_FOUND"],
  [
    "replacing another's session",
    granted,
    granting({ ...child, account: stranger, signer: stranger, grant: { ...simple, replaces: "s1" } }),
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "replacing what was revoked",
    revoked,
    granting({ ...grant, sessionId: "s3", grant: { ...simple, replaces: "s1" } }),
    "SESSION_REVOKED",
  ],
  ["a use without a grant", initialState, reserving(reserve), "SESSION_NOT_FOUND"],
  ["a use after revocation", revoked, reserving(reserve), "SESSION_REVOKED"],
  [
    "a use after the owner's authority moved on",
    granted,
    reserving({ ...reserve, authority: { epoch: 1, advancedAt: start } }),
    "SESSION_REVOKED",
  ],
  [
    "a use before the start",
    granted,
    reserving({ ...reserve, request: use({ at: parseUnixMs(start - 1) }) }),
    "SESSION_NOT_STARTED",
  ],
  [
    "a use at the very instant of the end",
    granted,
    reserving({ ...reserve, request: use({ at: end }) }),
    "SESSION_EXPIRED",
  ],
  [
    "a recipient off the list",
    granted,
    reserving({ ...reserve, request: use({ to: stranger }) }),
    "SESSION_RECIPIENT_DENIED",
  ],
  [
    "a transfer from another account",
    granted,
    reserving({ ...reserve, request: use({ from: stranger }) }),
    "SESSION_ACTION_DENIED",
  ],
  [
    "guardrails 1.6 #7: a transaction that does nothing",
    granted,
    reserving({ ...reserve, request: { ...use(), instructions: [] } }),
    "SESSION_ACTION_DENIED",
  ],
  [
    "a second signer",
    granted,
    reserving({ ...reserve, request: { ...use(), signers: [owner, stranger].map(encodeBase58) } }),
    "SESSION_ACTION_DENIED",
  ],
  [
    "an amount whose fee exceeds the limit",
    granted,
    reserving({ ...reserve, request: use({ amount: 995_001 }) }),
    "SESSION_LIMIT_EXCEEDED",
  ],
  [
    "guardrails 1.6 #10: amounts that overflow 64 bits in sum",
    granted,
    reserving({
      ...reserve,
      request: {
        ...use(),
        instructions: [2n ** 64n - 1n, 1n].flatMap((amount) => use({ amount }).instructions),
      },
    }),
    "SESSION_LIMIT_EXCEEDED",
  ],
];
for (const [name, state, step, code] of refusals)
  test(`refused: ${name}`, () => {
    const decision = step(state);
    assert.equal(decision.ok ? "accepted" : decision.code, code);
  });

test("guardrails 1.6 #21: the last millisecond and the last lamport still count", () => {
  const decision = decideReserve(
    { ...reserve, request: use({ at: parseUnixMs(end - 1), amount: 995_000 }) },
    granted,
  );
  assert.ok(decision.ok);
});

test("a refusal over the limit names the rule, what was needed, what was there and what would do", () => {
  const decision = decideReserve(
    { ...reserve, messageHash: "m2", request: use({ amount: 900_000 }) },
    run(granting(grant), reserving(reserve)),
  );
  assert.ok(!decision.ok);
  assert.deepEqual(decision.details, {
    rule: "amount",
    needed: "905000",
    left: "895000",
    caveat: "at most 1000000 lamports per lifetime, fees included",
    alternative: "at most 895000",
    session: "s1",
    now: String(start),
  });
});

test("the holder may give its authority up, and whoever may only revoke may revoke", () => {
  for (const [state, signer] of [
    [granted, holder],
    [guarded, guard],
  ] as const) {
    const decision = decideRevoke({ ...revoke, signer }, state);
    assert.ok(decision.ok && summary(fold(evolve, state, decision.events)).revokedAt === revoke.at);
  }
});

test("a reservation asked for twice is one reservation, and one that ended is not made again", () => {
  const again = decideReserve(reserve, run(granting(grant), reserving(reserve)));
  assert.ok(again.ok && again.events.length === 0);
  for (const ending of [committing("m1", 105_000), releasing("m1")]) {
    const replay = decideReserve(reserve, run(granting(grant), reserving(reserve), ending));
    assert.equal(replay.ok ? "accepted" : replay.code, "TRANSACTION_DUPLICATE");
  }
});

test("guardrails 1.6 #1: a released reservation is available again, once; what fails costs its fee alone", () => {
  const state = run(granting(grant), reserving(reserve), releasing("m1"), releasing("m1"));
  assert.deepEqual([summary(state).spent, summary(state).reserved], [0n, 0n]);
  const failed = run(granting(grant), reserving(reserve), committing("m1", 5_000, false));
  assert.deepEqual([summary(failed).spent, summary(failed).reserved], [5_000n, 0n]);
});

test("what settles after its reservation was given back still counts", () => {
  const state = run(
    granting(grant),
    reserving(reserve),
    releasing("m1"),
    committing("m1", 105_000),
    committing("m1", 105_000),
  );
  assert.deepEqual([summary(state).spent, summary(state).reserved], [105_000n, 0n]);
});

test("what is used under a passed-on session is used of every session above it", () => {
  const state = run(granting(grant), granting(child), reserving({ ...reserve, sessionId: "s2" }));
  assert.equal(summary(state, "s2").reserved, 105_000n);
  assert.equal(summary(state, "s1").reserved, 105_000n);
});

test("revoking a session ends what was passed on from it; revoking that leaves the first alone", () => {
  const decision = decideRevoke(revoke, passedOn);
  assert.ok(decision.ok);
  const used = decideReserve({ ...reserve, sessionId: "s2" }, fold(evolve, passedOn, decision.events));
  assert.equal(used.ok ? "accepted" : used.code, "SESSION_REVOKED");
  const leaf = decideRevoke({ ...revoke, sessionId: "s2" }, passedOn);
  assert.ok(leaf.ok && decideReserve(reserve, fold(evolve, passedOn, leaf.events)).ok);
});

test(`authority is passed on at most ${DEPTH_MAX} grants deep`, () => {
  let state = granted;
  for (let depth = 2; depth <= DEPTH_MAX + 1; depth++) {
    const [from, to] = [keyOf(depth), keyOf(depth + 1)];
    const passing = {
      ...child,
      sessionId: `s${depth}`,
      account: from,
      signer: from,
      grant: { ...simple, parent: `s${depth - 1}`, sessionKey: encodeBase58(to) },
    };
    const decision = decideGrant(passing, state);
    assert.equal(decision.ok, depth <= DEPTH_MAX, `grant ${depth}`);
    if (decision.ok) state = fold(evolve, state, decision.events);
  }
});

test("a replacement begins when the replaced ends, in one step, and starts from nothing", () => {
  const used = run(granting(grant), reserving(reserve), committing("m1", 105_000));
  const replacement = { ...grant, sessionId: "s3", grant: { ...simple, replaces: "s1" } };
  const decision = decideGrant(replacement, used);
  assert.ok(decision.ok && decision.events.length === 2);
  const state = fold(evolve, used, decision.events);
  assert.equal(summary(state, "s3").spent, 0n);
  assert.equal(summary(state, "s1").spent, 105_000n);
  const old = decideReserve({ ...reserve, messageHash: "m2" }, state);
  assert.equal(old.ok ? "accepted" : old.code, "SESSION_REVOKED");
});

test("an amendment counts on where the session stood", () => {
  const state = run(
    granting(grant),
    reserving(reserve),
    committing("m1", 105_000),
    amending({ ...amend, grant: withAmount(200_000n) }),
  );
  assert.equal(summary(state).spent, 105_000n);
  const decision = decideReserve({ ...reserve, messageHash: "m2" }, state);
  assert.equal(decision.ok ? "accepted" : decision.code, "SESSION_LIMIT_EXCEEDED");
});

test("a set that grows keeps what was put in, and its earlier self as it was", () => {
  let set = EMPTY_SET;
  const earlier = addTo(set, "first");
  for (let count = 0; count < 1_000; count++) set = addTo(addTo(set, `v${count}`), `v${count >> 1}`);
  for (let count = 0; count < 1_000; count++) assert.ok(hasIn(set, `v${count}`));
  assert.ok(!hasIn(set, "first") && hasIn(earlier, "first") && !hasIn(earlier, "v0"));
  assert.ok(set.length <= 11, `${set.length} layers`);
});
