/** A judge behind a local classifier of pairs (premise, hypothesis): does a passage of the sources entail or contradict the claim? */
import { cleanText, isInstructionLike } from "@mira/claims";
import {
  encodeHex,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  type ModelRun,
  type Verdict,
} from "@mira/primitives";
import type { Judge } from "../chat-judge.ts";
import type { ModelResult } from "../chat/chat-types.ts";
import { pick, printWitness, toBps, type Distribution, type Judgement } from "../protocol/judgement.ts";
import type { ClaimToJudge } from "../protocol/judge-claim.ts";
import type { ModelFolder } from "./model-folder.ts";
import { cutPassages } from "./passages.ts";
import type { OnnxRuntime, OnnxSession } from "./runtime.ts";
import { createTokenizer, type PairTokenizer } from "./tokenizer.ts";

export type NliJudgeOptions = {
  readonly name: string;
  readonly folder: ModelFolder;
  readonly runtime: OnnxRuntime;
  readonly confidenceMin: number;
};

export type NliJudge = Judge & { readonly release: () => Promise<void> };

const CLAIM_CHARACTERS_MAX = 2_000;
const SOURCE_CHARACTERS_MAX = 262_144;
/** A claim that takes more than half of what the model reads leaves no room for a passage. */
const CLAIM_SHARE_MAX = 0.5;
const INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/** Loads the model. A run blocks this thread for as long as the model takes on one passage. */
export async function createNliJudge(options: NliJudgeOptions): Promise<ModelResult<NliJudge>> {
  const { folder, runtime } = options;
  const opened = await openSession(folder, runtime);
  if (!opened.ok) return opened;
  const { session, tokenizer } = opened.value;
  return succeed({
    name: options.name,
    release: () => session.release(),
    async judge(claim, signal) {
      if (claim.sources.length === 0) return succeed(undefined);
      if (isInstructionLike(claim.claim)) return succeed(withhold(folder));
      const clean = cleanClaim(claim, tokenizer);
      return judgeClean(clean, { ...options, session, tokenizer }, signal);
    },
  });
}

type Loaded = { readonly session: OnnxSession; readonly tokenizer: PairTokenizer };

async function openSession(folder: ModelFolder, runtime: OnnxRuntime): Promise<ModelResult<Loaded>> {
  const tokenizer = createTokenizer(folder);
  if (!tokenizer.ok) return tokenizer;
  try {
    const session = await runtime.InferenceSession.create(folder.model, { logSeverityLevel: 3 });
    const unknown = session.inputNames.find((name) => !INPUTS.includes(name));
    if (unknown === undefined && session.inputNames.includes("input_ids"))
      return succeed({ session, tokenizer: tokenizer.value });
    const got = session.inputNames.join(", ");
    await session.release();
    return refuse("MODEL_FOLDER_INVALID", "the model asks for an input that a pair of texts does not give", {
      file: "onnx/model.onnx",
      got,
    });
  } catch (error) {
    const got = error instanceof Error ? error.message.slice(0, 300) : String(error);
    return refuse("MODEL_FOLDER_INVALID", "the model cannot be loaded", { file: "onnx/model.onnx", got });
  }
}

function cleanClaim({ claim, sources }: ClaimToJudge, tokenizer: PairTokenizer): ClaimToJudge {
  const clean = (raw: string, max: number): string => tokenizer.defuse(cleanText(raw, max).text);
  return {
    claim: clean(claim, CLAIM_CHARACTERS_MAX),
    sources: sources.map(({ title, text }) => ({ title, text: clean(text, SOURCE_CHARACTERS_MAX) })),
  };
}

type Judging = NliJudgeOptions & Loaded;

async function judgeClean(
  { claim, sources }: ClaimToJudge,
  judging: Judging,
  signal: AbortSignal,
): Promise<ModelResult<Judgement | undefined>> {
  const { folder, tokenizer } = judging;
  const claimTokens = tokenizer.count(claim);
  const around = tokenizer.encodePair("a", "a").ids.length - 2 * tokenizer.count("a");
  const room = folder.tokensMax - claimTokens - around;
  if (claimTokens > folder.tokensMax * CLAIM_SHARE_MAX || room < 1)
    return refuse("MODEL_NOT_USABLE", "the claim is longer than the model can read beside a passage", {
      got: claimTokens,
      neededMax: Math.floor(folder.tokensMax * CLAIM_SHARE_MAX),
    });
  const passages = cutPassages(
    sources.map(({ text }) => text),
    claim,
    room,
    tokenizer.count,
  );
  if (passages.length === 0 || claimTokens === 0) return succeed(undefined);
  const seen: ClassProbabilities[] = [];
  for (const passage of passages) {
    signal.throwIfAborted();
    const classified = await classify(passage, claim, judging);
    if (!classified.ok) return classified;
    seen.push(classified.value);
  }
  return succeed(
    conclude(combine(seen), { claim, passages, inputTokens: sum(seen.map(({ tokens }) => tokens)) }, judging),
  );
}

