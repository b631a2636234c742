/** All checkers on one claim: any refuted decides, else any proved, else nothing is decided. */
import type { AttestationEvidence, Verdict } from "@mira/primitives";
import type { Checker, CheckerReport, Claim, Finding, Source } from "../types.ts";
import { arithmeticChecker } from "./arithmetic/arithmetic.ts";
import { dateChecker } from "./dates/dates.ts";
import { figureChecker } from "./figures/figures.ts";
import { quotationChecker } from "./quotation/quotation.ts";
import { unitChecker } from "./units/units.ts";

export const CHECKERS: readonly Checker[] = [
  arithmeticChecker,
  dateChecker,
  unitChecker,
  quotationChecker,
  figureChecker,
];

export function runCheckers(
  claim: Claim,
  response: string,
  sources: readonly Source[],
  checkers: readonly Checker[] = CHECKERS,
): CheckerReport {
  const evidence = checkers.flatMap((checker) =>
    toEvidence(checker.name, checker.check(claim, response, sources)),
  );
  return { verdict: decide(evidence), evidence };
}

/**
 * True when the evidence is what its checker finds, and a second computation that shares no code with the first confirms the witness.
 * `unresolved` evidence decides nothing: it only has to be what the checker found.
 */
export function recheckWitness(
  evidence: AttestationEvidence,
  claim: Claim,
  response: string,
  sources: readonly Source[],
  checkers: readonly Checker[] = CHECKERS,
): boolean {
  const checker = checkers.find(({ name }) => name === evidence.checker);
  if (checker === undefined || response.slice(claim.start, claim.end) !== claim.text) return false;
  const [found] = toEvidence(checker.name, checker.check(claim, response, sources));
  if (found?.verdict !== evidence.verdict || found.witness !== evidence.witness) return false;
  return evidence.verdict === "unresolved" || checker.recheck(evidence, claim, sources);
}

const VERDICTS: Readonly<Record<"proved" | "refuted" | "undecided", Verdict>> = {
  proved: "supported",
  refuted: "refuted",
  undecided: "unresolved",
};

function toEvidence(checker: string, finding: Finding): AttestationEvidence[] {
  if (finding.verdict === "not-applicable") return [];
  return [{ checker, verdict: VERDICTS[finding.verdict], witness: finding.witness }];
}

function decide(evidence: readonly AttestationEvidence[]): Verdict {
  if (evidence.some(({ verdict }) => verdict === "refuted")) return "refuted";
  return evidence.some(({ verdict }) => verdict === "supported") ? "supported" : "unresolved";
}
