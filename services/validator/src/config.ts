/** Environment -> frozen, total configuration. */
import {
  keySeed,
  loadConfig,
  SERVICE_SPEC,
  targetOf,
  text,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";

const spec = {
  ...SERVICE_SPEC,
  /** Signs attestations; the bond stands behind it. */
  keySeed,
  verifierTarget: targetOf("VERIFIER"),
  /** The file of what was signed. MUST survive restarts and belong to this key alone. */
  journalPath: text("MIRA_VALIDATOR_JOURNAL"),
};

export type ValidatorConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<ValidatorConfig> {
  return loadConfig(spec, env);
}
