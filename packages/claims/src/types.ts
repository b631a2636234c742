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

/** One independently checkable statement. With pieces, `text` is these; without, `response.slice(start, end) === text`. */
export type Claim = {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly pieces?: readonly ClaimPiece[];
};

export type Decomposition = { readonly sentences: readonly Sentence[]; readonly claims: readonly Claim[] };

/** Where a claim's words come from: a stretch of the response, or a joining word out of a closed list. */
export type ClaimPiece = { readonly start: number; readonly end: number } | { readonly insert: string };

/**
 * A claim that can be read without its response. `text` is exactly its pieces, one after the other; `start` and `end` hold all of them
 * that lie in its own sentence. A piece outside of these is what a pronoun or a short name stands for.
 */
export type SelfContainedClaim = Claim & {
  readonly pieces: readonly ClaimPiece[];
  /** Index into `sentences`. */
  readonly sentence: number;
};

/** What the words of a sentence are for. */
export type SentenceCategory =
  | "fact"
  | "opinion"
  | "advice"
  | "instruction"
  | "question"
  | "hypothetical"
  | "meta"
  | "heading"
  | "introduction"
  | "fragment"
  | "code"
  | "table-head"
  | "definition"
  | "ambiguous";

export type StructureScope =
  "condition" | "circumstance" | "attribution" | "negation" | "list-head" | "quotation";

/**
 * How a sentence (or a response) follows from its claims. `within`: words that govern all claims below and stand in each of their
 * texts, so the verdict passes through. `open`: something is said there that no claim covers.
 */
export type Structure =
  | { readonly kind: "claim"; readonly claim: number }
  | { readonly kind: "all" | "any"; readonly parts: readonly Structure[] }
  | {
      readonly kind: "within";
      readonly scope: StructureScope;
      readonly start: number;
      readonly end: number;
      readonly part: Structure;
    }
  | { readonly kind: "open"; readonly reason: string };

export type DecomposedSentence = Sentence & {
  readonly category: SentenceCategory;
  /** Absent for a sentence that is not checkable: it says nothing that could be true or false. */
  readonly structure: Structure | undefined;
};

/** Which decomposer made the claims. */
export type DecomposerRun = {
  readonly id: "rules@1" | "model@1";
  /** The model that was asked, also where it failed and the rules answered. */
  readonly model?: string;
  /** What came of asking it. */
  readonly note?: string;
};

/** A claim that a decomposer offered and that was not taken. */
export type DroppedClaim = { readonly sentence: number; readonly text: string; readonly reason: string };

export type DecomposedResponse = {
  readonly sentences: readonly DecomposedSentence[];
  readonly claims: readonly SelfContainedClaim[];
  /** Of the whole response. */
  readonly structure: Structure;
  readonly dropped: readonly DroppedClaim[];
  readonly decomposer: DecomposerRun;
};

/**
 * What a finding speaks about. `truth`: what can be computed. `grounding`: what the supplied sources say, true or not. `form`: how
 * the response is written.
 */
export type Judged = "truth" | "grounding" | "form";

/** Why a claim that was left open deserves a closer look. A reason to ask more validators, and never evidence. */
export type Flag =
  | "contradicts-response"
  | "not-in-sources"
  | "reference-malformed"
  | "reference-missing"
  | "reference-unused"
  | "repeated-item"
  | "sources-disagree";

/**
 * `proved` and `refuted` are facts that anyone can recompute from the witness. `undecided`: the checker looked and could not tell.
 * `not-applicable`: there was nothing for it to look at.
 */
export type Finding =
  | { readonly verdict: "proved" | "refuted"; readonly witness: string }
  | { readonly verdict: "undecided"; readonly witness: string; readonly flag?: Flag }
  | { readonly verdict: "not-applicable" };

/** Evidence of a proof or a refutation without a model behind it: the only kind that a fault may ever be proved with. */
export type Proof = AttestationEvidence & {
  readonly verdict: "supported" | "refuted";
  readonly model?: never;
};

/** What a checker saw and could not decide. The type keeps it from being taken for a proof. */
export type Note = AttestationEvidence & {
  readonly verdict: "unresolved";
  readonly flag?: Flag;
  readonly model?: never;
};

export type Checker = {
  readonly name: string;
  readonly judges: Judged;
  readonly check: (claim: Claim, response: string, sources: readonly Source[]) => Finding;
  /** True when the witness holds, recomputed by another way than `check` went. */
  readonly recheck: (proof: Proof, claim: Claim, response: string, sources: readonly Source[]) => boolean;
};

export type CheckerReport = {
  readonly verdict: Verdict;
  readonly evidence: readonly Proof[];
  readonly notes: readonly Note[];
};
