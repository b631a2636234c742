/** All checkers on one claim: any refuted decides, else any proved, else nothing is decided. */
import type { AttestationEvidence, Verdict } from "@mira/primitives";
import { isWritten } from "../response/compose.ts";
import type { Checker, CheckerReport, Claim, Finding, Judged, Note, Proof, Source } from "../types.ts";
import { arithmeticChecker } from "./arithmetic/arithmetic.ts";
import { dateChecker } from "./dates/dates.ts";
import { figureChecker } from "./figures/figures.ts";
import { formatChecker } from "./formats/formats.ts";
import { nameChecker } from "./names/names.ts";
import { quotationChecker } from "./quotation/quotation.ts";
import { citationChecker } from "./citations/citations.ts";
import { createCodeChecker } from "./code/code.ts";
import { loadTypeScript } from "./code/typescript.ts";
import { contradictionChecker } from "./contradictions/contradictions.ts";
import { countChecker } from "./counts/counts.ts";
import { tableChecker } from "./tables/totals.ts";
import { unitChecker } from "./units/units.ts";

export const CHECKERS: readonly Checker[] = [
  arithmeticChecker,
  dateChecker,
  unitChecker,
  quotationChecker,
  figureChecker,
  nameChecker,
  tableChecker,
  countChecker,
  citationChecker,
  formatChecker,
  createCodeChecker(),
  contradictionChecker,
];

/** The checkers, and with them a compiler where the optional package `typescript` is installed. */
export async function loadCheckers(): Promise<readonly Checker[]> {
  const withCompiler = createCodeChecker(await loadTypeScript());
  return CHECKERS.map((checker) => (checker.name === withCompiler.name ? withCompiler : checker));
}

export function runCheckers(
  claim: Claim,
  response: string,
  sources: readonly Source[],
  checkers: readonly Checker[] = CHECKERS,
): CheckerReport {
  const [evidence, notes]: [Proof[], Note[]] = [[], []];
  for (const checker of checkers) {
    const finding = checker.check(claim, response, sources);
    if (finding.verdict === "undecided") notes.push(toNote(checker.name, finding));
    else if (finding.verdict !== "not-applicable") evidence.push(toProof(checker.name, finding));
  }
  return { verdict: decide(evidence), evidence, notes };
}

/**
 * True when the evidence is a proof or a refutation, is what its checker finds, and a second computation that shares no code with the
 * first confirms the witness. Whatever decides nothing, or has a model behind it, is never confirmed.
 */
export function recheckWitness(
  evidence: AttestationEvidence,
  claim: Claim,
  response: string,
  sources: readonly Source[],
  checkers: readonly Checker[] = CHECKERS,
): evidence is Proof {
  if (!isProof(evidence) || !isWritten(claim, response)) return false;
  const checker = checkers.find(({ name }) => name === evidence.checker);
  const found = checker?.check(claim, response, sources);
  if (checker === undefined || (found?.verdict !== "proved" && found?.verdict !== "refuted")) return false;
  if (VERDICTS[found.verdict] !== evidence.verdict || found.witness !== evidence.witness) return false;
  return checker.recheck(evidence, claim, response, sources);
}

export function isProof(evidence: AttestationEvidence): evidence is Proof {
  return evidence.verdict !== "unresolved" && evidence.model === undefined;
}

/** What the evidence of a checker of this name speaks about: a refuted `grounding` says what the sources say, not what is true. */
export function findJudged(checker: string): Judged | undefined {
  return CHECKERS.find(({ name }) => name === checker)?.judges;
}

const VERDICTS = { proved: "supported", refuted: "refuted" } as const;

type Decisive = Extract<Finding, { readonly verdict: "proved" | "refuted" }>;
type Undecided = Extract<Finding, { readonly verdict: "undecided" }>;

function toProof(checker: string, { verdict, witness }: Decisive): Proof {
  return { checker, verdict: VERDICTS[verdict], witness };
}

function toNote(checker: string, { witness, flag }: Undecided): Note {
  const note = { checker, verdict: "unresolved", witness } as const;
  return flag === undefined ? note : { ...note, flag };
}

function decide(evidence: readonly Proof[]): Verdict {
  if (evidence.some(({ verdict }) => verdict === "refuted")) return "refuted";
  return evidence.length > 0 ? "supported" : "unresolved";
}
