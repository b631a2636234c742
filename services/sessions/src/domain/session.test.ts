/** Sessions: every "no" has a row; budgets never overspend whatever the order of reserve, commit and release. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createKeyPair, fold, parseLamports, parseUnixMs, type Lamports } from "@mira/primitives";
import { decide, type SessionCommand } from "./decide.ts";
import { computeLeft, evolve, initialState, type SessionEvent, type SessionState } from "./session.ts";

const owner = createKeyPair(new Uint8Array(32).fill(1)).publicKey;
const sessionKey = createKeyPair(new Uint8Array(32).fill(2)).publicKey;
const friend = createKeyPair(new Uint8Array(32).fill(3)).publicKey;
const stranger = createKeyPair(new Uint8Array(32).fill(4)).publicKey;
const start = parseUnixMs(1_800_000_000_000);
const end = parseUnixMs(start + 600_000);
const lamports = (amount: number): Lamports => parseLamports(amount);
const intent = { intent: Uint8Array.of(1), publicKey: owner, signature: Uint8Array.of(2) };
const system = "11111111111111111111111111111111";

const grant: Extract<SessionCommand, { type: "grant" }> = {
  type: "grant",
  sessionId: "s1",
  owner,
  signer: owner,
  grant: {
    sessionKey,
    recipients: [friend],
    limitLamports: lamports(1_000_000),
    startsAt: start,
    expiresAt: end,
  },
  text: "what was shown",
  intent,
  lifetimeMsMax: 3_600_000,
  at: start,
};
const reserve: Extract<SessionCommand, { type: "reserve" }> = {
  type: "reserve",
  messageHash: "m1",
  transfers: [{ from: owner, to: friend, lamports: lamports(100_000) }],
  feeLamports: lamports(5_000),
  signers: [owner],
  programs: [system],
  at: start,
};

function run(...commands: readonly SessionCommand[]): SessionState {
  let state: SessionState = initialState;
  for (const command of commands) {
    const decision = decide(command, state);
    assert.ok(decision.ok, decision.ok ? "" : `${command.type}: ${decision.code}`);
    state = fold(evolve, state, decision.events);
  }
  return state;
}

const granted = run(grant);
const revoke: SessionCommand = { type: "revoke", signer: owner, intent, at: parseUnixMs(start + 5) };
const revoked = run(grant, revoke);

const refusals: readonly (readonly [string, SessionState, SessionCommand, string])[] = [
  ["a second grant of the same id", granted, grant, "SESSION_EXISTS"],
  ["a grant after its revocation: an id stays dead", revoked, grant, "SESSION_EXISTS"],
  [
    "a grant signed by someone else",
    initialState,
    { ...grant, signer: stranger },
    "INTENT_SIGNATURE_INVALID",
  ],
  [
    "a session key that is the owner's",
    initialState,
    { ...grant, grant: { ...grant.grant, sessionKey: owner } },
    "REQUEST_INVALID",
  ],
  [
    "an impossible window",
    initialState,
    { ...grant, grant: { ...grant.grant, startsAt: end } },
    "SESSION_WINDOW_INVALID",
  ],
  ["a grant whose end has come", initialState, { ...grant, at: end }, "SESSION_WINDOW_INVALID"],
  [
    "a life longer than the network's maximum",
    initialState,
    { ...grant, lifetimeMsMax: 599_999 },
    "SESSION_WINDOW_INVALID",
  ],
  ["revoking what was never granted", initialState, revoke, "SESSION_NOT_FOUND"],
  ["revoking by a stranger", granted, { ...revoke, signer: stranger }, "INTENT_SIGNATURE_INVALID"],
  ["revoking twice", revoked, revoke, "SESSION_REVOKED"],
  ["a use without a grant", initialState, reserve, "SESSION_NOT_FOUND"],
  ["a use after revocation", revoked, reserve, "SESSION_REVOKED"],
  ["a use before the start", granted, { ...reserve, at: parseUnixMs(start - 1) }, "SESSION_NOT_STARTED"],
  ["a use at the very instant of the end", granted, { ...reserve, at: end }, "SESSION_EXPIRED"],
  [
    "a recipient off the list",
    granted,
    { ...reserve, transfers: [{ from: owner, to: stranger, lamports: lamports(1) }] },
    "SESSION_RECIPIENT_DENIED",
  ],
  [
    "one recipient of several off the list",
    granted,
    { ...reserve, transfers: [...reserve.transfers, { from: owner, to: stranger, lamports: lamports(1) }] },
    "SESSION_RECIPIENT_DENIED",
  ],
  [
    "a transfer from another account",
    granted,
    { ...reserve, transfers: [{ from: stranger, to: friend, lamports: lamports(1) }] },
    "SESSION_ACTION_DENIED",
  ],
  [
    "another program",
    granted,
    { ...reserve, programs: [system, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"] },
    "SESSION_ACTION_DENIED",
  ],
  ["a transaction that transfers nothing", granted, { ...reserve, transfers: [] }, "SESSION_ACTION_DENIED"],
  ["a second signer", granted, { ...reserve, signers: [owner, stranger] }, "SESSION_ACTION_DENIED"],
  [
    "an amount whose fee exceeds the limit",
    granted,
    { ...reserve, transfers: [{ from: owner, to: friend, lamports: lamports(995_001) }] },
    "SESSION_LIMIT_EXCEEDED",
  ],
  [
    "an amount that overflows 64 bits in sum",
    granted,
    {
      ...reserve,
      transfers: [1, 2].map(() => ({ from: owner, to: friend, lamports: (2n ** 64n - 1n) as Lamports })),
    },
    "SESSION_LIMIT_EXCEEDED",
  ],
];
for (const [name, state, command, code] of refusals)
  test(`refused: ${name}`, () => {
    const decision = decide(command, state);
    assert.equal(decision.ok ? "accepted" : decision.code, code);
  });

test("the last millisecond and the last lamport still count", () => {
  const decision = decide(
    {
      ...reserve,
      at: parseUnixMs(end - 1),
      transfers: [{ from: owner, to: friend, lamports: lamports(995_000) }],
    },
    granted,
  );
  assert.ok(decision.ok);
});

test("a refusal over the limit names the rule, what was needed and what was there", () => {
  const decision = decide(
    { ...reserve, messageHash: "m2", transfers: [{ from: owner, to: friend, lamports: lamports(900_000) }] },
    run(grant, reserve),
  );
  assert.ok(!decision.ok);
  assert.deepEqual(decision.details, {
    rule: "limit lamports",
    needed: "905000",
    left: "895000",
    limit: "1000000",
    spent: "0",
    reserved: "105000",
  });
});

test("the session key may give its authority up", () => {
  assert.equal(run(grant, { ...revoke, signer: sessionKey }).status, "revoked");
});

test("a reservation asked for twice is one reservation, and one that ended is not made again", () => {
  const once = run(grant, reserve);
  const again = decide(reserve, once);
  assert.ok(again.ok && again.events.length === 0);
  const spent = run(grant, reserve, {
    type: "commit",
    messageHash: "m1",
    spentLamports: lamports(105_000),
    sequenceNumber: 1,
    at: start,
  });
  const replay = decide(reserve, spent);
  assert.equal(replay.ok ? "accepted" : replay.code, "TRANSACTION_DUPLICATE");
});

test("guardrails 1.6 #1: a released reservation is available again, once", () => {
  const release: SessionCommand = { type: "release", messageHash: "m1", reason: "never settled", at: start };
  const state = run(grant, reserve, release, release);
  assert.ok(state.status === "granted");
  assert.equal(computeLeft(state), 1_000_000n);
});

test("whatever the order of uses, spent and reserved never exceed the limit, and each reservation ends once", () => {
  const step = fc.record({
    kind: fc.constantFrom("reserve", "commit", "release"),
    message: fc.nat(12),
    amount: fc.integer({ min: 1, max: 400_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let state: SessionState = granted;
      const committed = new Map<string, bigint>();
      for (const { kind, message, amount } of steps) {
        const messageHash = `m${message}`;
        assert.ok(state.status === "granted");
        const held = state.reservations.get(messageHash);
        const command: SessionCommand =
          kind === "reserve"
            ? {
                ...reserve,
                messageHash,
                transfers: [{ from: owner, to: friend, lamports: lamports(amount) }],
              }
            : kind === "commit"
              ? {
                  type: "commit",
                  messageHash,
                  spentLamports: held ?? lamports(0),
                  sequenceNumber: message,
                  at: start,
                }
              : { type: "release", messageHash, reason: "test", at: start };
        const decision = decide(command, state);
        const events: readonly SessionEvent[] = decision.ok ? decision.events : [];
        if (kind === "commit" && events.length > 0) {
          assert.ok(!committed.has(messageHash), "a reservation was committed twice");
          committed.set(messageHash, held ?? 0n);
        }
        state = fold(evolve, state, events);
        assert.ok(state.status === "granted" && computeLeft(state) >= 0n);
      }
      assert.ok(state.status === "granted");
      assert.equal(
        state.spent,
        [...committed.values()].reduce((sum, amount) => sum + amount, 0n),
      );
      assert.equal(
        state.reserved,
        [...state.reservations.values()].reduce((sum: bigint, amount) => sum + amount, 0n),
      );
    }),
  );
});
