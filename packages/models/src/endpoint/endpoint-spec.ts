/** The environment that names a chat endpoint, its key, its limits and its prices: the same for every service that asks a model. */
import {
  ConfigProblem,
  durationMs,
  integer,
  oneOf,
  optional,
  secretFile,
  text,
  url,
  type ConfigOf,
  type Entry,
  type Relation,
} from "@mira/chassis";
import type { Price } from "../chat/budget.ts";
import type { ChatEndpoint } from "./open-endpoint.ts";

/** `prefix`: of the service's variables, such as `MIRA_VALIDATOR`. */
export function createEndpointSpec(prefix: string, defaults: { readonly timeoutMs: number }) {
  const name = (rest: string): string => `${prefix}_OPENAI_${rest}`;
  return {
    stateFolder: optional(text(`${prefix}_STATE_FOLDER`)),
    openaiUrl: optional(url(name("URL"), { protocols: ["http", "https"] })),
    openaiModel: optional(text(name("MODEL"))),
    openaiKey: optional(secretFile(name("KEY_FILE"))),
    openaiTimeoutMs: durationMs(name("TIMEOUT"), { default: defaults.timeoutMs, min: 50, max: 120_000 }),
    openaiCallsAtOnce: integer(name("CALLS_AT_ONCE"), { default: 4, min: 1, max: 64 }),
    openaiLimitField: oneOf(name("LIMIT_FIELD"), ["max_tokens", "max_completion_tokens"], {
      default: "max_tokens",
    }),
    openaiWindowMs: durationMs(name("BUDGET_WINDOW"), {
      default: 86_400_000,
      min: 1_000,
      max: 31 * 86_400_000,
    }),
    openaiTokensMax: integer(name("BUDGET_TOKENS"), { default: 5_000_000, min: 1, max: 1e15 }),
    openaiMoneyMax: optional(
      define(name("BUDGET_MONEY"), "an amount such as 12.50", (raw) => parseNanos(raw, 0)),
    ),
    openaiPrices: optional(
      define(name("PRICES"), "model=input/output per million tokens, such as small=0.15/0.60", parsePrices),
    ),
  } as const;
}

export type EndpointEntries = ConfigOf<ReturnType<typeof createEndpointSpec>>;

const LOOPBACK = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?(?:\/|$)/;

/** `user` names, for the message, what needs the endpoint when `isNeeded` says that it is needed. */
export function createEndpointRelations<Config extends EndpointEntries>(
  prefix: string,
  { user, isNeeded }: { readonly user: string; readonly isNeeded: (config: Config) => boolean },
): readonly Relation<Config>[] {
  const name = (rest: string): string => `${prefix}_OPENAI_${rest}`;
  return [
    {
      says: `${user} needs ${name("URL")}, ${name("MODEL")} and ${prefix}_STATE_FOLDER`,
      holds: (config) =>
        !isNeeded(config) ||
        (config.openaiUrl !== undefined &&
          config.openaiModel !== undefined &&
          config.stateFolder !== undefined),
    },
    {
      says: `a key goes only over https, or to this machine: ${name("URL")}`,
      holds: ({ openaiUrl, openaiKey }) =>
        openaiKey === undefined ||
        openaiUrl === undefined ||
        openaiUrl.startsWith("https:") ||
        LOOPBACK.test(openaiUrl),
    },
    {
      says: `${name("URL")} holds no name, password or query: a key has a file`,
      holds: ({ openaiUrl }) => openaiUrl === undefined || isBare(new URL(openaiUrl)),
    },
    {
      says: `${name("BUDGET_MONEY")} needs the price of ${name("MODEL")} in ${name("PRICES")}`,
      holds: ({ openaiMoneyMax, openaiPrices, openaiModel }) =>
        openaiMoneyMax === undefined || openaiPrices?.get(openaiModel ?? "") !== undefined,
    },
  ];
}

function isBare({ username, password, search, hash }: URL): boolean {
  return username === "" && password === "" && search === "" && hash === "";
}

/** What is needed and missing was refused before: the relations above. */
export function toEndpoint(entries: EndpointEntries): ChatEndpoint {
  const price = entries.openaiPrices?.get(entries.openaiModel ?? "");
  return {
    url: (entries.openaiUrl ?? "").replace(/\/+$/, ""),
    model: entries.openaiModel ?? "",
    apiKey: entries.openaiKey,
    timeoutMs: entries.openaiTimeoutMs,
    callsAtOnceMax: entries.openaiCallsAtOnce,
    limitField: entries.openaiLimitField,
    limits: {
      windowMs: entries.openaiWindowMs,
      tokensMax: entries.openaiTokensMax,
      ...(entries.openaiMoneyMax !== undefined && { nanosMax: entries.openaiMoneyMax }),
      ...(price && { price }),
    },
    stateFolder: entries.stateFolder ?? "",
  };
}

function define<T>(name: string, needed: string, parse: (raw: string) => T | undefined): Entry<T> {
  return {
    name,
    parse: (raw) => {
      const value = parse(raw);
      if (value === undefined) throw new ConfigProblem(`needed ${needed}, got "${raw}"`);
      return value;
    },
  };
}

const MODELS_MAX = 64;

function parsePrices(raw: string): ReadonlyMap<string, Price> | undefined {
  const entries = raw.split(",").map((item) => /^\s*([^=,\s]{1,200})=([\d.]+)\/([\d.]+)\s*$/.exec(item));
  const prices = new Map<string, Price>();
  for (const entry of entries) {
    const [, model = "", input = "", output = ""] = entry ?? [];
    // Per million tokens with up to nine decimals is per token in billionths with three: six digits shift.
    const [inputNanosPerToken, outputNanosPerToken] = [parseNanos(input, 6), parseNanos(output, 6)];
    if (inputNanosPerToken === undefined || outputNanosPerToken === undefined || prices.has(model))
      return undefined;
    prices.set(model, { inputNanosPerToken, outputNanosPerToken });
  }
  return prices.size <= MODELS_MAX ? prices : undefined;
}

/** A decimal amount in billionths, divided by ten to the `shift`, rounded up: a price is never taken for less than it is. */
function parseNanos(raw: string, shift: number): bigint | undefined {
  const [, whole = "", decimals = ""] = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(raw) ?? [];
  if (whole === "") return undefined;
  const nanos = BigInt(whole) * 1_000_000_000n + BigInt(decimals.padEnd(9, "0"));
  const divisor = 10n ** BigInt(shift);
  return (nanos + divisor - 1n) / divisor;
}
