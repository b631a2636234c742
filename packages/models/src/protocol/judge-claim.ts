/** Several calls about one claim, and what they say together. */
import { isInstructionLike } from "@mira/claims";
import {
  encodeHex,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  type ConfidenceBasis,
  type Verdict,
} from "@mira/primitives";
import type { ChatAnswer, ChatClient, ModelResult } from "../chat/chat-types.ts";
import { VARYING_FINGERPRINT } from "../probe/capability-record.ts";
import { drawSecrets } from "./call-secrets.ts";
import {
  pick,
  printWitness,
  spread,
  toBps,
  type Distribution,
  type Judged,
  type Judgement,
} from "./judgement.ts";
import { readChoice, type Choice } from "./read-choice.ts";
import { quietSources } from "./quiet-sources.ts";
import { askRationale } from "./rationale.ts";
import {
  buildVerdictPrompt,
  computePromptDigest,
  type AnswerStyle,
  type CallSecrets,
  type SourceText,
} from "./verdict-prompt.ts";

export type JudgeSettings = {
  readonly style: AnswerStyle;
  /** 0: the server gives none, and votes are counted instead. */
  readonly topLogprobs: number;
  /** Calls with log-probabilities: two cancel what a model has against a place in the list. */
  readonly permutations: number;
  /** Calls without them: each is one vote. */
  readonly votes: number;
  /** A verdict below this is `unresolved`. */
  readonly confidenceMin: number;
  readonly rationale: boolean;
  readonly modelDigest: string;
  /** As the probe met it: the digest is of these names, and does not hold for others. */
  readonly served: { readonly model: string; readonly fingerprint: string };
  readonly outputTokensMax: number;
  readonly seed: number;
  readonly draw?: (count: number) => readonly CallSecrets[];
};

export type ClaimToJudge = { readonly claim: string; readonly sources: readonly SourceText[] };

/** Throws only when the signal aborts. Any call that fails refuses the whole: half the permutations are half a measurement. */
export async function judgeClaim(
  { claim, sources: given }: ClaimToJudge,
  client: ChatClient,
  settings: JudgeSettings,
  signal: AbortSignal,
): Promise<ModelResult<Judgement>> {
  if (isInstructionLike(claim)) return succeed(withhold(client, settings));
  const { sources, leftOut } = quietSources(given);
  const graded = settings.topLogprobs > 0;
  const secrets = (settings.draw ?? drawSecrets)(graded ? settings.permutations : settings.votes);
  const samples: Sample[] = [];
  for (const [index, secret] of secrets.entries()) {
    const sample = await askOnce({ claim, sources }, client, settings, { secret, index }, signal);
    if (!sample.ok) return sample;
    const changed = refuseAnother(sample.value.answer, settings.served);
    if (changed !== undefined) return changed;
    samples.push(sample.value);
  }
  const judged = combine(samples, graded);
  if (judged === undefined)
    return refuse("MODEL_ANSWER_INVALID", "the log-probabilities that the probe found are no longer there");
  const rationale = settings.rationale
    ? await askRationale({ claim, sources }, client, { ...settings, verdict: judged.verdict }, signal)
    : undefined;
  if (rationale?.ok === false) return rationale;
  return succeed(
    conclude({ samples, judged, settings, leftOut, ...(rationale && { rationale: rationale.value }) }),
  );
}

/** What the probe found out holds for the model that it met. */
function refuseAnother(
  { model, fingerprint }: ChatAnswer,
  served: JudgeSettings["served"],
): ModelResult<never> | undefined {
  const same = served.fingerprint === VARYING_FINGERPRINT || fingerprint === served.fingerprint;
  if (model === served.model && same) return undefined;
  return refuse("MODEL_NOT_USABLE", "the server answers as another model than the probe met", {
    needed: `${served.model} ${served.fingerprint}`,
    got: `${model} ${fingerprint}`,
  });
}

export type Sample = {
  readonly answer: ChatAnswer;
  readonly choice: Choice;
  readonly distribution: Distribution | undefined;
  readonly vote: Verdict;
};

type Call = { readonly secret: CallSecrets; readonly index: number };

