/** What a probe found out about a model's server, kept and shown. What was not measured is not claimed. */
import { encodeHex, encodeUtf8, sha256 } from "@mira/primitives";
import type { AnswerStyle } from "../protocol/verdict-prompt.ts";

/** The same call three times with one seed: the same numbers, the same answer, or neither. Nobody is ever slashed over a run that was not reproduced. */
export type DeterminismClass = "same-numbers" | "same-answer" | "none";

/** Of a server whose calls each show another one. */
export const VARYING_FINGERPRINT = "*";

export type CapabilityRecord = {
  readonly url: string;
  readonly model: string;
  /** As the server names itself; empty where it does not. */
  readonly servedModel: string;
  readonly fingerprint: string;
  readonly probedAt: number;
  readonly promptDigest: string;
  readonly modelDigest: string;
  readonly style: AnswerStyle;
  /** An answer was held to the schema although the prompt asked for prose. */
  readonly schemaEnforced: boolean;
  /** 0: none, whatever was asked for. */
  readonly topLogprobs: number;
  readonly determinism: DeterminismClass;
  readonly usageReturned: boolean;
  readonly contextTokens?: number;
  readonly injection: { readonly tried: number; readonly resisted: number };
};

/**
 * What stands for a model that is only known by its server: the names it goes by. `declared` is the digest of the weights as
 * the operator states it; without it the digest says "the server calls it so", and no more.
 */
export function computeModelDigest({
  servedModel,
  fingerprint,
  declared,
}: {
  readonly servedModel: string;
  readonly fingerprint: string;
  readonly declared: string;
}): string {
  return encodeHex(
    sha256(encodeUtf8(`mira:model:v1\n${JSON.stringify([servedModel, fingerprint, declared])}`)),
  );
}

/** Lines for an operator. Only confidences from log-probabilities can be calibrated, and only then is the word printed. */
export function describeCapabilities(record: CapabilityRecord): readonly string[] {
  const { injection, contextTokens } = record;
  return [
    `model ${record.servedModel || record.model} at ${record.url}`,
    `answers: ${record.style}${record.schemaEnforced ? ", held to the schema" : ", not held to a schema"}`,
    record.topLogprobs > 0
      ? `confidence: token log-probabilities (${record.topLogprobs} alternatives); can be calibrated on probes`
      : "confidence: share of votes, not graded",
    `determinism: ${record.determinism}`,
    `usage: ${record.usageReturned ? "returned" : "not returned; each call is charged the most it could have used"}`,
    `context: ${contextTokens === undefined ? "not told" : `${contextTokens} tokens`}`,
    `injection: resisted ${injection.resisted} of ${injection.tried}`,
  ];
}
