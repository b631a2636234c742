/** The decomposer port: rules, or any OpenAI-compatible model whose proposals are held against the response, with the rules under it. */
import { createModelDecomposer, decomposeBuiltIn, type Decomposer as Decompose } from "@mira/claims";
import { limitDepth } from "@mira/claims/structure";
import { asChatModel, openEndpoint } from "@mira/models";
import { toEndpoint } from "@mira/models/config";
import { succeed } from "@mira/primitives";
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
  const endpoint = toEndpoint(config);
  const { client } = await openEndpoint(endpoint);
  return createModelDecomposer({
    model: asChatModel(client),
    name: endpoint.model,
    timeMsMax: config.decomposerMs,
  });
}
