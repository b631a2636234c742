/** A client of any OpenAI-compatible chat endpoint: bounded in time, size, attempts, concurrency, tokens and money. */
import { delay, refuse } from "@mira/primitives";
import type { Budget } from "./budget.ts";
import type { ChatAnswer, ChatClient, ChatRequest, ChatUsage, ModelResult } from "./chat-types.ts";
import { createGate } from "./gate.ts";
import { callHttp, type HttpAnswer } from "./http-call.ts";
import { excerpt, parseAnswer, parseModelList } from "./parse-answer.ts";
import { computeWaitMs, isRetryable, RETRY_POLICY, type RetryPolicy } from "./retry.ts";

export type ChatClientOptions = {
  /** With the version, without the method: `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly callsAtOnceMax: number;
  readonly budget: Budget;
  readonly retry?: RetryPolicy;
  readonly responseBytesMax?: number;
  readonly random?: () => number;
  readonly now?: () => number;
  /** Newer hosted models take `max_completion_tokens` and no other. */
  readonly limitField?: "max_tokens" | "max_completion_tokens";
};

/** A verdict is a few tokens and twenty alternatives of each; a rationale some hundred. */
const RESPONSE_BYTES_MAX = 1_048_576;
const DESCRIBE_TIMEOUT_MS = 5_000;

/** `complete` throws only when its signal aborts. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  const gate = createGate(options.callsAtOnceMax);
  return {
    model: options.model,
    url: options.url,
    complete: (request, signal) => gate(() => completePatiently(request, options, signal), signal),
    async describe(signal) {
      const answer = await callHttp({
        url: `${options.url}/models`,
        headers: headersOf(options),
        timeoutMs: DESCRIBE_TIMEOUT_MS,
        responseBytesMax: options.responseBytesMax ?? RESPONSE_BYTES_MAX,
        signal,
      });
      return answer.kind === "answer" && answer.status === 200
        ? parseModelList(answer.text, options.model)
        : {};
    },
  };
}

async function completePatiently(
  request: ChatRequest,
  options: ChatClientOptions,
  signal: AbortSignal,
): Promise<ModelResult<ChatAnswer>> {
  const { retry = RETRY_POLICY, random = Math.random, now = Date.now } = options;
  const body = encodeRequest(request, options);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const attempted = await attemptOnce(body, request, options, signal);
    if (attempted.outcome !== "retry") return attempted.result;
    const waitMs = computeWaitMs(attempt, attempted.retryAfter, retry, { random: random(), nowMs: now() });
    if (waitMs === undefined) return attempted.result;
    await delay(waitMs, signal);
  }
}

type Attempt =
  | { readonly outcome: "done"; readonly result: ModelResult<ChatAnswer> }
  | {
      readonly outcome: "retry";
      readonly result: ModelResult<ChatAnswer>;
      readonly retryAfter: string | null;
    };

async function attemptOnce(
  body: string,
  request: ChatRequest,
  options: ChatClientOptions,
  signal: AbortSignal,
): Promise<Attempt> {
  const reserved = await options.budget.reserve(computeMost(body, request));
  if (!reserved.ok) return { outcome: "done", result: reserved };
  // Until it is known what was used, all of it counts as used: also when the caller goes away.
  const answer = await callHttp({
    url: `${options.url}/chat/completions`,
    headers: { "content-type": "application/json", ...headersOf(options) },
    body,
    timeoutMs: options.timeoutMs,
    responseBytesMax: options.responseBytesMax ?? RESPONSE_BYTES_MAX,
    signal,
  });
  const attempt = judgeAnswer(body, answer);
  await reserved.value.settle(usageOf(attempt, answer));
  return attempt;
}

/** A byte is at most a token for every tokenizer that knows bytes; the template around the messages is a few more. */
const TEMPLATE_TOKENS_MAX = 256;

function computeMost(body: string, { outputTokensMax }: ChatRequest): ChatUsage {
  return { inputTokens: Buffer.byteLength(body) + TEMPLATE_TOKENS_MAX, outputTokens: outputTokensMax };
}

/** An error status costs nothing; what broke off may have cost all. */
function usageOf({ result }: Attempt, answer: HttpAnswer): ChatUsage | undefined {
  if (result.ok) return result.value.usage;
  const free =
    answer.kind === "answer" ? answer.status !== 200 : answer.kind === "failed" && !answer.maybeBilled;
  return free ? { inputTokens: 0, outputTokens: 0 } : undefined;
}

function judgeAnswer(body: string, answer: HttpAnswer): Attempt {
  if (answer.kind === "refused")
    return { outcome: "done", result: refuse("MODEL_REQUEST_REFUSED", answer.reason) };
  if (answer.kind === "failed")
    return { outcome: "retry", result: refuse("MODEL_UNAVAILABLE", answer.reason), retryAfter: null };
  const { status, text, retryAfter } = answer;
  if (status === 200) return { outcome: "done", result: parseAnswer(body, text) };
  const details = { status, got: excerpt(text) };
  if (isRetryable(status))
    return {
      outcome: "retry",
      result: refuse("MODEL_UNAVAILABLE", `the server answered ${status}`, details),
      retryAfter,
    };
  return {
    outcome: "done",
    result: refuse("MODEL_REQUEST_REFUSED", `the server answered ${status}`, details),
  };
}

function headersOf({ apiKey }: ChatClientOptions): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}

function encodeRequest(
  request: ChatRequest,
  { model, limitField = "max_tokens" }: ChatClientOptions,
): string {
  const { messages, format, temperature, seed, outputTokensMax, topLogprobs } = request;
  return JSON.stringify({
    model,
    messages,
    temperature,
    seed,
    [limitField]: outputTokensMax,
    stream: false,
    ...(topLogprobs > 0 && { logprobs: true, top_logprobs: topLogprobs }),
    ...(format.kind === "json-object" && { response_format: { type: "json_object" } }),
    ...(format.kind === "json-schema" && {
      response_format: {
        type: "json_schema",
        json_schema: { name: format.name, strict: true, schema: format.schema },
      },
    }),
  });
}
