/** The environment that names a validator's checkers and what each needs. */
import {
  ConfigProblem,
  durationMs,
  flag,
  integer,
  list,
  optional,
  text,
  type ConfigOf,
  type Entry,
  type Relation,
} from "@mira/chassis";
import type { ChatEndpoint } from "@mira/models";
import { createEndpointRelations, createEndpointSpec, toEndpoint } from "@mira/models/config";
import type { Verdict } from "@mira/primitives";

const PREFIX = "MIRA_VALIDATOR";
const CHECKERS = ["deterministic", "entailment", "openai", "onnx"] as const;
export type CheckerName = (typeof CHECKERS)[number];
const VERDICTS: readonly Verdict[] = ["supported", "refuted", "unresolved"];

export const ADVISER_SPEC = {
  checkers: listOf("MIRA_VALIDATOR_CHECKERS", CHECKERS, ["deterministic"]),
  /** Below this an opinion is an abstention. */
  confidenceMinPercent: integer("MIRA_VALIDATOR_CONFIDENCE_MIN", { default: 60, min: 34, max: 100 }),
  /** For all claims of one assignment; the time to commit may end sooner. */
  adviceMs: durationMs("MIRA_VALIDATOR_ADVICE_DEADLINE", { default: 30_000, min: 100, max: 600_000 }),
  /** Its state folder also keeps the records of probes. */
  ...createEndpointSpec(PREFIX, { timeoutMs: 10_000 }),
  /** Calls about one claim where log-probabilities are given. */
  openaiPermutations: integer("MIRA_VALIDATOR_OPENAI_PERMUTATIONS", { default: 2, min: 2, max: 6 }),
  /** And where they are not. */
  openaiVotes: integer("MIRA_VALIDATOR_OPENAI_VOTES", { default: 5, min: 3, max: 25 }),
  openaiRationale: flag("MIRA_VALIDATOR_OPENAI_RATIONALE"),
  /** Room for the answer; more than a few only for models that think aloud before it. */
  openaiOutputTokens: integer("MIRA_VALIDATOR_OPENAI_OUTPUT_TOKENS", { default: 24, min: 8, max: 8_192 }),
  openaiSeed: integer("MIRA_VALIDATOR_OPENAI_SEED", { default: 1, min: 0, max: 2_147_483_000 }),
  /** SHA-256 of the weights as the operator states it; part of the model's digest. */
  openaiDigest: text("MIRA_VALIDATOR_OPENAI_MODEL_DIGEST", { default: "", pattern: /^(?:[0-9a-f]{64})?$/ }),
  onnxFolder: optional(text("MIRA_VALIDATOR_ONNX_FOLDER")),
  onnxRuntime: optional(text("MIRA_VALIDATOR_ONNX_RUNTIME")),
  onnxLabels: optional(listOf("MIRA_VALIDATOR_ONNX_LABELS", VERDICTS, undefined, { repeated: true })),
} as const;

type AdviserEntries = ConfigOf<typeof ADVISER_SPEC>;

export const ADVISER_RELATIONS: readonly Relation<AdviserEntries>[] = [
  ...createEndpointRelations<AdviserEntries>(PREFIX, {
    user: "checker `openai`",
    isNeeded: ({ checkers }) => checkers.includes("openai"),
  }),
  {
    says: "checker `onnx` needs MIRA_VALIDATOR_ONNX_FOLDER",
    holds: ({ checkers, onnxFolder }) => !checkers.includes("onnx") || onnxFolder !== undefined,
  },
];

/** What advisers are opened with. */
export type AdviserConfig = {
  readonly checkers: readonly CheckerName[];
  readonly confidenceMin: number;
  readonly openai: {
    readonly endpoint: ChatEndpoint;
    readonly permutations: number;
    readonly votes: number;
    readonly rationale: boolean;
    readonly outputTokensMax: number;
    readonly seed: number;
    readonly modelDigest: string;
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
    openai: {
      endpoint: toEndpoint(entries),
      permutations: entries.openaiPermutations,
      votes: entries.openaiVotes,
      rationale: entries.openaiRationale,
      outputTokensMax: entries.openaiOutputTokens,
      seed: entries.openaiSeed,
      modelDigest: entries.openaiDigest,
    },
    onnx: {
      folder: entries.onnxFolder ?? "",
      runtimeFolder: entries.onnxRuntime,
      labels: entries.onnxLabels,
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
