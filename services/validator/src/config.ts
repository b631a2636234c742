/** Environment -> frozen, total configuration. */
import {
  keySeed,
  loadConfig,
  optional,
  SERVICE_SPEC,
  targetOf,
  text,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";
import {
  ADVISER_RELATIONS,
  ADVISER_SPEC,
  toAdviserConfig,
  type AdviserConfig,
} from "./checkers/adviser-spec.ts";

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const spec = {
  ...SERVICE_SPEC,
  /** Signs attestations; the bond stands behind it. */
  keySeed,
  verifierTarget: targetOf("VERIFIER"),
  /** The file of what was signed. MUST survive restarts and belong to this key alone. */
  journalPath: text("MIRA_VALIDATOR_JOURNAL"),
  /** As declared with the bond: committees hold few of one family and of one operator. */
  family: optional(text("MIRA_VALIDATOR_FAMILY", { pattern: NAME })),
  operator: optional(text("MIRA_VALIDATOR_OPERATOR", { pattern: NAME })),
  ...ADVISER_SPEC,
};

type Entries = ConfigOf<typeof spec>;
export type ValidatorConfig = Omit<Entries, keyof typeof ADVISER_SPEC> &
  AdviserConfig & { readonly adviceMs: number };

export function readConfig(env: Environment): LoadedConfig<ValidatorConfig> {
  const loaded = loadConfig(spec, env, ADVISER_RELATIONS);
  if (!loaded.ok) return loaded;
  return { ok: true, config: Object.freeze({ ...loaded.config, ...toAdviserConfig(loaded.config) }) };
}
