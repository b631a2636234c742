/** The strict reading of a chat completion: what is not there in the right shape is absent, never guessed. */
import { refuse, succeed } from "@mira/primitives";
import type {
  ChatAnswer,
  ChatUsage,
  ModelDescription,
  ModelResult,
  TokenAlternative,
  TokenLogprob,
} from "./chat-types.ts";

type Fields = Readonly<Record<string, unknown>>;

const TOKENS_MAX = 100_000;
const NAME_CHARACTERS_MAX = 200;

export function parseAnswer(request: string, response: string): ModelResult<ChatAnswer> {
  const body = parseJson(response);
  const choice = asFields(asList(body?.["choices"])[0]);
  const message = asFields(choice?.["message"]);
  const content = message?.["content"];
  if (body === undefined || typeof content !== "string")
    return refuse("MODEL_ANSWER_INVALID", "the answer holds no message with text", {
      got: excerpt(response),
    });
  const logprobs = parseLogprobs(asFields(choice?.["logprobs"])?.["content"]);
  const usage = parseUsage(body["usage"]);
  return succeed({
    content,
    finish: asText(choice?.["finish_reason"]),
    ...(logprobs && { logprobs }),
    ...(usage && { usage }),
    model: asText(body["model"]),
    fingerprint: asText(body["system_fingerprint"]),
    transcript: { request, response },
  });
}

/** Of an error page: enough to tell what it is, nothing that a terminal would act upon. */
export function excerpt(text: string): string {
  return text
    .slice(0, 300)
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim();
}

/** `max_model_len` is vLLM's, `meta.n_ctx_train` llama.cpp's, `context_length` that of several hosts. */
export function parseModelList(response: string, model: string): ModelDescription {
  const entry = asList(parseJson(response)?.["data"])
    .map(asFields)
    .find((one) => one?.["id"] === model);
  const tokens = [
    entry?.["max_model_len"],
    entry?.["context_length"],
    asFields(entry?.["meta"])?.["n_ctx_train"],
  ].find(isCount);
  return tokens === undefined ? {} : { contextTokens: tokens };
}

function parseLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > TOKENS_MAX) return undefined;
  const tokens = value.map((item) => {
    const fields = asFields(item);
    const alternative = parseAlternative(fields);
    const alternatives = asList(fields?.["top_logprobs"]).flatMap(
      (one) => parseAlternative(asFields(one)) ?? [],
    );
    return alternative && { ...alternative, alternatives };
  });
  const whole = tokens.filter((token) => token !== undefined);
  return whole.length === tokens.length ? whole : undefined;
}

/** A probability above one is no probability; servers round up to a hair above zero. */
function parseAlternative(fields: Fields | undefined): TokenAlternative | undefined {
  const token = fields?.["token"];
  const logprob = fields?.["logprob"];
  if (typeof token !== "string" || typeof logprob !== "number" || !(logprob <= 0.001)) return undefined;
  return { token, logprob: Math.min(0, logprob) };
}

function parseUsage(value: unknown): ChatUsage | undefined {
  const fields = asFields(value);
  const inputTokens = fields?.["prompt_tokens"];
  const outputTokens = fields?.["completion_tokens"];
  return isCount(inputTokens) && isCount(outputTokens) ? { inputTokens, outputTokens } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31;
}

export function parseJson(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: unknown): string {
  return typeof value === "string" ? value.slice(0, NAME_CHARACTERS_MAX) : "";
}
