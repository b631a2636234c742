/** The environment that names a validator's checkers and what each needs. */
import {
  ConfigProblem,
  durationMs,
  flag,
  integer,
  list,
  oneOf,
  optional,
  secretFile,
  text,
  url,
  type ConfigOf,
  type Entry,
  type Relation,
} from "@mira/chassis";
import type { Price } from "@mira/models";
import type { Verdict } from "@mira/primitives";

const CHECKERS = ["deterministic", "entailment", "openai", "onnx"] as const;
export type CheckerName = (typeof CHECKERS)[number];
const VERDICTS: readonly Verdict[] = ["supported", "refuted", "unresolved"];

export const ADVISER_SPEC = {
  checkers: listOf("MIRA_VALIDATOR_CHECKERS", CHECKERS, ["deterministic"]),
  /** Below this an opinion is an abstention. */
  confidenceMinPercent: integer("MIRA_VALIDATOR_CONFIDENCE_MIN", { default: 60, min: 34, max: 100 }),
  /** For all claims of one assignment; the time to commit may end sooner. */
  adviceMs: durationMs("MIRA_VALIDATOR_ADVICE_DEADLINE", { default: 30_000, min: 100, max: 600_000 }),
  /** Records of probes and of spending. MUST survive restarts: a budget is per window, not per start. */
  stateFolder: optional(text("MIRA_VALIDATOR_STATE_FOLDER")),
  openaiUrl: optional(url("MIRA_VALIDATOR_OPENAI_URL", { protocols: ["http", "https"] })),
  openaiModel: optional(text("MIRA_VALIDATOR_OPENAI_MODEL")),
  openaiKey: optional(secretFile("MIRA_VALIDATOR_OPENAI_KEY_FILE")),
  openaiTimeoutMs: durationMs("MIRA_VALIDATOR_OPENAI_TIMEOUT", { default: 10_000, min: 50, max: 120_000 }),
  openaiCallsAtOnce: integer("MIRA_VALIDATOR_OPENAI_CALLS_AT_ONCE", { default: 4, min: 1, max: 64 }),
  /** Calls about one claim where log-probabilities are given. */
  openaiPermutations: integer("MIRA_VALIDATOR_OPENAI_PERMUTATIONS", { default: 2, min: 2, max: 6 }),
  /** And where they are not. */
  openaiVotes: integer("MIRA_VALIDATOR_OPENAI_VOTES", { default: 5, min: 3, max: 25 }),
  openaiRationale: flag("MIRA_VALIDATOR_OPENAI_RATIONALE"),
  /** Room for the answer; more than a few only for models that think aloud before it. */
  openaiOutputTokens: integer("MIRA_VALIDATOR_OPENAI_OUTPUT_TOKENS", { default: 24, min: 8, max: 8_192 }),
  openaiLimitField: oneOf("MIRA_VALIDATOR_OPENAI_LIMIT_FIELD", ["max_tokens", "max_completion_tokens"], {
    default: "max_tokens",
  }),
  openaiSeed: integer("MIRA_VALIDATOR_OPENAI_SEED", { default: 1, min: 0, max: 2_147_483_000 }),
  /** SHA-256 of the weights as the operator states it; part of the model's digest. */
  openaiDigest: text("MIRA_VALIDATOR_OPENAI_MODEL_DIGEST", { default: "", pattern: /^(?:[0-9a-f]{64})?$/ }),
  openaiWindowMs: durationMs("MIRA_VALIDATOR_OPENAI_BUDGET_WINDOW", {
    default: 86_400_000,
    min: 1_000,
    max: 31 * 86_400_000,
  }),
  openaiTokensMax: integer("MIRA_VALIDATOR_OPENAI_BUDGET_TOKENS", { default: 5_000_000, min: 1, max: 1e15 }),
  openaiMoneyMax: optional(
    define("MIRA_VALIDATOR_OPENAI_BUDGET_MONEY", "an amount such as 12.50", (raw) => parseNanos(raw, 0)),
  ),
  openaiPrices: optional(
    define(
      "MIRA_VALIDATOR_OPENAI_PRICES",
      "model=input/output per million tokens, such as small=0.15/0.60",
      parsePrices,
    ),
  ),
  onnxFolder: optional(text("MIRA_VALIDATOR_ONNX_FOLDER")),
  onnxRuntime: optional(text("MIRA_VALIDATOR_ONNX_RUNTIME")),
  onnxLabels: optional(listOf("MIRA_VALIDATOR_ONNX_LABELS", VERDICTS, undefined, { repeated: true })),
} as const;

type AdviserEntries = ConfigOf<typeof ADVISER_SPEC>;

const LOOPBACK = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?(?:\/|$)/;

