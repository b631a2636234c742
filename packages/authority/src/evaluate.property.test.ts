/** The evaluator against simple models of what it promises: S4, S5, S7, S9 to S12, S15, S16 and the faults that others had. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLamports, parseUnixMs } from "@mira/primitives";
import * as f from "./authority.fixture.ts";
import { describeCaveat } from "./caveat-text.ts";
import type { Amount, Caveat } from "./caveat.ts";
import { evaluate, type Verdict } from "./evaluate.ts";
import { computeExposure } from "./exposure.ts";
import { checkGrant, type Grant } from "./grant.ts";
import type { Link } from "./link.ts";
import { checkNarrower } from "./narrow.ts";
import { SYSTEM_PROGRAM, SYSTEM_TRANSFER } from "./programs.ts";
import { sumMovements, type ActionRequest } from "./request.ts";
import { commit, release, reserve, type Reservation } from "./usage.ts";

const runs = { numRuns: f.RUNS };

type Use = { readonly at: number; readonly lamports: bigint; readonly fee: bigint };

/** Asks for everything in order of time; what is allowed is reserved, and each reservation ends as told. */
function play(grant: Grant, requests: readonly ActionRequest[], endings: readonly string[] = []) {
  let link = f.linkOf(grant);
  const uses: Use[] = [];
  for (const [index, request] of requests.entries()) {
    const verdict = evaluate([link], request);
    if (!verdict.allowed) continue;
    const { reservation } = verdict;
    link = { ...link, usage: reserve(link.usage, grant, reservation) };
    const ending = endings[index] ?? "hold";
    if (ending === "release") link = { ...link, usage: release(link.usage, grant, reservation) };
    else uses.push(toUse(reservation));
    if (ending === "commit")
      link = { ...link, usage: commit(link.usage, grant, reservation, { ...reservation, succeeded: true }) };
  }
  return { link, uses };
}

function toUse({ spends, feeLamports, at }: Reservation): Use {
  return { at, lamports: spends.get("lamports") ?? 0n, fee: feeLamports };
}

const sortedRequests = fc
  .array(f.anyRequest, { maxLength: 30 })
  .map((requests) => requests.toSorted((left, right) => left.at - right.at));
const anyEndings = fc.array(fc.constantFrom("hold", "commit", "release"), { maxLength: 30 });

function amountOf({ lamports, fee }: Use, { feesIncluded }: Amount): bigint {
  return feesIncluded ? lamports + fee : lamports;
}

function sum(uses: readonly Use[], amount: Amount): bigint {
  return uses.reduce((total, use) => total + amountOf(use, amount), 0n);
}

test("S1 and S4: no amount is exceeded over its transaction, its window or its life, nor twice over any stretch of a window's length", () => {
  fc.assert(
    fc.property(f.anyCaveats, sortedRequests, anyEndings, (caveats, requests, endings) => {
      const { uses } = play(f.grantOf(caveats), requests, endings);
      for (const amount of caveats.filter((caveat): caveat is Amount => caveat.kind === "amount")) {
        const { per, most } = amount;
        if (per === "lifetime") assert.ok(sum(uses, amount) <= most);
        else if (per === "transaction") assert.ok(uses.every((use) => amountOf(use, amount) <= most));
        else
          for (const { at } of uses) {
            const window = Math.floor((at - f.START) / per.everyMs);
            const inWindow = uses.filter((use) => Math.floor((use.at - f.START) / per.everyMs) === window);
            assert.ok(sum(inWindow, amount) <= most);
            const inStretch = uses.filter((use) => use.at >= at && use.at < at + per.everyMs);
            assert.ok(sum(inStretch, amount) <= 2n * most);
          }
      }
    }),
    runs,
  );
});

test("S5: a rate lets no more through in any stretch of its length, however long it was idle", () => {
  fc.assert(
    fc.property(f.anyCaveats, sortedRequests, anyEndings, (caveats, requests, endings) => {
      const { uses } = play(f.grantOf(caveats), requests, endings);
      for (const caveat of caveats)
        if (caveat.kind === "rate")
          for (const { at } of uses)
            assert.ok(
              uses.filter((use) => use.at > at - caveat.everyMs && use.at <= at).length <= caveat.most,
            );
    }),
    runs,
  );
});

