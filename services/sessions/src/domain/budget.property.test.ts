/** Trees of sessions under random grants, uses, endings, revocations and replays, against a simple model: S1, S2, S3, S6, S8, S12, S14. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Grant } from "@mira/authority";
import { encodeBase58, fold, parseLamports, parseUnixMs, type Decision } from "@mira/primitives";
import { decideAmend, decideGrant, decideRevoke } from "./decide.ts";
import { decideCommit, decideRelease, decideReserve } from "./decide-use.ts";
import {
  evolve,
  initialState,
  listChain,
  type SessionEvent,
  type SessionState,
  type SessionTree,
} from "./session.ts";

const RUNS = { numRuns: 1_000 };
const START = parseUnixMs(1_800_000_000_000);
const END = parseUnixMs(START + 1_000);
const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const OWNER = key(1);
const FRIEND = key(2);
const intent = { intent: Uint8Array.of(1), publicKey: OWNER, signature: Uint8Array.of(2) };
/** s0 is the owner's; s1 comes from it; s2 and s3 from s1. */
const PARENTS: Readonly<Record<string, string | undefined>> = { s0: undefined, s1: "s0", s2: "s1", s3: "s1" };
const IDS = Object.keys(PARENTS);

const holderOf = (id: string): Uint8Array => key(10 + IDS.indexOf(id));

function grantOf(id: string, most: bigint): Grant {
  const parent = PARENTS[id];
  return {
    sessionKey: encodeBase58(holderOf(id)),
    startsAt: START,
    expiresAt: END,
    ...(parent === undefined ? {} : { parent }),
    caveats: [
      { kind: "instructions", instructions: [{ program: encodeBase58(key(0)), discriminator: "02000000" }] },
      { kind: "recipients", recipients: [encodeBase58(FRIEND)] },
      { kind: "amount", asset: "lamports", per: "lifetime", most, feesIncluded: true },
    ],
  };
}

type Step =
  | { readonly kind: "reserve"; readonly id: string; readonly message: number; readonly lamports: number }
  | { readonly kind: "commit" | "fail" | "release"; readonly message: number }
  | { readonly kind: "revoke"; readonly id: string }
  | { readonly kind: "amend"; readonly id: string; readonly most: number }
  | { readonly kind: "advance" };

const anyId = fc.constantFrom(...IDS);
const message = fc.nat(9);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("reserve" as const), id: anyId, message, lamports: fc.nat(40) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("commit" as const, "fail" as const, "release" as const),
      message,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("revoke" as const), id: anyId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("amend" as const), id: anyId, most: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("advance" as const) }) },
);
const anyWorld = fc.record({
  limits: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 4, maxLength: 4 }),
  steps: fc.array(anyStep, { maxLength: 50 }),
});

const FEE = 2n;

class World {
  state: SessionState = initialState;
  epoch = 0;
  readonly log: SessionEvent[] = [];

  constructor(limits: readonly number[]) {
    let most = limits[0] ?? 1;
    for (const [index, id] of IDS.entries()) {
      most = Math.min(most, limits[index] ?? 1);
      const account = PARENTS[id] === undefined ? OWNER : holderOf(PARENTS[id]);
      const stated = {
        sessionId: id,
        account,
        signer: account,
        epoch: 0,
        text: "",
        intent,
        lifetimeMsMax: 10_000,
      };
      const grant = grantOf(id, BigInt(most));
      this.apply(decideGrant({ ...stated, grant, authority: this.authority, at: START }, this.state));
    }
  }

  get authority() {
    return { epoch: this.epoch, advancedAt: START };
  }

  get tree(): SessionTree {
    assert.ok(this.state.status === "granted");
    return this.state;
  }

  apply(decision: Decision<SessionEvent>): readonly SessionEvent[] {
    const events = decision.ok ? decision.events : [];
    this.log.push(...events);
    this.state = fold(evolve, this.state, events);
    return events;
  }