export const ADVISER_RELATIONS: readonly Relation<AdviserEntries>[] = [
  {
    says: "checker `openai` needs MIRA_VALIDATOR_OPENAI_URL, MIRA_VALIDATOR_OPENAI_MODEL and MIRA_VALIDATOR_STATE_FOLDER",
    holds: ({ checkers, openaiUrl, openaiModel, stateFolder }) =>
      !checkers.includes("openai") ||
      (openaiUrl !== undefined && openaiModel !== undefined && stateFolder !== undefined),
  },
  {
    says: "a key goes only over https, or to this machine: MIRA_VALIDATOR_OPENAI_URL",
    holds: ({ openaiUrl, openaiKey }) =>
      openaiKey === undefined ||
      openaiUrl === undefined ||
      openaiUrl.startsWith("https:") ||
      LOOPBACK.test(openaiUrl),
  },
  {
    says: "MIRA_VALIDATOR_OPENAI_URL holds no name, password or query: a key has a file",
    holds: ({ openaiUrl }) => {
      const parsed = openaiUrl === undefined ? undefined : new URL(openaiUrl);
      return (
        parsed === undefined ||
        (parsed.username === "" && parsed.password === "" && parsed.search === "" && parsed.hash === "")
      );
    },
  },
  {
    says: "MIRA_VALIDATOR_OPENAI_BUDGET_MONEY needs the price of MIRA_VALIDATOR_OPENAI_MODEL in MIRA_VALIDATOR_OPENAI_PRICES",
    holds: ({ openaiMoneyMax, openaiPrices, openaiModel }) =>
      openaiMoneyMax === undefined || openaiPrices?.get(openaiModel ?? "") !== undefined,
  },
  {
    says: "checker `onnx` needs MIRA_VALIDATOR_ONNX_FOLDER",
    holds: ({ checkers, onnxFolder }) => !checkers.includes("onnx") || onnxFolder !== undefined,
  },
];

/** What advisers are opened with. */
export type AdviserConfig = {
  readonly checkers: readonly CheckerName[];
  readonly confidenceMin: number;
  readonly stateFolder: string;
  readonly openai: {
    readonly url: string;
    readonly model: string;
    readonly apiKey: string | undefined;
    readonly timeoutMs: number;
    readonly callsAtOnceMax: number;
    readonly permutations: number;
    readonly votes: number;
    readonly rationale: boolean;
    readonly outputTokensMax: number;
    readonly limitField: "max_tokens" | "max_completion_tokens";
    readonly seed: number;
    readonly modelDigest: string;
    readonly budgetWindowMs: number;
    readonly tokensMax: number;
    readonly nanosMax: bigint | undefined;
    readonly price: Price | undefined;
  };
  readonly onnx: {
    readonly folder: string;
    readonly runtimeFolder: string | undefined;
    readonly labels: readonly Verdict[] | undefined;
  };
};

/** What a checker needs and lacks was refused before: the relations above. */
export function toAdviserConfig(entries: AdviserEntries): AdviserConfig {
  return {
    checkers: entries.checkers,
    confidenceMin: entries.confidenceMinPercent / 100,
    stateFolder: entries.stateFolder ?? "",
    openai: {
      url: (entries.openaiUrl ?? "").replace(/\/+$/, ""),
      model: entries.openaiModel ?? "",
      apiKey: entries.openaiKey,
      timeoutMs: entries.openaiTimeoutMs,
      callsAtOnceMax: entries.openaiCallsAtOnce,
      permutations: entries.openaiPermutations,
      votes: entries.openaiVotes,
      rationale: entries.openaiRationale,
      outputTokensMax: entries.openaiOutputTokens,
      limitField: entries.openaiLimitField,
      seed: entries.openaiSeed,
      modelDigest: entries.openaiDigest,
      budgetWindowMs: entries.openaiWindowMs,
      tokensMax: entries.openaiTokensMax,
      nanosMax: entries.openaiMoneyMax,
      price: entries.openaiPrices?.get(entries.openaiModel ?? ""),
    },
    onnx: {
      folder: entries.onnxFolder ?? "",
      runtimeFolder: entries.onnxRuntime,
      labels: entries.onnxLabels,
    },
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

function listOf<T extends string>(
  name: string,
  allowed: readonly T[],
  fallback?: readonly T[],
  { repeated = false } = {},
): Entry<readonly T[]> {
  const inner = list(name, { max: 8 });
  const parse = (raw: string): readonly T[] => {
    const items = inner.parse(raw);
    const known = items.flatMap((item) => allowed.find((one) => one === item) ?? []);
    if (known.length < items.length || (!repeated && new Set(known).size < known.length))
      throw new ConfigProblem(
        `needed some of ${allowed.join(", ")}${repeated ? "" : ", each once"}, got "${raw}"`,
      );
    return known;
  };
  return fallback === undefined ? { name, parse } : { name, parse, fallback: { value: fallback } };
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
