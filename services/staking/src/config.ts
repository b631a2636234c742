/** Environment -> frozen, total configuration. */
import {
  databaseUrl,
  durationMs,
  integer,
  loadConfig,
  natsUrl,
  SERVICE_SPEC,
  targetOf,
  text,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";

const DAY_MS = 24 * 60 * 60 * 1000;

const spec = {
  ...SERVICE_SPEC,
  databaseUrl,
  natsUrl,
  settlementTarget: targetOf("SETTLEMENT"),
  /** Base units; 1 MIRA = 1e9. */
  bondMinimum: text("MIRA_BOND_MINIMUM", { default: "100000000000", pattern: /^[1-9]\d{0,29}$/ }),
  /** How long leaving stake stays slashable: longer than evidence can take to appear. */
  unbondingMs: durationMs("MIRA_UNBONDING_PERIOD", { default: 21 * DAY_MS, min: 1_000, max: 365 * DAY_MS }),
  /** Part of the stake that an equivocation costs, in hundredths of a percent. */
  equivocationSlashBps: integer("MIRA_EQUIVOCATION_SLASH_BPS", { default: 5_000, min: 1, max: 10_000 }),
  /** Part of the stake that careless faults may cost in a day, in hundredths of a percent. */
  carelessBudgetBps: integer("MIRA_CARELESS_BUDGET_BPS", { default: 100, min: 0, max: 10_000 }),
};

export type StakingConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<StakingConfig> {
  return loadConfig(spec, env);
}