test("S3: what is given back leaves amounts, fees, calls and rates as if it had never been asked for", () => {
  fc.assert(
    fc.property(f.anyCaveats, sortedRequests, f.anyRequest, (caveats, requests, extra) => {
      const grant = f.grantOf(caveats);
      const { link } = play(
        grant,
        requests.filter(({ at }) => at <= extra.at),
      );
      const verdict = evaluate([link], extra);
      fc.pre(verdict.allowed);
      const back = release(reserve(link.usage, grant, verdict.reservation), grant, verdict.reservation);
      for (const next of requests.filter(({ at }) => at >= extra.at))
        assert.deepEqual(evaluate([{ ...link, usage: back }], next), evaluate([link], next));
    }),
    runs,
  );
});

test("S7 and guardrails 1.6 #4: the order of caveats changes nothing, and a chain allows what each of its grants allows", () => {
  const chain = fc.array(f.anyCaveats, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(chain, f.anyRequest, fc.integer(), (scopes, request, seed) => {
      const links = scopes.map((caveats) => f.linkOf(f.grantOf(caveats)));
      const turned = links.map((link) => ({
        ...link,
        grant: { ...link.grant, caveats: rotate(link.grant.caveats, seed) },
      }));
      assert.deepEqual(evaluate(turned, request), evaluate(links, request));
      assert.equal(
        evaluate(links, request).allowed,
        links.every((link) => evaluate([link], request).allowed),
      );
    }),
    runs,
  );
});

test("S7: whatever a narrower grant allows, the one it comes from allows; and nothing that is wider passes", () => {
  const changed = fc.record({
    most: fc.bigInt({ min: 1n, max: 60n }),
    drop: fc.nat(8),
    earlier: fc.integer({ min: -3, max: 3 }),
  });
  fc.assert(
    fc.property(f.anyCaveats, changed, f.anyRequest, (caveats, { most, drop, earlier }, request) => {
      const outer = f.grantOf(caveats);
      const scaled = caveats.map((caveat) => (caveat.kind === "amount" ? { ...caveat, most } : caveat));
      const inner = f.grantOf(
        scaled.filter((_caveat, index) => index !== drop || drop === 8),
        { expiresAt: parseUnixMs(f.END - earlier) },
      );
      const isNarrower = checkNarrower(outer, inner) === undefined;
      if (!isNarrower) return;
      assert.ok(inner.expiresAt <= outer.expiresAt && inner.caveats.length >= caveats.length);
      if (evaluate([f.linkOf(inner)], request).allowed)
        assert.ok(evaluate([f.linkOf(outer)], request).allowed);
    }),
    runs,
  );
});

test("S9 and guardrails 1.6 #21: the start counts, the end does not, to the millisecond, in every link of a chain", () => {
  const window = fc.record({ from: fc.integer({ min: 0, max: 20 }), life: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(
      fc.array(window, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: -1, max: 41 }),
      (windows, offset) => {
        const at = parseUnixMs(f.START + offset);
        const links = windows.map(({ from, life }) =>
          f.linkOf(
            f.grantOf(SIMPLE, {
              startsAt: parseUnixMs(f.START + from),
              expiresAt: parseUnixMs(f.START + from + life),
            }),
          ),
        );
        const isWithin = windows.every(({ from, life }) => offset >= from && offset < from + life);
        assert.equal(evaluate(links, f.requestOf([PAY], { at })).allowed, isWithin);
      },
    ),
    runs,
  );
});

