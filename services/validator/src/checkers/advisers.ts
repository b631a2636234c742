/** The advisers that a configuration names, ready to be asked. */
import { join } from "node:path";
import { estimateSupport } from "@mira/claims";
import {
  createChatJudge,
  createNliJudge,
  loadOnnxRuntime,
  openCapabilityFile,
  openEndpoint,
  openModelFolder,
  type CapabilityRecord,
  type ChatJudge,
  type Judge,
} from "@mira/models";
import { encodeHex, encodeUtf8, sha256, succeed, unwrap, type ModelRun } from "@mira/primitives";
import type { AdviserConfig } from "./adviser-spec.ts";
import type { Opinion } from "../domain/combine.ts";
import type { Adviser } from "./examine.ts";

export type OpenedAdvisers = {
  readonly advisers: readonly Adviser[];
  /** Asks what the chat endpoint can do, before the first claim. */
  readonly prepare?: ChatJudge["prepare"];
  readonly close: () => Promise<void>;
};

export type AdviserOptions = {
  readonly onProbed: (record: CapabilityRecord, lines: readonly string[]) => void;
};

/** Throws when a local model's folder is not as it should be: a validator that cannot do what it is configured for does not start. */
export async function openAdvisers(config: AdviserConfig, options: AdviserOptions): Promise<OpenedAdvisers> {
  const advisers: Adviser[] = [];
  if (config.checkers.includes("entailment")) advisers.push(createEntailmentAdviser(config.confidenceMin));
  const chat = config.checkers.includes("openai") ? await openChatJudge(config, options) : undefined;
  if (chat !== undefined) advisers.push(toAdviser(chat));
  const nli = config.checkers.includes("onnx") ? await openNliJudge(config) : undefined;
  if (nli !== undefined) advisers.push(toAdviser(nli));
  return {
    advisers,
    ...(chat && { prepare: chat.prepare }),
    close: async () => nli?.release(),
  };
}

function toAdviser(judge: Judge): Adviser {
  return {
    name: judge.name,
    async advise({ text }, sources, signal) {
      const judged = await judge.judge({ claim: text, sources }, signal);
      if (!judged.ok || judged.value === undefined) return judged.ok ? succeed(undefined) : judged;
      const { verdict, confidence, witness, run } = judged.value;
      return succeed({ checker: judge.name, verdict, confidence, witness, model: run });
    },
  };
}

async function openChatJudge(config: AdviserConfig, { onProbed }: AdviserOptions): Promise<ChatJudge> {
  const { openai, confidenceMin } = config;
  const { client, fingerprint } = await openEndpoint(openai.endpoint);
  return createChatJudge({
    name: "openai",
    client,
    records: openCapabilityFile(join(openai.endpoint.stateFolder, `capabilities-${fingerprint}.json`)),
    onProbed,
    settings: {
      permutations: openai.permutations,
      votes: openai.votes,
      rationale: openai.rationale,
      outputTokensMax: openai.outputTokensMax,
      seed: openai.seed,
      declaredDigest: openai.modelDigest,
      confidenceMin,
      now: Date.now,
    },
  });
}

async function openNliJudge({ onnx, confidenceMin }: AdviserConfig) {
  const runtime = unwrap(loadOnnxRuntime(onnx.runtimeFolder));
  const folder = unwrap(await openModelFolder(onnx.folder, onnx.labels));
  return unwrap(await createNliJudge({ name: "onnx", folder, runtime, confidenceMin }));
}

/** It can say that the sources support a claim; that they do not is no refutation. */
function createEntailmentAdviser(confidenceMin: number): Adviser {
  return {
    name: "entailment",
    advise({ text }, sources) {
      const estimate = estimateSupport(text, sources);
      if (estimate.kind === "unknown") return Promise.resolve(succeed(undefined));
      const { probability, witness, modelId } = estimate;
      const supported = probability >= confidenceMin;
      const opinion: Opinion = {
        checker: "entailment",
        verdict: supported ? "supported" : "unresolved",
        confidence: supported ? probability : 0,
        witness,
        model: runOf(modelId, probability, witness),
      };
      return Promise.resolve(succeed(opinion));
    },
  };
}

/** A model without a prompt: its id is a hash of its weights. */
function runOf(modelId: string, probability: number, witness: string): ModelRun {
  const supportedBps = Math.floor(probability * 10_000);
  return {
    model: modelId,
    modelDigest: encodeHex(sha256(encodeUtf8(modelId))),
    promptDigest: encodeHex(sha256(encodeUtf8("mira:entailment:v1"))),
    transcriptDigest: encodeHex(sha256(encodeUtf8(witness))),
    confidenceBasis: "class-probabilities",
    ...{ supportedBps, refutedBps: 0, unresolvedBps: 10_000 - supportedBps },
    ...{ samples: 1, inputTokens: 0, outputTokens: 0 },
    instructionLike: false,
    untrustedRationale: "",
  };
}
