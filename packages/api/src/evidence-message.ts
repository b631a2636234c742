/** Evidence between the words of the domain and those of the contract: every field of it is signed, so none may be lost on the way. */
import type { AttestationEvidence, ConfidenceBasis, ModelRun, Verdict } from "@mira/primitives";
import * as verifier from "./gen/mira/verifier/v1/verifier.ts";

const VERDICTS = {
  supported: verifier.Verdict.SUPPORTED,
  refuted: verifier.Verdict.REFUTED,
  unresolved: verifier.Verdict.UNRESOLVED,
} as const satisfies Record<Verdict, verifier.Verdict>;

const BASES = {
  none: verifier.ConfidenceBasis.UNSPECIFIED,
  "token-logprobs": verifier.ConfidenceBasis.TOKEN_LOGPROBS,
  "class-probabilities": verifier.ConfidenceBasis.CLASS_PROBABILITIES,
  "vote-share": verifier.ConfidenceBasis.VOTE_SHARE,
} as const satisfies Record<ConfidenceBasis, verifier.ConfidenceBasis>;

export function toEvidenceMessage({
  checker,
  verdict,
  witness,
  model,
}: AttestationEvidence): verifier.Evidence {
  return {
    checker,
    verdict: VERDICTS[verdict],
    witness,
    model: model && { ...model, confidenceBasis: BASES[model.confidenceBasis] },
  };
}

/** An unknown verdict counts as unresolved and an unknown basis as none; neither then matches what was signed. */
export function fromEvidenceMessage({
  checker,
  verdict,
  witness,
  model,
}: verifier.Evidence): AttestationEvidence {
  const found = { checker, verdict: fromVerdict(verdict), witness };
  return model === undefined ? found : { ...found, model: fromModelRun(model) };
}

function fromVerdict(verdict: verifier.Verdict): Verdict {
  if (verdict === verifier.Verdict.SUPPORTED) return "supported";
  return verdict === verifier.Verdict.REFUTED ? "refuted" : "unresolved";
}

function fromModelRun(run: verifier.ModelRun): ModelRun {
  const basis = BASE_NAMES.find((name) => BASES[name] === run.confidenceBasis);
  return { ...run, confidenceBasis: basis ?? "none" };
}

const BASE_NAMES = Object.keys(BASES) as ConfidenceBasis[];
