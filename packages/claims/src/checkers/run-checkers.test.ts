import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKERS, recheckWitness, runCheckers, type Checker } from "../index.ts";

const text = "So 12 % of 250 is 35.";
const claim = { text, start: 4, end: 4 + text.length };
const response = `Hm. ${text} More.`;

const answering = (name: string, verdict: "proved" | "refuted" | "undecided"): Checker => ({
  name,
  check: () => ({ verdict, witness: "w" }),
  recheck: () => true,
});

test("any refuted decides, else any proved, else nothing", () => {
  const [proves, refutes, doubts] = [
    answering("p", "proved"),
    answering("r", "refuted"),
    answering("d", "undecided"),
  ];
  const silent: Checker = { name: "s", check: () => ({ verdict: "not-applicable" }), recheck: () => true };
  const decide = (...checkers: Checker[]) => runCheckers(claim, response, [], checkers).verdict;
  assert.equal(decide(proves, refutes, doubts), "refuted");
  assert.equal(decide(doubts, proves, silent), "supported");
  assert.equal(decide(doubts, silent), "unresolved");
  assert.equal(decide(), "unresolved");
  assert.deepEqual(runCheckers(claim, response, [], [silent, proves]).evidence, [
    { checker: "p", verdict: "supported", witness: "w" },
  ]);
});

test("evidence is confirmed for the claim it was made for, and for nothing else", () => {
  const [evidence] = runCheckers(claim, response, []).evidence;
  assert.ok(evidence);
  assert.equal(evidence.verdict, "refuted");
  assert.ok(recheckWitness(evidence, claim, response, []));
  const moved = { ...claim, start: 5, end: claim.end + 1 };
  assert.equal(recheckWitness(evidence, moved, response, []), false);
  const changed = { ...claim, text: "So 12 % of 250 is 30." };
  assert.equal(recheckWitness(evidence, changed, `Hm. ${changed.text} More.`, []), false);
  assert.equal(recheckWitness({ ...evidence, verdict: "supported" }, claim, response, []), false);
  assert.equal(recheckWitness({ ...evidence, witness: `${evidence.witness} ` }, claim, response, []), false);
  assert.equal(recheckWitness({ ...evidence, checker: "units" }, claim, response, []), false);
  assert.equal(recheckWitness({ ...evidence, checker: "unknown" }, claim, response, []), false);
});

test("the checkers have distinct names and answer the same twice", () => {
  assert.equal(new Set(CHECKERS.map(({ name }) => name)).size, CHECKERS.length);
  assert.deepEqual(runCheckers({ ...claim }, response, []), runCheckers({ ...claim }, response, []));
});
