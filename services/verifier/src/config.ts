/** Environment -> frozen, total configuration. */
import {
  databaseUrl,
  durationMs,
  integer,
  keySeed,
  list,
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
import { DECOMPOSER_RELATIONS, DECOMPOSER_SPEC } from "./decomposer-spec.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

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
  /** How long validators have to sign what they attested; then it is certified with the signatures that came. */
  signMs: durationMs("MIRA_SIGN_TIME", { default: 5_000, min: 100, max: 3_600_000 }),
  certificateValidityMs: durationMs("MIRA_CERTIFICATE_VALIDITY", {
    default: 365 * DAY_MS,
    min: 60_000,
    max: 3_650 * DAY_MS,
  }),
  /** Signs certificates for the network, and nothing else. */
  keySeed,
  /** Attestations that one caller may ask for: at once, and in a minute. */
  quotaBurst: integer("MIRA_CALLER_BURST", { default: 50_000, min: 1, max: 1_000_000_000 }),
  quotaPerMinute: integer("MIRA_CALLER_PER_MINUTE", { default: 50_000, min: 1, max: 1_000_000_000 }),
  /** Public keys in base58, of those whose probes are believed; none: no probes are imported. */
  probeAuthors: list("MIRA_PROBE_AUTHORS", { default: [], max: 16 }),
  /** How often one probe is asked before it is retired. */
  probeUsesMax: integer("MIRA_PROBE_USES", { default: 3, min: 1, max: 1_000 }),
  ...DECOMPOSER_SPEC,
};

export type VerifierConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<VerifierConfig> {
  return loadConfig(spec, env, DECOMPOSER_RELATIONS);
}