type ClassProbabilities = Distribution & { readonly tokens: number };

async function classify(
  premise: string,
  hypothesis: string,
  { session, tokenizer, runtime, folder }: Judging,
): Promise<ModelResult<ClassProbabilities>> {
  const encoded = tokenizer.encodePair(premise, hypothesis);
  const columns: Readonly<Record<string, readonly number[]>> = {
    input_ids: encoded.ids,
    attention_mask: encoded.attention_mask,
    token_type_ids: encoded.token_type_ids,
  };
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const values = BigInt64Array.from(columns[name] ?? [], BigInt);
      return [name, new runtime.Tensor("int64", values, [1, values.length])];
    }),
  );
  const outputs = await session.run(feeds);
  const logits = readLogits(outputs[session.outputNames[0] ?? ""]?.data, folder.labels.length);
  if (logits === undefined)
    return refuse("MODEL_ANSWER_INVALID", "the model's output is not one finite number for each label", {
      needed: folder.labels.length,
    });
  const weights = softmax(logits);
  const of = (verdict: Verdict): number =>
    sum(weights.filter((_, index) => folder.labels[index] === verdict));
  return succeed({
    supported: of("supported"),
    refuted: of("refuted"),
    unresolved: of("unresolved"),
    tokens: encoded.ids.length,
  });
}

function readLogits(data: unknown, length: number): readonly number[] | undefined {
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return undefined;
  const values = [...data];
  return values.length === length && values.every(Number.isFinite) ? values : undefined;
}

function softmax(logits: readonly number[]): readonly number[] {
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

/** The passage that says it best decides each way (SummaC, zero-shot). Passages for and against leave the claim open. */
function combine(seen: readonly Distribution[]): Distribution {
  const entailed = Math.max(...seen.map(({ supported }) => supported));
  const contradicted = Math.max(...seen.map(({ refuted }) => refuted));
  const supported = entailed * (1 - contradicted);
  const refuted = contradicted * (1 - entailed);
  return { supported, refuted, unresolved: 1 - supported - refuted };
}

type Read = { readonly claim: string; readonly passages: readonly string[]; readonly inputTokens: number };

function conclude(distribution: Distribution, read: Read, { folder, confidenceMin }: Judging): Judgement {
  const likeliest = pick(distribution).verdict;
  const sure = likeliest !== "unresolved" && distribution[likeliest] >= confidenceMin;
  return {
    verdict: sure ? likeliest : "unresolved",
    confidence: sure ? distribution[likeliest] : 0,
    witness: printWitness(distribution, "class-probabilities", read.passages.length),
    run: {
      ...runOf(folder),
      transcriptDigest: digest("mira:transcript:v1", [
        read.claim,
        ...read.passages,
        JSON.stringify(distribution),
      ]),
      confidenceBasis: "class-probabilities",
      ...toBps(distribution),
      samples: read.passages.length,
      inputTokens: read.inputTokens,
    },
  };
}

function withhold(folder: ModelFolder): Judgement {
  return {
    verdict: "unresolved",
    confidence: 0,
    witness: "the claim addresses its verifier; the model was not asked",
    run: { ...runOf(folder), instructionLike: true },
  };
}

/** What is the same for every run. The way a pair is made and passages are combined stands for the prompt. */
function runOf({ name, digest: modelDigest, labels }: ModelFolder): ModelRun {
  return {
    model: name,
    modelDigest,
    promptDigest: digest("mira:nli:v1", [...labels]),
    transcriptDigest: digest("mira:transcript:v1", []),
    confidenceBasis: "none",
    ...{ supportedBps: 0, refutedBps: 0, unresolvedBps: 10_000 },
    ...{ samples: 0, inputTokens: 0, outputTokens: 0 },
    instructionLike: false,
    untrustedRationale: "",
  };
}

function digest(domain: string, texts: readonly string[]): string {
  return encodeHex(sha256(encodeUtf8(`${domain}\n${JSON.stringify(texts)}`)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
