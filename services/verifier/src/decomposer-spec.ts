/** The environment that says what takes responses apart: the rules, or a model with the rules under it. */
import {
  durationMs,
  integer,
  oneOf,
  optional,
  secretFile,
  text,
  url,
  type ConfigOf,
  type Relation,
} from "@mira/chassis";

/** Named as a validator's are (services/validator). */
export const DECOMPOSER_SPEC = {
  decomposer: oneOf("MIRA_VERIFIER_DECOMPOSER", ["rules", "openai"], { default: "rules" }),
  /** For a whole response; what the model has not answered by then, the rules answer. Callers wait for it. */
  decomposerMs: durationMs("MIRA_VERIFIER_DECOMPOSER_DEADLINE", { default: 6_000, min: 100, max: 600_000 }),
  /** What the model was spent on. MUST survive restarts: a budget is per window, not per start. */
  stateFolder: optional(text("MIRA_VERIFIER_STATE_FOLDER")),
  openaiUrl: optional(url("MIRA_VERIFIER_OPENAI_URL", { protocols: ["http", "https"] })),
  openaiModel: optional(text("MIRA_VERIFIER_OPENAI_MODEL")),
  openaiKey: optional(secretFile("MIRA_VERIFIER_OPENAI_KEY_FILE")),
  openaiTimeoutMs: durationMs("MIRA_VERIFIER_OPENAI_TIMEOUT", { default: 5_000, min: 50, max: 120_000 }),
  openaiCallsAtOnce: integer("MIRA_VERIFIER_OPENAI_CALLS_AT_ONCE", { default: 4, min: 1, max: 64 }),
  openaiLimitField: oneOf("MIRA_VERIFIER_OPENAI_LIMIT_FIELD", ["max_tokens", "max_completion_tokens"], {
    default: "max_tokens",
  }),
  openaiWindowMs: durationMs("MIRA_VERIFIER_OPENAI_BUDGET_WINDOW", {
    default: 86_400_000,
    min: 1_000,
    max: 31 * 86_400_000,
  }),
  openaiTokensMax: integer("MIRA_VERIFIER_OPENAI_BUDGET_TOKENS", { default: 5_000_000, min: 1, max: 1e15 }),
} as const;

export type DecomposerConfig = ConfigOf<typeof DECOMPOSER_SPEC>;

const LOOPBACK = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?(?:\/|$)/;

export const DECOMPOSER_RELATIONS: readonly Relation<DecomposerConfig>[] = [
  {
    says: "decomposer `openai` needs MIRA_VERIFIER_OPENAI_URL, MIRA_VERIFIER_OPENAI_MODEL and MIRA_VERIFIER_STATE_FOLDER",
    holds: ({ decomposer, openaiUrl, openaiModel, stateFolder }) =>
      decomposer === "rules" ||
      (openaiUrl !== undefined && openaiModel !== undefined && stateFolder !== undefined),
  },
  {
    says: "a key goes only over https, or to this machine: MIRA_VERIFIER_OPENAI_URL",
    holds: ({ openaiUrl, openaiKey }) =>
      openaiKey === undefined ||
      openaiUrl === undefined ||
      openaiUrl.startsWith("https:") ||
      LOOPBACK.test(openaiUrl),
  },
  {
    says: "MIRA_VERIFIER_OPENAI_URL holds no name, password or query: a key has a file",
    holds: ({ openaiUrl }) => {
      const parsed = openaiUrl === undefined ? undefined : new URL(openaiUrl);
      return (
        parsed === undefined ||
        (parsed.username === "" && parsed.password === "" && parsed.search === "" && parsed.hash === "")
      );
    },
  },
];
