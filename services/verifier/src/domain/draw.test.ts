/** Draws of a verification: fixed before, drawn once, again when stale, wider while undecided, and no further than stated. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { CHECKPOINT_LAG_MAX } from "@mira/committee";
import { parseBaseUnits } from "@mira/primitives";
import fc from "fast-check";
import type { CloseRoundCommand } from "./decide-close.ts";
import { decide, type VerificationCommand } from "./decide.ts";
import { choosePolicy, computeSize, type Policy, type PolicyTerms } from "./policy.ts";
import { showTo } from "./privacy.ts";
import { getRound, listClaims, listCommittee, listPanel } from "./rounds.ts";
import { listVerdicts } from "./verdict.ts";
import {
  at,
  candidates,
  claims,
  commit,
  draw,
  fix,
  later,
  NETWORK,
  open,
  opened,
  openReveal,
  reveal,
  run,
  runOn,
  show,
  terms,
} from "./verification.fixture.ts";
import { initialState, type OpenedVerification, type VerificationState } from "./verification.ts";

const nonce = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const fixDraw = (state: VerificationState, byte = 6): VerificationCommand => {
  assert.ok(state.status !== "none");
  return {
    type: "fixDraw",
    after: { rounds: state.rounds.length, attempt: state.rounds.at(-1)?.terms?.attempt ?? 0 },
    draw: { networkId: NETWORK, candidates, nonce: nonce(byte), at },
  };
};
const codeOf = (command: VerificationCommand, state: VerificationState): string => {
  const decision = decide(command, state);
  return decision.ok ? "accepted" : decision.code;
};
const openWith = (change: Partial<PolicyTerms>): VerificationCommand => ({
  ...open,
  opened: { ...opened, terms: { ...terms, ...change } },
  draw: { ...open.draw, candidates },
});

/** What every member of the round at work attests, one after the other, up to the round's end. */
function attend(
  state: VerificationState,
  verdicts: readonly ("supported" | "refuted" | "unresolved")[],
): OpenedVerification {
  assert.ok(state.status === "committing");
  const shown = getRound(state).committee.map((member) => {
    const index = Number(member.validatorId.slice(3));
    const wanted = listClaims(state, member).map(({ claimId }) => claimId);
    return { index, reveals: reveal(index, verdicts).filter(({ claimId }) => wanted.includes(claimId)) };
  });
  const closeRound: CloseRoundCommand = { type: "closeRound", at: later(20) };
  const after = runOn(
    state,
    ...shown.map(({ index, reveals }) => commit(index, reveals)),
    openReveal,
    ...shown.map(({ index, reveals }) => show(index, reveals)),
    closeRound,
  );
  assert.ok(after.status !== "none");
  return after;
}

test("nobody is drawn, and nobody can commit, before the log has a checkpoint over what was fixed", () => {
  const state = run(open);
  assert.ok(state.status === "drawing");
  assert.deepEqual(listCommittee(state), []);
  assert.equal(codeOf(commit(0, reveal(0, ["supported", "refuted"])), state), "NOT_IN_COMMITTEE");
});

test("a committee is drawn once: another checkpoint later changes nothing", () => {
  const state = run(open, draw);
  const again = decide({ type: "draw", fixed: fix(state, { checkpoint: "another" }), at }, state);
  assert.ok(again.ok && again.events.length === 0);
});

for (const [name, change] of [
  ["a checkpoint that came much later", { treeSize: 9 + CHECKPOINT_LAG_MAX }],
  ["an entry that is none", { entry: Uint8Array.of(1) }],
] as const)
  test(`${name} draws nobody; the draw is fixed again with another nonce, a limited number of times`, () => {
    const bad = (state: VerificationState): VerificationCommand => ({
      type: "draw",
      fixed: fix(state, change),
      at,
    });
    let state = run(open);
    for (let attempt = 1; attempt < 5; attempt++) {
      assert.equal(codeOf(bad(state), state), "CONCURRENT_CHANGE");
      state = runOn(state, fixDraw(state, attempt));
      assert.ok(state.status === "drawing");
      assert.equal(getRound(state).terms?.attempt, attempt);
      assert.deepEqual(getRound(state).nonce, nonce(attempt));
    }
    state = runOn(state, bad);
    assert.ok(state.status === "certifying");
    assert.ok(listVerdicts(state).every(({ verdict }) => verdict === "unresolved"));
  });

test("whoever fixes a draw again after somebody else did comes too late", () => {
  const state = run(open);
  const command = fixDraw(state);
  const late = decide(command, runOn(state, fixDraw(state, 7)));
  assert.ok(late.ok && late.events.length === 0);
});

