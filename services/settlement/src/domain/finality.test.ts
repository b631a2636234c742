import assert from "node:assert/strict";
import { test } from "node:test";
import type { DurationMs, UnixMs } from "@mira/primitives";
import { given } from "@mira/testing";
import { decide, evolve, type FinalityCommand, type FinalityEvent, type FinalityState } from "./finality.ts";

const HASH = new Uint8Array(32).fill(1);
const initialState: FinalityState = {
  settledAt: 1000 as UnixMs,
  resultHash: HASH,
  executors: ["executor-1"],
  agreedBy: undefined,
  hold: undefined,
  finalizedAt: undefined,
};
const decider = { initialState, decide, evolve };
const agreed: FinalityEvent = { type: "Agreed", executorId: "reexecutor-1" };
const held: FinalityEvent = {
  type: "Held",
  executorId: "reexecutor-1",
  reason: "re-execution gave another result",
};

function answer(fields: Partial<Extract<FinalityCommand, { type: "record-answer" }>> = {}): FinalityCommand {
  const command = {
    executorId: "reexecutor-1",
    answer: "agree",
    resultHash: HASH,
    reason: "",
    isReexecutor: true,
  } as const;
  return { type: "record-answer", ...command, ...fields };
}

function finalizeAt(now: number): FinalityCommand {
  return { type: "finalize", now: now as UnixMs, challengeWindowMs: 500 as DurationMs };
}

test("a batch is finalized when an independent executor agreed and the window has passed", () => {
  given(decider, [agreed])
    .when(finalizeAt(1500))
    .then({ type: "Finalized", at: 1500 as UnixMs, reexecutorId: "reexecutor-1" });
});

test("a positive answer with the same hash is an agreement", () =>
  given(decider).when(answer()).then(agreed));

test("an agreement with another hash is a disagreement, whatever it calls itself", () =>
  given(decider)
    .when(answer({ resultHash: new Uint8Array(32) }))
    .then(held));

test("a disagreement holds the batch", () =>
  given(decider)
    .when(answer({ answer: "disagree" }))
    .then(held));

test("refused: one tick before the window ends", () =>
  given(decider, [agreed]).when(finalizeAt(1499)).thenRefuses("CHALLENGE_WINDOW_OPEN", { until: "1500" }));

test("#19 optimism 15321: refused: no answer, however long one waits", () =>
  given(decider).when(finalizeAt(9_000_000_000_000)).thenRefuses("REEXECUTION_MISSING"));

test("refused: unable is no answer", () =>
  given(decider)
    .when(answer({ answer: "unable", reason: "state missing" }))
    .thenRefuses("VERDICT_UNABLE"));

test("refused: an answer of someone who executed a partition of the batch", () =>
  given(decider)
    .when(answer({ executorId: "executor-1" }))
    .thenRefuses("VERDICT_NOT_INDEPENDENT"));

test("refused: an answer of someone who is no re-executor", () =>
  given(decider)
    .when(answer({ isReexecutor: false }))
    .thenRefuses("VERDICT_NOT_INDEPENDENT"));

test("refused: finality of a held batch, even when another agreed before or after", () => {
  given(decider, [agreed, held]).when(finalizeAt(9000)).thenRefuses("BATCH_HELD");
  given(decider, [held, agreed]).when(finalizeAt(9000)).thenRefuses("BATCH_HELD");
});

test("nothing changes a finalized batch", () => {
  const done: FinalityEvent = { type: "Finalized", at: 1500 as UnixMs, reexecutorId: "reexecutor-1" };
  given(decider, [agreed, done])
    .when(answer({ answer: "disagree" }))
    .thenRefuses("BATCH_FINALIZED");
  given(decider, [agreed, done]).when(finalizeAt(9000)).thenRefuses("BATCH_FINALIZED");
  assert.equal(evolve(evolve(initialState, agreed), done).finalizedAt, 1500);
});
