/** How checkers of one validator combine: proofs first, contradictions abstain. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Note, Proof } from "@mira/claims";
import type { ModelRun, Verdict } from "@mira/primitives";
import { combine, NOTHING_FOUND, type Opinion } from "./combine.ts";

const RUN: ModelRun = {
  model: "m",
  modelDigest: "",
  promptDigest: "",
  transcriptDigest: "",
  confidenceBasis: "token-logprobs",
  ...{
    supportedBps: 9_000,
    refutedBps: 500,
    unresolvedBps: 500,
    samples: 2,
    inputTokens: 1,
    outputTokens: 1,
  },
  instructionLike: false,
  untrustedRationale: "",
};
const NOTE: Note = { checker: "dates", verdict: "unresolved", witness: "1 May" };
const proof = (verdict: Proof["verdict"]): Proof => ({ checker: "arithmetic", verdict, witness: "w" });
const opinion = (verdict: Verdict, confidence = 0.9, run: Partial<ModelRun> = {}): Opinion => ({
  checker: "openai",
  verdict,
  confidence,
  witness: "w",
  model: { ...RUN, ...run },
});
const say = (proofs: readonly Proof[], opinions: readonly Opinion[]): [Verdict, number] => {
  const { verdict, confidenceBps } = combine({ evidence: proofs, notes: [] }, opinions);
  return [verdict, confidenceBps];
};

test("a model's label never overrides a proof", () => {
  assert.deepEqual(say([proof("refuted")], [opinion("supported", 1)]), ["refuted", 10_000]);
  assert.deepEqual(say([proof("supported")], [opinion("refuted", 1)]), ["supported", 10_000]);
  assert.deepEqual(
    combine({ evidence: [proof("supported")], notes: [NOTE] }, [opinion("refuted", 1)]).evidence,
    [proof("supported"), NOTE],
  );
});

test("proofs that contradict each other leave the claim open, whatever models think", () => {
  assert.deepEqual(say([proof("refuted"), proof("supported")], [opinion("supported", 1)]), ["unresolved", 0]);
});

test("opinions that agree decide with their mean confidence; an abstention among them is none", () => {
  assert.deepEqual(say([], [opinion("supported", 0.8), opinion("supported", 0.6)]), ["supported", 7_000]);
  assert.deepEqual(say([], [opinion("refuted", 0.8), opinion("unresolved", 0)]), ["refuted", 8_000]);
});

test("opinions that contradict each other leave the claim open", () => {
  assert.deepEqual(say([], [opinion("supported", 0.99), opinion("refuted", 0.61)]), ["unresolved", 0]);
});

test("nothing known is nothing said", () => {
  assert.deepEqual(say([], []), ["unresolved", 0]);
  assert.deepEqual(say([], [opinion("unresolved", 0)]), ["unresolved", 0]);
});

test("a claim that addresses its verifier is left to proofs, and the label is in the evidence", () => {
  const withheld = opinion("unresolved", 0, { instructionLike: true });
  const report = combine(NOTHING_FOUND, [withheld, opinion("supported", 0.99)]);
  assert.deepEqual([report.verdict, report.confidenceBps], ["unresolved", 0]);
  assert.ok(report.evidence.some(({ model }) => model?.instructionLike === true));
  assert.deepEqual(say([proof("refuted")], [withheld]), ["refuted", 10_000]);
});

test("the order of checkers says nothing, and confidence stays within bounds", () => {
  const verdicts = fc.constantFrom<Verdict>("supported", "refuted", "unresolved");
  const some = fc.array(
    fc.record({ verdict: verdicts, confidence: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(some, (list) => {
      const opinions = list.map(({ verdict, confidence }) => opinion(verdict, confidence));
      const [one, other] = [say([], opinions), say([], opinions.toReversed())];
      assert.equal(one[0], other[0]);
      assert.ok(Math.abs(one[1] - other[1]) <= 1 && one[1] >= 0 && one[1] <= 10_000);
    }),
  );
});
