/** Runs all checkers on one sentence, and asserts that every witness is confirmed. */
import assert from "node:assert/strict";
import type { Verdict } from "@mira/primitives";
import { recheckWitness, runCheckers, type CheckerReport, type Source } from "../index.ts";

export type Case = readonly [verdict: Verdict, text: string];
/** A claim with what stands after and before it in the response. */
export type CaseIn = readonly [verdict: Verdict, text: string, after?: string, before?: string];

export function examine(text: string, sources: readonly Source[] = []): Verdict {
  return reportIn(text, { sources }).verdict;
}

export function examineIn(text: string, after: string, before = ""): Verdict {
  return reportIn(text, { after, before }).verdict;
}

type Surroundings = {
  readonly after?: string;
  readonly before?: string;
  readonly sources?: readonly Source[];
};

export function reportIn(
  text: string,
  { after = "", before = "", sources = [] }: Surroundings,
): CheckerReport {
  const claim = { text, start: before.length, end: before.length + text.length };
  const response = before + text + after;
  const report = runCheckers(claim, response, sources);
  for (const evidence of report.evidence)
    assert.ok(recheckWitness(evidence, claim, response, sources), `not confirmed: ${evidence.witness}`);
  return report;
}