test("S11: in one transaction or spread over several, in any order, with words about compute: the same may leave", () => {
  const payments = fc.array(f.anyInstruction, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(payments, fc.integer(), fc.nat(5), (instructions, seed, at) => {
      const link = f.linkOf(f.grantOf(SIMPLE));
      const flat = evaluate([link], f.requestOf(instructions, { fee: 0n }));
      const wrapped = instructions.toSpliced(Math.min(at, instructions.length), 0, f.COMPUTE_LIMIT);
      assert.deepEqual(evaluate([link], f.requestOf(wrapped, { fee: 0n })), flat);
      const turned = evaluate([link], f.requestOf(rotate(instructions, seed), { fee: 0n }));
      assert.equal(turned.allowed, flat.allowed);
      const { uses } = play(
        link.grant,
        instructions.map((instruction) => f.requestOf([instruction], { fee: 0n })),
      );
      if (flat.allowed) assert.equal(sum(uses, LIMIT), flat.reservation.spends.get("lamports") ?? 0n);
    }),
    runs,
  );
});

test("S12 and guardrails 1.6 #8: no scope lets a session change who has authority", () => {
  const control = fc.constantFrom(
    ...[1, 4, 5, 6, 7, 10, 12].map((kind) => ({ ...PAY, data: Uint8Array.of(kind, 0, 0, 0, 0, 0, 0, 0) })),
    ...[4, 6, 9, 13].map((kind) => ({ ...f.tokensTo(f.SOURCE, 1n), data: Uint8Array.of(kind, 1, 2, 3) })),
    {
      program: "BPFLoaderUpgradeab1e11111111111111111111111",
      accounts: [f.OWNER],
      data: Uint8Array.of(4, 0, 0, 0),
    },
  );
  fc.assert(
    fc.property(
      f.anyCaveats,
      control,
      fc.array(f.anyInstruction, { maxLength: 3 }),
      fc.nat(3),
      (caveats, bad, others, at) => {
        const programs = { kind: "programs", programs: [SYSTEM_PROGRAM, bad.program] } as const;
        const scope = [programs, ...caveats.filter(({ kind }) => kind !== "instructions")];
        const verdict = evaluate([f.linkOf(f.grantOf(scope))], f.requestOf(others.toSpliced(at, 0, bad)));
        assert.equal(verdict.allowed, false);
      },
    ),
    runs,
  );
});

test("S15: nobody extracts more after an instant than the exposure said then, and none is left from the end on", () => {
  fc.assert(
    fc.property(f.anyCaveats, sortedRequests, anyEndings, fc.nat(30), (caveats, requests, endings, cut) => {
      const grant = f.grantOf(caveats);
      const { link } = play(grant, requests.slice(0, cut), endings.slice(0, cut));
      const now = requests[cut]?.at ?? f.END;
      const [exposure] = computeExposure([link], now);
      assert.ok(exposure);
      const inFlight = exposure.inFlight;
      const taken = extract(link, requests.slice(cut));
      assert.ok(taken <= exposure.open, `took ${taken} of ${exposure.open}`);
      assert.ok(inFlight >= 0n);
      assert.equal(computeExposure([link], f.END)[0]?.open, 0n);
    }),
    runs,
  );
});

/** A thief who tries each request, and then the most that the denial says would do. */
function extract(link: Link, requests: readonly ActionRequest[]): bigint {
  let current = link;
  let taken = 0n;
  const take = (request: ActionRequest): Verdict => {
    const verdict = evaluate([current], request);
    if (!verdict.allowed) return verdict;
    const { reservation } = verdict;
    taken += (reservation.spends.get("lamports") ?? 0n) + reservation.feeLamports;
    current = { ...current, usage: reserve(current.usage, current.grant, reservation) };
    return verdict;
  };
  for (const request of requests) {
    const verdict = take(request);
    if (verdict.allowed || verdict.code !== "SESSION_LIMIT_EXCEEDED") continue;
    const [, most] = /^at most (\d+)/.exec(verdict.alternative) ?? [];
    const friend = link.grant.caveats.flatMap((caveat) =>
      caveat.kind === "recipients" ? caveat.recipients : [],
    )[0];
    if (most !== undefined && friend !== undefined)
      take(f.requestOf([f.transferTo(friend, BigInt(most))], { at: request.at, fee: 0n }));
  }
  return taken;
}

