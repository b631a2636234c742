/** What one validator says of a claim that several of its checkers looked at. Pure. */
import type { CheckerReport } from "@mira/claims";
import type { AttestationEvidence, ModelRun, Verdict } from "@mira/primitives";

/** What a checker thinks without being able to prove it. It always says on what it rests: that is what tells it from a proof. */
export type Opinion = {
  readonly checker: string;
  readonly verdict: Verdict;
  /** 0..1, of the verdict. */
  readonly confidence: number;
  readonly witness: string;
  readonly model: ModelRun;
};

export type Report = {
  readonly verdict: Verdict;
  readonly confidenceBps: number;
  readonly evidence: readonly AttestationEvidence[];
};

const CERTAIN_BPS = 10_000;

/** What the deterministic checkers found: proofs, and what they saw and left open. */
export type Found = Pick<CheckerReport, "evidence" | "notes">;
export const NOTHING_FOUND: Found = { evidence: [], notes: [] };

/**
 * A proof decides, and no opinion is heard against it. Proofs that contradict each other decide nothing, nor do opinions: whoever
 * cannot agree with itself abstains. A claim that addresses its verifier is left to proofs.
 */
export function combine({ evidence: proofs, notes }: Found, opinions: readonly Opinion[]): Report {
  if (proofs.length > 0) return conclude(agreeOn(proofs), CERTAIN_BPS, [...proofs, ...notes]);
  const said = opinions.map(({ checker, verdict, witness, model }) => ({ checker, verdict, witness, model }));
  // What was looked at and left open is signed as well: a reader sees why nothing was decided.
  const evidence = [...said, ...notes];
  if (opinions.some(({ model }) => model.instructionLike)) return conclude("unresolved", 0, evidence);
  const definite = opinions.filter(({ verdict }) => verdict !== "unresolved");
  const total = definite.reduce((sum, { confidence }) => sum + confidence, 0);
  return conclude(
    agreeOn(definite),
    Math.floor((total / Math.max(1, definite.length)) * CERTAIN_BPS),
    evidence,
  );
}

function agreeOn(found: readonly { readonly verdict: Verdict }[]): Verdict {
  const [first, ...others] = new Set(found.map(({ verdict }) => verdict));
  return first === undefined || others.length > 0 ? "unresolved" : first;
}

/** An abstention is sure of nothing. */
function conclude(verdict: Verdict, bps: number, evidence: readonly AttestationEvidence[]): Report {
  return { verdict, confidenceBps: verdict === "unresolved" ? 0 : bps, evidence };
}