  take(step: Step): readonly SessionEvent[] {
    const { authority, state } = this;
    const signed = { signer: OWNER, intent, authority, at: START };
    switch (step.kind) {
      case "reserve": {
        const request = useOf(BigInt(step.lamports));
        const messageHash = `m${step.message}`;
        return this.apply(decideReserve({ sessionId: step.id, messageHash, request, authority }, state));
      }
      case "commit":
      case "fail": {
        const messageHash = `m${step.message}`;
        const held = this.tree.held.get(messageHash);
        if (held === undefined) return [];
        const moved = step.kind === "commit" ? (held.use.spends.get("lamports") ?? 0n) : 0n;
        const outcome = { spentLamports: parseLamports(moved + FEE), succeeded: step.kind === "commit" };
        const { sessionId } = held;
        return this.apply(
          decideCommit({ sessionId, messageHash, ...outcome, sequenceNumber: 1, at: START }, state),
        );
      }
      case "release":
        return this.apply(decideRelease({ messageHash: `m${step.message}`, reason: "", at: START }, state));
      case "revoke":
        return this.apply(decideRevoke({ ...signed, sessionId: step.id }, state));
      case "amend": {
        const grant = grantOf(step.id, BigInt(step.most));
        return this.apply(decideAmend({ ...signed, sessionId: step.id, epoch: this.epoch, grant }, state));
      }
      case "advance":
        this.epoch++;
        return [];
    }
  }
}

function useOf(lamports: bigint) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  const accounts = [OWNER, FRIEND].map(encodeBase58);
  return {
    instructions: [{ program: encodeBase58(key(0)), accounts, data }],
    writable: accounts,
    signers: [encodeBase58(OWNER)],
    feePayer: encodeBase58(OWNER),
    feeLamports: parseLamports(FEE),
    at: START,
  };
}

/** What the log says was taken or is held under a session and what comes from it: the model. */
function usedByLog(world: World, sessionId: string): bigint {
  const open = new Map<string, bigint>();
  let settled = 0n;
  for (const event of world.log) {
    if (!("messageHash" in event)) continue;
    const under = listChain(world.tree, event.sessionId).some((session) => session.sessionId === sessionId);
    if (!under) continue;
    if (event.type === "BudgetReserved") open.set(event.messageHash, total(event.use));
    else open.delete(event.messageHash);
    if (event.type === "BudgetCommitted") settled += total(event.outcome);
  }
  return [...open.values()].reduce((sum, amount) => sum + amount, settled);
}

function total({
  spends,
  feeLamports,
}: {
  readonly spends: ReadonlyMap<string, bigint>;
  readonly feeLamports: bigint;
}) {
  return (spends.get("lamports") ?? 0n) + feeLamports;
}

function usedByState({ tree }: World, sessionId: string): bigint {
  const usage = tree.sessions.get(sessionId)?.usage;
  assert.ok(usage);
  return total(usage.committed) + total(usage.reserved);
}

test("S1: committed and reserved together never exceed the limit of any session of the chain, and are what the log says", () => {
  fc.assert(
    fc.property(anyWorld, ({ limits, steps }) => {
      const world = new World(limits);
      for (const step of steps) {
        const before = world.log.length;
        world.take(step);
        for (const id of IDS) {
          assert.equal(usedByState(world, id), usedByLog(world, id));
          if (step.kind !== "reserve" || world.log.length === before) continue;
          const amount = world.tree.sessions.get(id)?.grant.caveats.find(({ kind }) => kind === "amount");
          const isUsed = listChain(world.tree, step.id).some(({ sessionId }) => sessionId === id);
          if (isUsed && amount?.kind === "amount") assert.ok(usedByState(world, id) <= amount.most);
        }
      }
    }),
    RUNS,
  );
});

test("S2: a message moves a budget once: one reservation, and one end of it at most, whatever is delivered again", () => {
  fc.assert(
    fc.property(anyWorld, ({ limits, steps }) => {
      const world = new World(limits);
      for (const step of [...steps, ...steps]) world.take(step);
      for (let index = 0; index < 10; index++) {
        const about = world.log.filter(
          (event) => "messageHash" in event && event.messageHash === `m${index}`,
        );
        const types = about.map(({ type }) => type);
        assert.ok(types.length <= 2 && types.filter((type) => type === "BudgetReserved").length <= 1);
        if (types.length === 2) assert.ok(types[0] === "BudgetReserved" && types[1] !== "BudgetReserved");
      }
    }),
    RUNS,
  );
});

