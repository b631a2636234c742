/** Runs all checkers on one sentence, and asserts that every witness is confirmed. */
import assert from "node:assert/strict";
import type { Verdict } from "@mira/primitives";
import { recheckWitness, runCheckers, type Source } from "../index.ts";

export type Case = readonly [verdict: Verdict, text: string];

export function examine(text: string, sources: readonly Source[] = []): Verdict {
  const claim = { text, start: 0, end: text.length };
  const report = runCheckers(claim, text, sources);
  for (const evidence of report.evidence)
    assert.ok(recheckWitness(evidence, claim, text, sources), `not confirmed: ${evidence.witness}`);
  return report.verdict;
}
