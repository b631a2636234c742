/** What is asked, what is not, and what is said when there is no time or no answer. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { refuse, succeed, type ModelRun, type Verdict } from "@mira/primitives";
import { createExamine, type Adviser, type ExamineOptions } from "./examine.ts";

const RUN: ModelRun = {
  model: "m",
  ...{ modelDigest: "", promptDigest: "", transcriptDigest: "", untrustedRationale: "" },
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
};

function says(verdict: Verdict): Adviser & { asked: number } {
  const adviser = {
    name: "openai",
    asked: 0,
    advise: () => {
      adviser.asked++;
      return Promise.resolve(
        succeed({ checker: "openai", verdict, confidence: 0.9, witness: "w", model: RUN }),
      );
    },
  };
  return adviser;
}

function create(options: Partial<ExamineOptions>) {
  const reasons: string[] = [];
  const examine = createExamine({
    deterministic: true,
    advisers: [],
    onAdvised: () => undefined,
    onAbstained: (_name, reason) => reasons.push(reason),
    ...options,
  });
  const about = (text: string, signal = new AbortController().signal) =>
    examine({ claimId: "c", text, start: 0, end: text.length }, text, [], signal);
  return { about, reasons };
}

test("where something is proved, no model is asked", async () => {
  const model = says("supported");
  const { about } = create({ advisers: [model] });
  assert.equal((await about("12 % of 250 is 35.")).verdict, "refuted");
  assert.equal(model.asked, 0);
  assert.equal((await about("The pier opened in May.")).verdict, "supported");
  assert.equal(model.asked, 1);
});

test("without the deterministic checkers nothing is proved", async () => {
  const { about } = create({ deterministic: false });
  assert.deepEqual(await about("12 % of 250 is 35."), {
    verdict: "unresolved",
    confidenceBps: 0,
    evidence: [],
  });
});

test("an adviser that is refused abstains, says why, and the others are heard", async () => {
  const broke: Adviser = {
    name: "onnx",
    advise: () => Promise.resolve(refuse("MODEL_BUDGET_EXHAUSTED", "no tokens left")),
  };
  const { about, reasons } = create({ advisers: [broke, says("supported")] });
  assert.equal((await about("The pier opened in May.")).verdict, "supported");
  assert.deepEqual(reasons, ["MODEL_BUDGET_EXHAUSTED: no tokens left"]);
});

test("when the time passes, what is known by then is said", async () => {
  const slow: Adviser = {
    name: "openai",
    advise: (_claim, _sources, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("late")));
      }),
  };
  const { about, reasons } = create({ advisers: [slow, says("supported")] });
  const report = await about("The pier opened in May.", AbortSignal.timeout(20));
  assert.equal(report.verdict, "supported");
  assert.equal((await about("The pier opened in May.", AbortSignal.abort())).verdict, "unresolved");
  assert.equal((await about("12 % of 250 is 35.", AbortSignal.abort())).verdict, "refuted");
  assert.ok(reasons.length >= 3 && reasons.every((reason) => /time for this assignment passed/.test(reason)));
});

test("a bug in an adviser is no abstention", async () => {
  const broken: Adviser = { name: "openai", advise: () => Promise.reject(new TypeError("a bug")) };
  await assert.rejects(create({ advisers: [broken] }).about("The pier opened in May."), /a bug/);
});
