/** Environment -> frozen, total configuration. */
import {
  durationMs,
  integer,
  keySeed,
  loadConfig,
  natsUrl,
  oneOf,
  SERVICE_SPEC,
  targetOf,
  type ConfigOf,
  type Environment,
  type LoadedConfig,
} from "@mira/chassis";

const spec = {
  ...SERVICE_SPEC,
  natsUrl,
  keySeed,
  settlementTarget: targetOf("SETTLEMENT"),
  /** Where a re-executor finds sealed batches that the stream no longer has. */
  sequencerTarget: targetOf("SEQUENCER"),
  role: oneOf("MIRA_EXECUTOR_ROLE", ["execute", "reexecute"], { default: "execute" }),
  /** Partitions held at once, running and waiting. */
  heldMax: integer("MIRA_EXECUTOR_HELD_MAX", { default: 64, min: 1, max: 512 }),
  /** Accounts whose last versions are kept; 200,000 system accounts are some 100 MB. */
  cachedAccountsMax: integer("MIRA_EXECUTOR_CACHED_ACCOUNTS_MAX", {
    default: 200_000,
    min: 2,
    max: 10_000_000,
  }),
  /** Every so many partitions one is run again in a new VM and compared. */
  compareEvery: integer("MIRA_EXECUTOR_COMPARE_EVERY", { default: 1_000, min: 1, max: 1_000_000_000 }),
  /** An event loop that stands still for so long ends the process. One transaction takes at most some 20 ms. */
  stallMs: durationMs("MIRA_EXECUTOR_STALL", { default: 10_000, min: 1_000, max: 600_000 }),
};

export type ExecutorConfig = ConfigOf<typeof spec>;

export function readConfig(env: Environment): LoadedConfig<ExecutorConfig> {
  return loadConfig(spec, env);
}