test("S3: what is released leaves nothing, what fails its fee; guardrails 1.6 #1 and #2: also after a replay of the log", () => {
  fc.assert(
    fc.property(anyWorld, ({ limits, steps }) => {
      const world = new World(limits);
      for (const step of steps) {
        const held = "message" in step ? world.tree.held.get(`m${step.message}`) : undefined;
        const before = IDS.map((id) => usedByState(world, id));
        const [event] = world.take(step);
        if (held === undefined || event === undefined || step.kind === "reserve") continue;
        const given =
          step.kind === "release" ? total(held.use) : step.kind === "fail" ? total(held.use) - FEE : 0n;
        const chain = listChain(world.tree, held.sessionId).map(({ sessionId }) => sessionId);
        for (const [index, id] of IDS.entries())
          assert.equal((before[index] ?? 0n) - usedByState(world, id), chain.includes(id) ? given : 0n);
      }
      assert.deepEqual(fold(evolve, initialState, world.log), world.state);
    }),
    RUNS,
  );
});

test("S6: nothing lowers what was committed, and no id that has ended lives again", () => {
  fc.assert(
    fc.property(anyWorld, ({ limits, steps }) => {
      const world = new World(limits);
      const ended = new Set<string>();
      for (const step of steps) {
        const before = IDS.map((id) => total(committedOf(world, id)));
        const events = world.take(step);
        for (const [index, id] of IDS.entries()) {
          assert.ok(total(committedOf(world, id)) >= (before[index] ?? 0n));
          if (world.tree.sessions.get(id)?.endedAt !== undefined) ended.add(id);
          else assert.ok(!ended.has(id));
        }
        for (const event of events)
          if (event.type === "BudgetReserved") assert.ok(!ended.has(event.sessionId));
      }
    }),
    RUNS,
  );
});

function committedOf({ tree }: World, id: string) {
  const usage = tree.sessions.get(id)?.usage;
  assert.ok(usage);
  return usage.committed;
}

test("S8 and S14: from a revocation on, and from the end of an epoch on, nothing below it is admitted, whoever signed it before", () => {
  fc.assert(
    fc.property(anyWorld, ({ limits, steps }) => {
      const world = new World(limits);
      const revoked = new Set<string>();
      for (const step of steps) {
        const events = world.take(step);
        if (step.kind === "revoke" && events.length > 0) revoked.add(step.id);
        for (const event of events) {
          if (event.type !== "BudgetReserved" && event.type !== "SessionAmended") continue;
          assert.equal(world.epoch, 0, "an epoch that is over was used");
          const chain = listChain(world.tree, event.sessionId).map(({ sessionId }) => sessionId);
          if (event.type === "BudgetReserved") assert.ok(!chain.some((id) => revoked.has(id)));
        }
      }
      const again = decideGrant(
        {
          sessionId: "s9",
          account: OWNER,
          signer: OWNER,
          epoch: 0,
          grant: grantOf("s0", 5n),
          text: "",
          intent,
          lifetimeMsMax: 10_000,
          authority: world.authority,
          at: START,
        },
        initialState,
      );
      assert.equal(again.ok, world.epoch === 0);
    }),
    RUNS,
  );
});

test("guardrails 1.6 #5 and #17: revoking, or the owner's key moving on, leaves none of what was passed on behind", () => {
  fc.assert(
    fc.property(anyWorld, fc.boolean(), ({ limits, steps }, byEpoch) => {
      const world = new World(limits);
      for (const step of steps) if (step.kind !== "advance") world.take(step);
      world.take(byEpoch ? { kind: "advance" } : { kind: "revoke", id: "s0" });
      for (const [index, id] of IDS.entries())
        assert.deepEqual(world.take({ kind: "reserve", id, message: 100 + index, lamports: 0 }), []);
    }),
    RUNS,
  );
});

test("S12: what is passed on is never wider and never lives longer, whatever is asked for", () => {
  const asked = fc.record({
    most: fc.integer({ min: 1, max: 200 }),
    life: fc.integer({ min: 1, max: 2_000 }),
    from: anyId,
  });
  fc.assert(
    fc.property(anyWorld, asked, ({ limits }, { most, life, from }) => {
      const world = new World(limits);
      const account = holderOf(from);
      const grant = { ...grantOf("s3", BigInt(most)), parent: from, expiresAt: parseUnixMs(START + life) };
      const stated = {
        sessionId: "s9",
        account,
        signer: account,
        epoch: 0,
        text: "",
        intent,
        lifetimeMsMax: 10_000,
      };
      const decision = decideGrant({ ...stated, grant, authority: world.authority, at: START }, world.state);
      const limit = world.tree.sessions.get(from)?.grant.caveats.find(({ kind }) => kind === "amount");
      assert.ok(limit?.kind === "amount");
      assert.equal(decision.ok, BigInt(most) <= limit.most && life <= 1_000);
    }),
    RUNS,
  );
});
