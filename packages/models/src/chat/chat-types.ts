/** What is asked of a chat endpoint and what comes back, in the words of the OpenAI dialect that all of them share. */
import type { RefusalCode, Result } from "@mira/primitives";

export type ChatMessage = { readonly role: "system" | "user"; readonly content: string };

/** How the answer is held to its options: by a grammar made from a schema, to JSON only, or not at all. */
export type AnswerFormat =
  | {
      readonly kind: "json-schema";
      readonly name: string;
      readonly schema: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "json-object" }
  | { readonly kind: "text" };

export type ChatRequest = {
  readonly messages: readonly ChatMessage[];
  readonly format: AnswerFormat;
  readonly temperature: number;
  readonly seed: number;
  readonly outputTokensMax: number;
  /** How many alternatives of each token to ask for; 0: no log-probabilities. */
  readonly topLogprobs: number;
};

export type TokenAlternative = { readonly token: string; readonly logprob: number };
export type TokenLogprob = TokenAlternative & { readonly alternatives: readonly TokenAlternative[] };

export type ChatUsage = { readonly inputTokens: number; readonly outputTokens: number };

export type ChatAnswer = {
  readonly content: string;
  readonly finish: string;
  /** Absent where the server gave none, whatever it was asked. */
  readonly logprobs?: readonly TokenLogprob[];
  /** Absent where the server does not count; the budget is then charged the most it could have been. */
  readonly usage?: ChatUsage;
  /** As the server names them. */
  readonly model: string;
  readonly fingerprint: string;
  /** The bytes that went out and came in. */
  readonly transcript: { readonly request: string; readonly response: string };
};

export type ModelRefusalCode = Extract<RefusalCode, `MODEL_${string}`>;
export type ModelResult<T> = Result<T, ModelRefusalCode>;

export type ChatClient = {
  /** The name that the model is asked for by. */
  readonly model: string;
  readonly url: string;
  readonly complete: (request: ChatRequest, signal: AbortSignal) => Promise<ModelResult<ChatAnswer>>;
  /** What the server says of the model; `{}` where it says nothing. */
  readonly describe: (signal: AbortSignal) => Promise<ModelDescription>;
};

export type ModelDescription = { readonly contextTokens?: number };
