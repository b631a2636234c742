/** Environment -> frozen, total configuration. */
import {
  databaseUrl,
  durationMs,
  loadConfig,
  natsUrl,
  SERVICE_SPEC,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";

const DAY_MS = 24 * 60 * 60 * 1000;

const spec = {
  ...SERVICE_SPEC,
  databaseUrl,
  natsUrl,
  /** No session lives longer: authority that nobody remembers is the one that is abused. */
  lifetimeMsMax: durationMs("MIRA_SESSION_LIFETIME_MAX", {
    default: 7 * DAY_MS,
    min: 1_000,
    max: 30 * DAY_MS,
  }),
};

export type SessionsConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<SessionsConfig> {
  return loadConfig(spec, env);
}
