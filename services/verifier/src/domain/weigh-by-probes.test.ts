/** Verdicts held against probes: too few say nothing, a panel that fails them decides nothing, the liar's word is worth less than nothing. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { ProbeTruth, Verdict } from "@mira/primitives";
import { seededRandom } from "@mira/testing";
import fc from "fast-check";
import { decide } from "./decide.ts";
import { getRound } from "./rounds.ts";
import { weighByProbes, type GoldAnswer } from "./weigh-by-probes.ts";
import { commit, draw, later, open, openReveal, reveal, run, runOn, show } from "./verification.fixture.ts";
import type { ReachedVerdict } from "./verification.ts";

const flip = (truth: ProbeTruth): ProbeTruth => (truth === "supported" ? "refuted" : "supported");

/** Answers to so many probes: who is right with which probability. */
function makeGold(
  accuracies: Readonly<Record<string, number>>,
  probes: number,
  seed = 7,
): readonly GoldAnswer[] {
  const random = seededRandom(seed);
  return Array.from({ length: probes }, (_, at) => {
    const truth = at % 2 === 0 ? ("supported" as const) : ("refuted" as const);
    return Object.entries(accuracies).map(([validatorId, accuracy]) => ({
      probeId: `p${at}`,
      validatorId,
      truth,
      verdict: random.next() < accuracy ? truth : flip(truth),
    }));
  }).flat();
}

const say = (verdicts: Readonly<Record<string, Verdict>>) =>
  Object.entries(verdicts).map(([validatorId, verdict]) => ({ claimId: "c1", validatorId, verdict }));

test("with fewer than eight probes nothing is calibrated", () => {
  const gold = makeGold({ a: 1, b: 1 }, 7);
  assert.equal(weighByProbes(say({ a: "supported", b: "supported" }), gold), undefined);
});

test("two who are reliably wrong do not outvote one who is right, and count against what they say", () => {
  const gold = makeGold({ right: 0.95, liar: 0.05, twin: 0.1 }, 80);
  const weighed = weighByProbes(say({ right: "supported", liar: "refuted", twin: "refuted" }), gold);
  assert.ok(weighed?.trusted);
  assert.equal(weighed.claims.get("c1")?.side, "supported");
  assert.ok((weighed.weights.get("liar") ?? 0) < 0 && (weighed.weights.get("right") ?? 0) > 0);
});

test("a panel of guessers is not to be trusted", () => {
  const weighed = weighByProbes(say({ a: "supported", b: "supported" }), makeGold({ a: 0.5, b: 0.5 }, 80));
  assert.ok(weighed);
  assert.equal(weighed.trusted, false);
  assert.match(weighed.reason, /fails its probes/);
});

test("any order of answers and of probes gives the same, id included", () => {
  const gold = makeGold({ a: 0.9, b: 0.8, c: 0.6 }, 40);
  const answers = say({ a: "supported", b: "refuted", c: "unresolved" });
  const expected = weighByProbes(answers, gold);
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...gold], { minLength: gold.length }),
      fc.shuffledSubarray([...answers], { minLength: answers.length }),
      (mixedGold, mixedAnswers) => assert.deepEqual(weighByProbes(mixedAnswers, mixedGold), expected),
    ),
    { numRuns: 10 },
  );
});

/** The verdict on a claim that all three say is supported, under what is known of them. */
function close(gold: readonly GoldAnswer[]): ReachedVerdict {
  const drawn = run(open, draw);
  assert.ok(drawn.status === "committing");
  const shown = getRound(drawn).committee.map(({ validatorId }) => {
    const index = Number(validatorId.slice(3));
    return { index, reveals: reveal(index, ["supported", "refuted"]) };
  });
  const state = runOn(
    drawn,
    ...shown.map(({ index, reveals }) => commit(index, reveals)),
    openReveal,
    ...shown.map(({ index, reveals }) => show(index, reveals)),
  );
  const decision = decide({ type: "closeRound", gold, at: later(20) }, state);
  assert.ok(decision.ok);
  const [closed] = decision.events.flatMap((event) => (event.type === "RoundClosed" ? [event] : []));
  assert.ok(closed?.verdicts[0]);
  return closed.verdicts[0];
}

test("without probes the verdict is by stake and not calibrated; with good ones it says what it is worth, and by which probes", () => {
  const plain = close([]);
  assert.deepEqual([plain.verdict, plain.calibrationId], ["supported", ""]);
  const good = close(makeGold({ val0: 0.95, val1: 0.9, val2: 0.92 }, 80));
  assert.equal(good.verdict, "supported");
  assert.match(good.calibrationId, /^probes@1:/);
  assert.ok(good.calibrated > 0.9 && good.calibrated < 1);
  assert.match(good.reason, /passes its probes/);
});

test("a unanimous panel that fails its probes, or that is reliably wrong, decides nothing", () => {
  const guessing = close(makeGold({ val0: 0.5, val1: 0.5, val2: 0.5 }, 80));
  assert.equal(guessing.verdict, "unresolved");
  assert.match(guessing.reason, /fails its probes/);
  const lying = close(makeGold({ val0: 0.05, val1: 0.1, val2: 0.08 }, 80));
  assert.equal(lying.verdict, "unresolved");
  assert.match(lying.reason, /rather says refuted/);
});
