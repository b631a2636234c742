/** What takes a response apart, and what such a thing may be built on. */
import type { Result } from "@mira/primitives";
import { decomposeByRules, type DecomposeRefusal } from "../response/decompose.ts";
import type { DecomposedResponse } from "../types.ts";

/**
 * Accounts for every sentence of the response; every claim can be found in it again. Rejects only when the signal aborts. Whatever the
 * decomposer is built on may fail: then it answers with what the rules find.
 */
export type Decomposer = (
  response: string,
  signal: AbortSignal,
) => Promise<Result<DecomposedResponse, DecomposeRefusal>>;

/** By rules alone: the floor under every other decomposer. */
export const decomposeBuiltIn: Decomposer = (response, signal) =>
  new Promise((resolve) => {
    signal.throwIfAborted();
    resolve(decomposeByRules(response));
  });

/** All that a decomposer needs of a model. `schema` is a JSON schema that the text must follow; the text is checked all the same. */
export type ChatModel = {
  readonly complete: (request: ChatModelRequest) => Promise<Result<ChatModelAnswer>>;
};

export type ChatModelRequest = {
  readonly system: string;
  readonly user: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
  readonly signal: AbortSignal;
};

export type ChatModelAnswer = {
  readonly text: string;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
};
