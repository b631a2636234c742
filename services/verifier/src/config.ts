/** Environment -> frozen, total configuration. */
import {
  databaseUrl,
  durationMs,
  integer,
  loadConfig,
  natsUrl,
  optional,
  SERVICE_SPEC,
  targetOf,
  text,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";

const spec = {
  ...SERVICE_SPEC,
  databaseUrl,
  natsUrl,
  settlementTarget: targetOf("SETTLEMENT"),
  stakingTarget: targetOf("STAKING"),
  /** A JSON file of policies; absent: `standard`, `strict` and `private`, made of the three below. */
  policiesFile: optional(text("MIRA_POLICIES_FILE")),
  committeeSize: integer("MIRA_COMMITTEE_SIZE", { default: 3, min: 1, max: 101 }),
  /** How long validators have to check and commit; then to reveal. */
  commitMs: durationMs("MIRA_COMMIT_TIME", { default: 10_000, min: 100, max: 3_600_000 }),
  revealMs: durationMs("MIRA_REVEAL_TIME", { default: 5_000, min: 100, max: 3_600_000 }),
};

export type VerifierConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<VerifierConfig> {
  return loadConfig(spec, env);
}
