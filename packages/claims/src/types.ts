/** What goes in and what comes out: sources, sentences, claims, checkers. */
import type { AttestationEvidence, Verdict } from "@mira/primitives";

/** A text that the response may be held against. */
export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };

export type SentenceKind = "claim" | "not-checkable" | "ambiguous";

/** One sentence of the response; `response.slice(start, end) === text`. Offsets count UTF-16 code units. */
export type Sentence = {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly kind: SentenceKind;
  /** Why it is of this kind, in plain words. */
  readonly reason: string;
};

/** One independently checkable statement; `response.slice(start, end) === text`. */
export type Claim = { readonly text: string; readonly start: number; readonly end: number };

export type Decomposition = { readonly sentences: readonly Sentence[]; readonly claims: readonly Claim[] };

/**
 * `proved` and `refuted` are facts that anyone can recompute from the witness. `undecided`: the checker looked and could not tell.
 * `not-applicable`: there was nothing for it to look at.
 */
export type Finding =
  | { readonly verdict: "proved" | "refuted" | "undecided"; readonly witness: string }
  | { readonly verdict: "not-applicable" };

export type Checker = {
  readonly name: string;
  readonly check: (claim: Claim, response: string, sources: readonly Source[]) => Finding;
  /** True when the witness holds, recomputed by another way than `check` went. */
  readonly recheck: (evidence: AttestationEvidence, claim: Claim, sources: readonly Source[]) => boolean;
};

export type CheckerReport = { readonly verdict: Verdict; readonly evidence: readonly AttestationEvidence[] };
