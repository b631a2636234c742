import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelRun } from "@mira/primitives";
import {
  CHECKERS,
  findJudged,
  isProof,
  recheckWitness,
  runCheckers,
  type Checker,
  type Finding,
  type Note,
  type Proof,
} from "../index.ts";

const text = "So 12 % of 250 is 35.";
const claim = { text, start: 4, end: 4 + text.length };
const response = `Hm. ${text} More.`;

const answering = (name: string, finding: Finding): Checker => ({
  name,
  judges: "truth",
  check: () => finding,
  recheck: () => true,
});
const MODEL_RUN: ModelRun = {
  model: "m",
  modelDigest: "",
  promptDigest: "",
  transcriptDigest: "",
  confidenceBasis: "none",
  supportedBps: 10_000,
  refutedBps: 0,
  unresolvedBps: 0,
  samples: 1,
  inputTokens: 0,
  outputTokens: 0,
  instructionLike: false,
  untrustedRationale: "",
};
const proves = answering("p", { verdict: "proved", witness: "w" });
const refutes = answering("r", { verdict: "refuted", witness: "w" });
const doubts = answering("d", { verdict: "undecided", witness: "w", flag: "repeated-item" });
const silent = answering("s", { verdict: "not-applicable" });

test("any refuted decides, else any proved, else nothing", () => {
  const decide = (...checkers: Checker[]) => runCheckers(claim, response, [], checkers).verdict;
  assert.equal(decide(proves, refutes, doubts), "refuted");
  assert.equal(decide(doubts, proves, silent), "supported");
  assert.equal(decide(doubts, silent), "unresolved");
  assert.equal(decide(), "unresolved");
});

test("what is undecided is a note, and only proofs and refutations are evidence", () => {
  const report = runCheckers(claim, response, [], [silent, doubts, proves]);
  assert.deepEqual(report.evidence, [{ checker: "p", verdict: "supported", witness: "w" }]);
  assert.deepEqual(report.notes, [
    { checker: "d", verdict: "unresolved", witness: "w", flag: "repeated-item" },
  ]);
  const [note] = report.notes;
  assert.ok(note !== undefined && !isProof(note));
  assert.equal(recheckWitness(note, claim, response, [], [doubts]), false);
  // By type, too: this line does not compile once a note would do as a proof.
  const isNoteAProof: Note extends Proof ? true : false = false;
  assert.equal(isNoteAProof, false);
});

test("the finding of a model is never a proof", () => {
  const plain = { checker: "p", verdict: "supported", witness: "w" } as const;
  assert.equal(isProof({ ...plain, model: MODEL_RUN }), false);
  assert.ok(isProof(plain));
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

test("the checkers have distinct names, say what they judge, and answer the same twice", () => {
  assert.equal(new Set(CHECKERS.map(({ name }) => name)).size, CHECKERS.length);
  assert.equal(findJudged("arithmetic"), "truth");
  assert.equal(findJudged("quotation"), "grounding");
  assert.equal(findJudged("unknown"), undefined);
  assert.deepEqual(runCheckers({ ...claim }, response, []), runCheckers({ ...claim }, response, []));
});
