/** The environment that says what takes responses apart: the rules, or a model with the rules under it. */
import { durationMs, oneOf, type ConfigOf, type Relation } from "@mira/chassis";
import { createEndpointRelations, createEndpointSpec } from "@mira/models/config";

const PREFIX = "MIRA_VERIFIER";

export const DECOMPOSER_SPEC = {
  decomposer: oneOf("MIRA_VERIFIER_DECOMPOSER", ["rules", "openai"], { default: "rules" }),
  /** For a whole response; what the model has not answered by then, the rules answer. Callers wait for it. */
  decomposerMs: durationMs("MIRA_VERIFIER_DECOMPOSER_DEADLINE", { default: 6_000, min: 100, max: 600_000 }),
  ...createEndpointSpec(PREFIX, { timeoutMs: 5_000 }),
} as const;

export type DecomposerConfig = ConfigOf<typeof DECOMPOSER_SPEC>;

export const DECOMPOSER_RELATIONS: readonly Relation<DecomposerConfig>[] =
  createEndpointRelations<DecomposerConfig>(PREFIX, {
    user: "decomposer `openai`",
    isNeeded: ({ decomposer }) => decomposer === "openai",
  });
