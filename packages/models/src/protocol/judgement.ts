/** What a model says of a claim: a distribution over the verdicts, the likeliest of them, and what the evidence tells of it. */
import type { ConfidenceBasis, ModelRun, Verdict } from "@mira/primitives";

export type Distribution = Readonly<Record<Verdict, number>>;

export type Judgement = {
  readonly verdict: Verdict;
  /** 0..1, of the verdict; 0 for `unresolved`. */
  readonly confidence: number;
  readonly witness: string;
  readonly run: ModelRun;
};

export type Judged = { readonly verdict: Verdict; readonly distribution: Distribution };

/** A tie is nobody's verdict. */
export function pick(distribution: Distribution): Judged {
  const [first, second] = VERDICTS.toSorted((one, other) => distribution[other] - distribution[one]);
  const tied = first === undefined || second === undefined || distribution[first] === distribution[second];
  return { distribution, verdict: tied ? "unresolved" : first };
}

export function spread(of: (verdict: Verdict) => number): Distribution {
  return { supported: of("supported"), refuted: of("refuted"), unresolved: of("unresolved") };
}

const BASIS_WORDS: Readonly<Record<ConfidenceBasis, string>> = {
  none: "no confidence",
  "token-logprobs": "from token log-probabilities",
  "class-probabilities": "from class probabilities",
  "vote-share": "share of votes, not graded",
};

export function printWitness(distribution: Distribution, basis: ConfidenceBasis, samples: number): string {
  const parts = VERDICTS.map((verdict) => `${verdict} ${distribution[verdict].toFixed(3)}`);
  return `${parts.join(", ")} (${BASIS_WORDS[basis]}, ${samples} ${samples === 1 ? "sample" : "samples"})`;
}

/** The three add up to 10,000 whatever rounding does to each. */
export function toBps(
  distribution: Distribution,
): Pick<ModelRun, "supportedBps" | "refutedBps" | "unresolvedBps"> {
  const supportedBps = Math.floor(distribution.supported * 10_000);
  const refutedBps = Math.floor(distribution.refuted * 10_000);
  return { supportedBps, refutedBps, unresolvedBps: 10_000 - supportedBps - refutedBps };
}

const VERDICTS: readonly Verdict[] = ["supported", "refuted", "unresolved"];
