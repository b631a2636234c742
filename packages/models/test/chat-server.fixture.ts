/** A real HTTP server that speaks the OpenAI dialect as vLLM, Ollama, llama.cpp and plainer servers do, with a tiny model behind it. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { seededRandom } from "@mira/testing";
import { trainTinyModel, type TinyModel } from "./tiny-model.fixture.ts";

export type Dialect =
  /** Schema, log-probabilities, usage. */
  | "vllm"
  /** Schema and usage; log-probabilities are dropped without a word. */
  | "ollama"
  /** Schema and log-probabilities, cut into other tokens; another set of extra fields. */
  | "llama.cpp"
  /** Refuses response_format; log-probabilities of 5 alternatives at most; no usage. */
  | "plain"
  /** Ignores response_format and explains itself. */
  | "chatty";

export type ChatServerOptions = {
  readonly dialect: Dialect;
  readonly model?: TinyModel;
  readonly name?: string;
  /** Sampled noise on the log-probabilities, as batching makes it. */
  readonly jitter?: number;
  /** Each call is answered by another one, with its own fingerprint. */
  readonly replicas?: number;
};

export type ChatServer = {
  readonly url: string;
  readonly requests: ChatBody[];
  readonly keys: (string | undefined)[];
  name: string;
  close: () => Promise<void>;
};

export type ChatBody = {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly temperature: number;
  readonly seed: number;
  readonly max_tokens: number;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: Schema } };
};
type Schema = { readonly properties: { readonly answer: { readonly enum: readonly string[] } } };

export async function startChatServer(context: TestContext, options: ChatServerOptions): Promise<ChatServer> {
  const { model = trainTinyModel(), dialect, jitter = 0 } = options;
  const noise = seededRandom(3);
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      if (request.url === "/v1/models") {
        response.end(JSON.stringify({ object: "list", data: [describeModel(started.name, dialect)] }));
        return;
      }
      const body = JSON.parse(text) as ChatBody;
      started.requests.push(body);
      started.keys.push(request.headers.authorization);
      const refusal = refuse(body, dialect);
      response.statusCode = refusal === undefined ? 200 : 400;
      response.setHeader("content-type", "application/json");
      const answer =
        refusal ??
        complete(body, {
          model,
          dialect,
          name: started.name,
          replica: options.replicas && started.requests.length % options.replicas,
          noise: () => (noise.next() - 0.5) * jitter,
        });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const started: ChatServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    keys: [],
    name: options.name ?? "tiny",
    close,
  };
  context.after(close);
  return started;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function describeModel(id: string, dialect: Dialect): object {
  if (dialect === "vllm") return { id, object: "model", owned_by: "vllm", max_model_len: 8192 };
  if (dialect === "llama.cpp") return { id, object: "model", meta: { n_ctx_train: 4096 } };
  return { id, object: "model" };
}

function refuse(body: ChatBody, dialect: Dialect): object | undefined {
  if (dialect !== "plain") return undefined;
  if (body.response_format !== undefined)
    return { error: { message: "response_format is not supported", type: "invalid_request_error" } };
  if ((body.top_logprobs ?? 0) > 5) return { error: { message: "top_logprobs must be at most 5" } };
  return undefined;
}

type Backend = {
  readonly model: TinyModel;
  readonly dialect: Dialect;
  readonly name: string;
  readonly noise: () => number;
  readonly replica: number | undefined;
};

function complete(body: ChatBody, backend: Backend): object {
  const { dialect, name, replica } = backend;
  const tokens = generate(body, backend);
  const content = tokens.map(({ token }) => token).join("");
  const promptTokens = body.messages.reduce(
    (sum, one) => sum + (one.content.match(/\w+|[^\w\s]/g)?.length ?? 0),
    0,
  );
  const withLogprobs = body.logprobs === true && dialect !== "ollama";
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: name,
    ...(replica !== undefined && { system_fingerprint: `fp_${replica}` }),
    ...(dialect === "ollama" && { system_fingerprint: "fp_ollama" }),
    ...(dialect === "llama.cpp" && { timings: { prompt_ms: 1 }, system_fingerprint: "b6000" }),
    choices: [
      {
        index: 0,
        message: { role: "assistant", content },
        finish_reason: "stop",
        logprobs: withLogprobs ? { content: tokens } : null,
      },
    ],
    ...(dialect !== "plain" && {
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: tokens.length,
        total_tokens: promptTokens + tokens.length,
      },
    }),
  };
}

type Token = {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: null;
  readonly top_logprobs: object[];
};

function generate(body: ChatBody, backend: Backend): readonly Token[] {
  const system = body.messages.find(({ role }) => role === "system")?.content ?? "";
  const user = body.messages.find(({ role }) => role === "user")?.content ?? "";
  const letters = backend.model.nextLetter({ system, user });
  const allowed = body.response_format?.json_schema?.schema.properties.answer.enum;
  if (letters.size === 0 && allowed === undefined)
    return prose("The first source names the year of the opening.");
  const shares = letters.size > 0 ? letters : new Map(allowed?.map((letter) => [letter, 1 / 3]));
  const letter = chooseLetter(shares, body);
  if (backend.dialect === "chatty") return prose(`[Supported] The answer is "${letter}", as the claim says.`);
  const chosen = (prefix: string): Token => toToken(prefix, letter, shares, body, backend);
  if (body.response_format === undefined && !system.includes('{"answer"')) return [chosen("")];
  const around: readonly [readonly string[], readonly string[]] =
    backend.dialect === "llama.cpp" ? [["{", '"', "answer", '":'], ["}"]] : [['{"', "answer", '":"'], ['"}']];
  if (backend.dialect === "llama.cpp") {
    const { token, ...rest } = chosen(' "');
    return [...around[0].map(sure), { ...rest, token: `${token}"` }, ...around[1].map(sure)];
  }
  return [...around[0].map(sure), chosen(""), ...around[1].map(sure)];
}

function prose(text: string): readonly Token[] {
  return (text.match(/\S+\s*/g) ?? []).map(sure);
}

function sure(token: string): Token {
  return { token, logprob: 0, bytes: null, top_logprobs: [{ token, logprob: 0 }] };
}

/** Part of the mass lies on words that the grammar forbids: servers tell the distribution from before it. */
const ELSEWHERE = 0.03;

function toToken(
  prefix: string,
  letter: string,
  shares: ReadonlyMap<string, number>,
  body: ChatBody,
  { noise }: Backend,
): Token {
  const options = [...shares].map(([name, share]) => ({
    token: `${prefix}${name}`,
    logprob: Math.min(0, Math.log(share * (1 - ELSEWHERE)) + noise()),
  }));
  const others = ["I", "The", "OK", "\n"].map((token, at) => ({
    token,
    logprob: Math.log(ELSEWHERE / 2 ** (at + 1)),
  }));
  const listed = [...options, ...others].toSorted((one, other) => other.logprob - one.logprob);
  const logprob = options.find(({ token }) => token === `${prefix}${letter}`)?.logprob ?? 0;
  return {
    token: `${prefix}${letter}`,
    logprob,
    bytes: null,
    top_logprobs: listed.slice(0, body.top_logprobs ?? 0),
  };
}

function chooseLetter(shares: ReadonlyMap<string, number>, { temperature, seed }: ChatBody): string {
  const sorted = [...shares].toSorted(([, one], [, other]) => other - one);
  if (temperature === 0) return sorted[0]?.[0] ?? "";
  let left = seededRandom(seed).next();
  return sorted.find(([, share]) => (left -= share) < 0)?.[0] ?? sorted[0]?.[0] ?? "";
}