test("S16: what is denied names a caveat of the grant that denies it alone too, and what it says would do does", () => {
  fc.assert(
    fc.property(f.anyCaveats, sortedRequests, (caveats, requests) => {
      const { link } = play(f.grantOf(caveats), requests.slice(0, -1));
      const last = requests.at(-1);
      fc.pre(last !== undefined);
      const verdict = evaluate([link], last);
      assert.deepEqual(evaluate([link], last), verdict, "decided twice, decided alike");
      if (verdict.allowed) return;
      assert.ok(verdict.rule !== "" && verdict.needed !== "" && verdict.had !== "");
      const named = caveats.find(
        (caveat) => describeCaveat(caveat).join() === `${verdict.rule},${verdict.caveat}`,
      );
      if (verdict.caveat === "") return;
      assert.ok(named, "the caveat is one that was signed");
      const alone = { ...link, grant: { ...link.grant, caveats: [named] } };
      assert.deepEqual(evaluate([alone], last), verdict);
      const [, most] = /^at most (\d+)/.exec(verdict.alternative) ?? [];
      if (named.kind !== "amount" || most === undefined) return;
      const nearest = f.requestOf([f.transferTo(f.STRANGER, BigInt(most))], { at: last.at, fee: 0n });
      assert.ok(evaluate([alone], nearest).allowed, `${most} would do`);
      const more = f.requestOf([f.transferTo(f.STRANGER, BigInt(most) + 1n)], { at: last.at, fee: 0n });
      assert.ok(!evaluate([alone], more).allowed, "and nothing above it");
    }),
    runs,
  );
});

test("S10, guardrails 1.6 #6 and #13: a grant without calls, fees, recipients or with nothing but an amount is none", () => {
  fc.assert(
    fc.property(f.anyCaveats, fc.constantFrom("instructions", "recipients"), (caveats, missing) => {
      const rest = caveats.filter(({ kind }) => kind !== missing);
      assert.equal(checkGrant(f.grantOf(rest))?.code, "SESSION_SCOPE_EMPTY");
      const amounts = caveats.filter(({ kind }) => kind === "amount" || kind === "fees");
      assert.equal(checkGrant(f.grantOf(amounts))?.code, "SESSION_SCOPE_EMPTY");
      assert.equal(checkGrant(f.grantOf([]))?.code, "SESSION_SCOPE_EMPTY");
      assert.equal(checkGrant(f.grantOf(caveats)), undefined);
    }),
    runs,
  );
});

test("S10: an argument is compared as a number, and one that is not there denies, whatever the operator", () => {
  const operators = ["EQ", "NEQ", "LT", "LTE", "GT", "GTE", "ONE_OF"] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...operators),
      fc.bigInt({ min: 0n, max: 12n }),
      fc.bigInt({ min: 0n, max: 12n }),
      fc.nat(14),
      (operator, value, found, offset) => {
        const caveat = {
          kind: "argument",
          of: SYSTEM_TRANSFER,
          offset,
          type: "u64",
          operator,
          values: [value],
        } as const;
        const link = f.linkOf(f.grantOf([...SIMPLE, caveat]));
        const instruction = f.transferTo(f.FRIENDS[0] ?? "", found);
        const verdict = evaluate([link], f.requestOf([instruction], { fee: 0n }));
        if (offset > 4) {
          assert.equal(verdict.allowed ? "allowed" : verdict.code, "SESSION_ARGUMENT_DENIED");
          return;
        }
        const read = Buffer.from(instruction.data).readBigUInt64LE(offset);
        const holds = {
          EQ: read === value,
          NEQ: read !== value,
          LT: read < value,
          LTE: read <= value,
          GT: read > value,
          GTE: read >= value,
          ONE_OF: read === value,
        }[operator];
        assert.equal(verdict.allowed, holds);
      },
    ),
    runs,
  );
});

