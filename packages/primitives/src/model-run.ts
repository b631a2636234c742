/** What a model-backed checker says about its own run: which model, which prompt, how sure, at what cost. Part of the signed evidence. */
import type { CanonicalWriter } from "./canonical.ts";

/**
 * Where the confidence comes from. `token-logprobs`: softmax over the option tokens. `class-probabilities`: a classifier's
 * softmax. `vote-share`: how many samples agreed. Only the first two are graded, so only they can be calibrated.
 */
export const CONFIDENCE_BASES = ["none", "token-logprobs", "class-probabilities", "vote-share"] as const;
export type ConfidenceBasis = (typeof CONFIDENCE_BASES)[number];

export type ModelRun = {
  /** As its server or its folder names it. */
  readonly model: string;
  /** SHA-256, lower-case hexadecimal, of what identifies the model: its files, or what its server says it is. */
  readonly modelDigest: string;
  /** Of the fixed part of the prompt and of the answer's schema. */
  readonly promptDigest: string;
  /** Of every request and answer of this run, in order: whoever kept them can show them later. */
  readonly transcriptDigest: string;
  readonly confidenceBasis: ConfidenceBasis;
  /** Hundredths of a percent; together 10,000. */
  readonly supportedBps: number;
  readonly refutedBps: number;
  readonly unresolvedBps: number;
  readonly samples: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The claim addresses its verifier: the model was not asked, and nobody is slashed for what it says of this claim. */
  readonly instructionLike: boolean;
  /** Free text by the model. Never parsed for a verdict; escape it wherever it is shown. */
  readonly untrustedRationale: string;
};

export function writeModelRun(writer: CanonicalWriter, run: ModelRun): void {
  writer
    .text(run.model)
    .text(run.modelDigest)
    .text(run.promptDigest)
    .text(run.transcriptDigest)
    .u8(CONFIDENCE_BASES.indexOf(run.confidenceBasis))
    .u32(run.supportedBps)
    .u32(run.refutedBps)
    .u32(run.unresolvedBps)
    .u32(run.samples)
    .u32(run.inputTokens)
    .u32(run.outputTokens)
    .u8(run.instructionLike ? 1 : 0)
    .text(run.untrustedRationale);
}