export async function askOnce(
  { claim, sources }: ClaimToJudge,
  client: ChatClient,
  settings: Pick<JudgeSettings, "style" | "topLogprobs" | "outputTokensMax" | "seed">,
  { secret, index }: Call,
  signal: AbortSignal,
): Promise<ModelResult<Sample>> {
  const prompt = buildVerdictPrompt(claim, sources, settings.style, secret);
  const answered = await client.complete(
    {
      messages: prompt.messages,
      format: prompt.format,
      // With log-probabilities the distribution is read, not sampled; a vote has to be free to differ from the last one.
      temperature: settings.topLogprobs > 0 ? 0 : 1,
      seed: settings.seed + index,
      outputTokensMax: settings.outputTokensMax,
      topLogprobs: settings.topLogprobs,
    },
    signal,
  );
  if (!answered.ok) return answered;
  const choice = readChoice(answered.value, secret.letters, settings.style);
  if (!choice.ok) return choice;
  const vote = prompt.meanings.get(choice.value.letter) ?? "unresolved";
  const { probabilities } = choice.value;
  const distribution = probabilities && spread((verdict) => sumOver(probabilities, prompt.meanings, verdict));
  return succeed({ answer: answered.value, choice: choice.value, distribution, vote });
}

/** Undefined when log-probabilities were counted on and a sample has none. */
function combine(samples: readonly Sample[], graded: boolean): Judged | undefined {
  if (!graded) return pick(countVotes(samples));
  const distributions = samples.flatMap(({ distribution }) => distribution ?? []);
  if (distributions.length < samples.length || samples.length === 0) return undefined;
  return pick(spread((verdict) => mean(distributions.map((one) => one[verdict]))));
}

/** Jeffreys' prior, half a vote for each option: five votes of five are .85, not certainty. */
function countVotes(samples: readonly Sample[]): Distribution {
  const count = (verdict: Verdict): number => samples.filter(({ vote }) => vote === verdict).length;
  return spread((verdict) => (count(verdict) + 0.5) / (samples.length + 1.5));
}

type Conclusion = {
  readonly samples: readonly Sample[];
  readonly judged: Judged;
  readonly settings: JudgeSettings;
  readonly leftOut: number;
  readonly rationale?: { readonly text: string; readonly answer: ChatAnswer };
};

function conclude({ samples, judged, settings, leftOut, rationale }: Conclusion): Judgement {
  const answers = [...samples.map(({ answer }) => answer), ...(rationale ? [rationale.answer] : [])];
  const { verdict: likeliest, distribution } = judged;
  const sure = likeliest !== "unresolved" && distribution[likeliest] >= settings.confidenceMin;
  const verdict = sure ? likeliest : "unresolved";
  const basis: ConfidenceBasis = settings.topLogprobs > 0 ? "token-logprobs" : "vote-share";
  return {
    verdict,
    confidence: sure ? distribution[likeliest] : 0,
    witness: `${printWitness(distribution, basis, samples.length)}${leftOut === 0 ? "" : `; ${leftOut} sentences of the sources address the verifier and were left out`}`,
    run: {
      model: answers[0]?.model ?? "",
      modelDigest: settings.modelDigest,
      promptDigest: computePromptDigest(settings.style),
      transcriptDigest: digestTranscript(answers),
      confidenceBasis: basis,
      ...toBps(distribution),
      samples: samples.length,
      inputTokens: sum(answers.map(({ usage }) => usage?.inputTokens ?? 0)),
      outputTokens: sum(answers.map(({ usage }) => usage?.outputTokens ?? 0)),
      instructionLike: false,
      untrustedRationale: rationale?.text ?? "",
    },
  };
}

/** The model is not asked: what a claim says to its verifier can then do nothing to it. */
function withhold(client: ChatClient, { modelDigest, style }: JudgeSettings): Judgement {
  return {
    verdict: "unresolved",
    confidence: 0,
    witness: "the claim addresses its verifier; the model was not asked",
    run: {
      model: client.model,
      modelDigest,
      promptDigest: computePromptDigest(style),
      transcriptDigest: digestTranscript([]),
      confidenceBasis: "none",
      ...{ supportedBps: 0, refutedBps: 0, unresolvedBps: 10_000 },
      ...{ samples: 0, inputTokens: 0, outputTokens: 0 },
      instructionLike: true,
      untrustedRationale: "",
    },
  };
}

/** Lengths are part of it: no two lists of texts give the same bytes. */
function digestTranscript(answers: readonly ChatAnswer[]): string {
  const texts = answers.flatMap(({ transcript }) => [transcript.request, transcript.response]);
  return encodeHex(sha256(encodeUtf8(`mira:transcript:v1\n${JSON.stringify(texts)}`)));
}

function sumOver(
  probabilities: ReadonlyMap<string, number>,
  meanings: ReadonlyMap<string, Verdict>,
  verdict: Verdict,
): number {
  return sum(
    [...probabilities].map(([letter, probability]) => (meanings.get(letter) === verdict ? probability : 0)),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