test("guardrails 1.6 #9: many units at a high price are bounded by the fee in lamports", () => {
  const link = f.linkOf(f.grantOf(SIMPLE));
  const verdict = evaluate([link], f.requestOf([f.COMPUTE_LIMIT, PAY], { fee: 1_001n }));
  assert.equal(verdict.allowed ? "allowed" : verdict.code, "SESSION_FEE_EXCEEDED");
});

test("guardrails 1.6 #12: a post-condition counts over the whole transaction, and is judged after everything else", () => {
  const loss: Caveat = { kind: "loss", asset: "lamports", most: 10n };
  const link = f.linkOf(f.grantOf([loss, ...SIMPLE]));
  const payments = [6n, 6n].map((amount) => f.transferTo(f.FRIENDS[0] ?? "", amount));
  const whole = evaluate([link], f.requestOf(payments));
  assert.equal(whole.allowed ? "allowed" : whole.code, "SESSION_EFFECT_DENIED");
  const [first] = payments;
  assert.ok(first && evaluate([link], f.requestOf([first])).allowed);
  const elsewhere = evaluate([link], f.requestOf([...payments, f.transferTo(f.STRANGER, 1n)]));
  assert.equal(elsewhere.allowed ? "allowed" : elsewhere.code, "SESSION_RECIPIENT_DENIED");
});

test("guardrails 1.6 #18: what a called program will do is not told by its instruction, so it is denied, listed or not", () => {
  const scope: Caveat[] = [
    ...SIMPLE.filter(({ kind }) => kind !== "instructions"),
    { kind: "programs", programs: [f.STRANGER] },
  ];
  const verdict = evaluate([f.linkOf(f.grantOf(scope))], f.requestOf([{ ...PAY, program: f.STRANGER }]));
  assert.equal(verdict.allowed ? "allowed" : verdict.code, "SESSION_ACTION_DENIED");
});

test("tokens move by their mint's own amount, and an asset without an amount does not move", () => {
  const units: Amount = { kind: "amount", asset: f.MINT, per: "lifetime", most: 100n, feesIncluded: false };
  const scope: Caveat[] = SIMPLE.map((caveat) =>
    caveat.kind === "instructions"
      ? {
          ...caveat,
          instructions: [
            ...caveat.instructions,
            { program: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", discriminator: "0c" },
          ],
        }
      : caveat,
  );
  const ask = (caveats: readonly Caveat[], amount: bigint, mint = f.MINT): string => {
    const verdict = evaluate(
      [f.linkOf(f.grantOf(caveats))],
      f.requestOf([f.tokensTo(f.FRIENDS[0] ?? "", amount, mint)]),
    );
    return verdict.allowed ? "allowed" : verdict.code;
  };
  assert.equal(ask([...scope, units], 100n), "allowed");
  assert.equal(ask([...scope, units], 101n), "SESSION_LIMIT_EXCEEDED");
  assert.equal(ask([...scope, units], 1n, f.STRANGER), "SESSION_LIMIT_EXCEEDED");
  assert.equal(ask(scope, 1n), "SESSION_LIMIT_EXCEEDED");
});

const LIMIT: Amount = {
  kind: "amount",
  asset: "lamports",
  per: "lifetime",
  most: 1_000n,
  feesIncluded: false,
};
const SIMPLE: readonly Caveat[] = [
  { kind: "instructions", instructions: [SYSTEM_TRANSFER] },
  { kind: "recipients", recipients: [...f.FRIENDS] },
  LIMIT,
  { kind: "fees", most: parseLamports(1_000) },
];
const PAY = f.transferTo(f.FRIENDS[0] ?? "", 1n);

function rotate<T>(list: readonly T[], seed: number): readonly T[] {
  const at = list.length === 0 ? 0 : Math.abs(seed) % list.length;
  return [...list.slice(at), ...list.slice(0, at)].reverse();
}

test("what moves in sum is summed without a limit of bits", () => {
  const most = 2n ** 64n - 1n;
  assert.equal(
    sumMovements([most, most].map((amount) => ({ asset: "lamports", by: "", to: "", amount }))).get(
      "lamports",
    ),
    2n * most,
  );
});
