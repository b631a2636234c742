/** The decomposer port: rules, or any OpenAI-compatible model whose proposals are held against the response, with the rules under it. */
import { join } from "node:path";
import { createModelDecomposer, decomposeBuiltIn, type Decomposer as Decompose } from "@mira/claims";
import { limitDepth } from "@mira/claims/structure";
import { asChatModel, createChatClient, openBudget, openSpendingFile } from "@mira/models";
import { encodeHex, encodeUtf8, sha256, succeed } from "@mira/primitives";
import type { DecomposerConfig } from "../decomposer-spec.ts";
import type { Decomposer } from "../ports.ts";

export async function openDecomposer(config: DecomposerConfig): Promise<Decomposer> {
  return toPort(config.decomposer === "rules" ? decomposeBuiltIn : await openModelDecomposer(config));
}

/** What is nested deeper than a certificate may be is left open. */
export function toPort(decompose: Decompose): Decomposer {
  return async (response, signal) => {
    const decomposed = await decompose(response, signal);
    if (!decomposed.ok) return decomposed;
    const { claims, decomposer } = decomposed.value;
    const sentences = decomposed.value.sentences.map(({ start, end, kind, category, reason, structure }) => ({
      ...{ start, end, kind, category, reason },
      structure: structure && limitDepth(structure),
    }));
    return succeed({ sentences, claims, decomposer });
  };
}

/** What a decomposer needs and lacks was refused with the configuration. */
async function openModelDecomposer(config: DecomposerConfig): Promise<Decompose> {
  const { openaiUrl = "", openaiModel: model = "", openaiKey: apiKey, stateFolder = "" } = config;
  const url = openaiUrl.replace(/\/+$/, "");
  // Another model or server has another budget.
  const name = encodeHex(sha256(encodeUtf8(`${url}\n${model}`))).slice(0, 16);
  const budget = await openBudget(
    { windowMs: config.openaiWindowMs, tokensMax: config.openaiTokensMax },
    openSpendingFile(join(stateFolder, `spending-${name}.json`)),
    Date.now,
  );
  const client = createChatClient({
    url,
    model,
    ...(apiKey !== undefined && { apiKey }),
    timeoutMs: config.openaiTimeoutMs,
    callsAtOnceMax: config.openaiCallsAtOnce,
    limitField: config.openaiLimitField,
    budget,
  });
  return createModelDecomposer({ model: asChatModel(client), name: model, timeMsMax: config.decomposerMs });
}