test("undecided claims get a committee of 2n+1, those who sit keep their seats, and it ends at the stated limit", () => {
  let state: VerificationState = run(
    openWith({ committeeSize: 1, wideningsMax: 2, familyShareBps: 10_000 }),
    draw,
  );
  assert.ok(state.status === "committing");
  const sizes: number[] = [];
  for (;;) {
    sizes.push(listCommittee(state).length);
    const after: OpenedVerification = attend(state, ["supported", "unresolved"]);
    if (after.status === "certifying") {
      state = after;
      break;
    }
    assert.deepEqual(after.undecided, ["c2"]);
    state = runOn(after, fixDraw(after), draw);
    assert.ok(state.status === "committing");
    assert.ok(getRound(state).committee.every(({ claimIds }) => claimIds.join() === "c2"));
  }
  assert.deepEqual(sizes, [1, 3, 7]);
  assert.deepEqual(
    [0, 1, 2].map((round) => computeSize({ committeeSize: 1 }, round)),
    sizes,
  );
  const [one, two] = listVerdicts(state);
  assert.deepEqual([one?.verdict, one?.round, one?.attestations.length], ["supported", 0, 1]);
  assert.deepEqual([two?.verdict, two?.round, two?.attestations.length], ["unresolved", 2, 7]);
});

test("with nobody left to draw the verdict stays undecided", () => {
  const after = attend(run({ ...open, opened: { ...opened, terms: { ...terms, wideningsMax: 2 } } }, draw), [
    "supported",
    "unresolved",
  ]);
  assert.equal(after.status, "widening");
  const few = fixDraw(after);
  assert.ok(few.type === "fixDraw");
  const end = runOn(after, { ...few, draw: { ...few.draw, candidates: candidates.slice(0, 3) } });
  assert.ok(end.status === "certifying");
  assert.equal(listCommittee(end).length, 3);
});

test("a member of a narrower committee may no longer commit or reveal in a wider one", () => {
  const after = attend(run(openWith({ wideningsMax: 1 }), draw), ["supported", "unresolved"]);
  const [member] = listCommittee(after);
  const index = Number(member?.validatorId.slice(3));
  const wider = runOn(after, fixDraw(after), draw);
  assert.equal(codeOf(commit(index, reveal(index, ["supported", "refuted"])), wider), "COMMIT_CLOSED");
});

test("whoever drew, committed and showed nothing is careless; whoever did all of it is not", () => {
  const state = run(open, draw);
  assert.ok(state.status === "committing");
  const [one, two, three] = listCommittee(state).map(({ validatorId }) => Number(validatorId.slice(3)));
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const [first, second] = [reveal(one, ["supported", "refuted"]), reveal(two, ["supported", "refuted"])];
  const revealing = runOn(
    state,
    commit(one, first),
    commit(two, second),
    { type: "openReveal", at: later(1_000) },
    show(one, first, later(1_001)),
  );
  const decision = decide({ type: "closeRound", at: later(2_000) }, revealing);
  assert.ok(decision.ok);
  const [faults] = decision.events.flatMap((event) => (event.type === "FaultsFound" ? [event.faults] : []));
  assert.deepEqual(
    new Map(faults?.map(({ validatorId, kind }) => [validatorId, kind])),
    new Map([
      [`val${two}`, "reveal-missing"],
      [`val${three}`, "commit-missing"],
    ]),
  );
});

test("a verdict below the policy's confidence is unresolved", () => {
  const sure = attend(run(openWith({ confidenceMin: 1 }), draw), ["supported", "refuted"]);
  assert.deepEqual(
    listVerdicts(sure).map(({ verdict }) => verdict),
    ["supported", "refuted"],
  );
  const state = run(openWith({ confidenceMin: 0.7 }), draw);
  assert.ok(state.status === "committing");
  const shown = getRound(state).committee.map(({ validatorId }, seat) => {
    const index = Number(validatorId.slice(3));
    return {
      index,
      reveals: reveal(index, seat === 0 ? ["refuted", "supported"] : ["supported", "refuted"]),
    };
  });
  const after = runOn(
    state,
    ...shown.map(({ index, reveals }) => commit(index, reveals)),
    openReveal,
    ...shown.map(({ index, reveals }) => show(index, reveals)),
    { type: "closeRound", at: later(20) },
  );
  assert.ok(after.status !== "none");
  for (const { verdict, reason } of listVerdicts(after)) {
    assert.equal(verdict, "unresolved");
    assert.match(reason, /below the policy's 0.7/);
  }
});

test("under a private policy nobody sees a claim of another half, and every claim has its whole committee", () => {
  const sentence = fc.constantFrom("1 + 1 = 2.", "Cats purr.", "2 + 2 = 4.", "So it goes.");
  fc.assert(
    fc.property(fc.array(sentence, { minLength: 2, maxLength: 12 }), fc.nat(200), (parts, byte) => {
      let end = 0;
      const spans = parts.map((text) => {
        const start = end;
        end = start + text.length + 1;
        return { start, end: start + text.length, text };
      });
      const found = spans
        .filter(({ text }) => text.includes("="))
        .map(({ start, end: stop, text }, index) => ({
          ...{ claimId: `c${index + 1}`, text, start, end: stop },
          pieces: [{ start, end: stop }],
        }));
      fc.pre(found.length >= 2);
      const asked = {
        ...opened,
        response: parts.join(" "),
        claims: found,
        sentences: spans.map(({ start, end, text }) => ({
          start,
          end,
          kind: text.includes("=") ? ("claim" as const) : ("not-checkable" as const),
          category: "fact",
          reason: "",
          structure: undefined,
        })),
        terms: { ...terms, isPrivate: true, familyShareBps: 10_000 },
      };
      const state = run(
        { ...open, opened: asked, draw: { ...open.draw, nonce: nonce(byte), candidates } },
        draw,
      );
      assert.ok(state.status === "committing");
      for (const { claimId } of found) assert.equal(listPanel(state, claimId).length, 3);
      for (const member of listCommittee(state)) {
        const shown = showTo(asked, member);
        assert.equal(shown.length, asked.response.length);
        for (const { claimId, start, end, text } of found)
          assert.equal(shown.slice(start, end) === text, member.claimIds.includes(claimId), shown);
      }
    }),
  );
});

test("without a private policy everyone sees all of it", () => {
  const state = run(open, draw);
  assert.ok(state.status === "committing");
  for (const member of listCommittee(state)) {
    assert.equal(showTo(opened, member), opened.response);
    assert.deepEqual(listClaims(state, member), claims);
  }
});

const policy: Policy = {
  ...terms,
  name: "standard",
  version: 1,
  domains: ["general"],
  tiers: [
    { valueMaxUnits: parseBaseUnits(100n), committeeSize: 3, confidenceMin: 0.5 },
    { valueMaxUnits: parseBaseUnits(1_000n), committeeSize: 7, confidenceMin: 0.9 },
  ],
  probeRateBps: 0,
};
const newer: Policy = { ...policy, version: 2, domains: ["*"] };
const choice = { policy: "", domain: "general", valueAtStake: parseBaseUnits(0n) };
const choices: readonly (readonly [string, Partial<typeof choice>, string])[] = [
  ["nothing named: the first", {}, "standard@1 3"],
  ["a name: its newest version", { policy: "standard" }, "standard@2 3"],
  ["a name and a version", { policy: "standard@1" }, "standard@1 3"],
  ["more at stake: the next tier", { valueAtStake: parseBaseUnits(101n) }, "standard@1 7"],
  ["an unknown name", { policy: "stanard" }, "POLICY_UNKNOWN"],
  ["an unknown version", { policy: "standard@3" }, "POLICY_UNKNOWN"],
  ["a domain it does not cover", { domain: "legal" }, "POLICY_NOT_APPLICABLE"],
  ["more at stake than any tier covers", { valueAtStake: parseBaseUnits(1_001n) }, "POLICY_NOT_APPLICABLE"],
];
for (const [name, change, outcome] of choices)
  test(`policy chosen by ${name}`, () => {
    const chosen = choosePolicy([policy, newer], { ...choice, ...change });
    assert.equal(chosen.ok ? `${chosen.value.policy} ${chosen.value.committeeSize}` : chosen.code, outcome);
  });

test("a response without a claim needs no committee", () => {
  const state = run({ ...open, opened: { ...opened, claims: [] } });
  assert.ok(state.status === "certifying");
});

test("opening is refused when operators or families are too few for the caps, however many keys they have", () => {
  const same = (field: "operator" | "family"): VerificationCommand => ({
    ...open,
    draw: { ...open.draw, candidates: candidates.map((one, at) => ({ ...one, [field]: `x${at % 2}` })) },
  });
  for (const field of ["operator", "family"] as const)
    assert.equal(codeOf(same(field), initialState), "COMMITTEE_TOO_SMALL");
});
