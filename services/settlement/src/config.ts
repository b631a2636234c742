/** Environment -> configuration of settlement. */
import * as chassis from "@mira/chassis";
import { decodeKey, encodeBase58, type DurationMs } from "@mira/primitives";
import type { VelocityLimit } from "./domain/velocity.ts";
import { readGenesisFile, type GenesisSource } from "./store/genesis-file.ts";

const KEYS_MAX = 256;

const SPEC = {
  ...chassis.SERVICE_SPEC,
  databaseUrl: chassis.databaseUrl,
  natsUrl: chassis.natsUrl,
  sequencerTarget: chassis.targetOf("SEQUENCER"),
  /** Where the logs are served over HTTP; absent: nowhere. */
  logPort: chassis.optional(chassis.port("MIRA_SETTLEMENT_LOG_PORT")),
  /** Signs checkpoints, and receipts that do nothing. */
  keySeed: chassis.keySeed,
  /** Public keys, base58, comma-separated: whose results may be settled. */
  executors: keys("MIRA_SETTLEMENT_EXECUTORS"),
  /** Public keys, base58, comma-separated: whose answers may finalize. */
  reexecutors: keys("MIRA_SETTLEMENT_REEXECUTORS"),
  challengeWindowMs: chassis.durationMs("MIRA_CHALLENGE_WINDOW", {
    default: 2_000,
    min: 0,
    max: 30 * 86_400_000,
  }),
  genesis: chassis.optional(genesisFile("MIRA_GENESIS_FILE")),
  frozenAccounts: keys("MIRA_FROZEN_ACCOUNTS"),
  velocityWindowMs: chassis.durationMs("MIRA_VELOCITY_WINDOW", { default: 60_000, min: 1, max: 86_400_000 }),
  /** Absent: no limit. */
  velocityMaxLamports: chassis.optional(
    chassis.text("MIRA_VELOCITY_MAX_LAMPORTS", { pattern: /^[1-9]\d{0,19}$/ }),
  ),
  maxUnfinalized: chassis.integer("MIRA_SETTLEMENT_UNFINALIZED_MAX", { default: 512, min: 1, max: 65_536 }),
  /** Sealed batches held while they wait for results; more than the sequencer speculates. */
  pendingMax: chassis.integer("MIRA_SETTLEMENT_PENDING_MAX", { default: 1_024, min: 1, max: 65_536 }),
  attemptsMax: chassis.integer("MIRA_SETTLEMENT_ATTEMPTS_MAX", { default: 3, min: 1, max: 100 }),
  /** A batch without all its results for so long has its open work handed out again. */
  staleAfterMs: chassis.durationMs("MIRA_SETTLEMENT_STALE_AFTER", {
    default: 5_000,
    min: 100,
    max: 3_600_000,
  }),
  accountsCachedMax: chassis.integer("MIRA_SETTLEMENT_CACHED_ACCOUNTS_MAX", {
    default: 200_000,
    min: 16_384,
    max: 20_000_000,
  }),
  flushEveryMs: chassis.durationMs("MIRA_SETTLEMENT_FLUSH_EVERY", { default: 3_000, min: 10, max: 600_000 }),
  flushAccounts: chassis.integer("MIRA_SETTLEMENT_FLUSH_ACCOUNTS", {
    default: 50_000,
    min: 1,
    max: 10_000_000,
  }),
  waitersMax: chassis.integer("MIRA_SETTLEMENT_WAITERS_MAX", { default: 65_536, min: 1, max: 1_000_000 }),
  leaseTtlMs: chassis.durationMs("MIRA_SETTLEMENT_LEASE", { default: 3_000, min: 200, max: 60_000 }),
} as const;

export type SettlementConfig = chassis.ConfigOf<typeof SPEC>;

export function readConfig(env: chassis.Environment): chassis.LoadedConfig<SettlementConfig> {
  return chassis.loadConfig(SPEC, env, [
    {
      says: "nobody both executes and re-executes: MIRA_SETTLEMENT_EXECUTORS and MIRA_SETTLEMENT_REEXECUTORS share no key",
      holds: ({ executors, reexecutors }) => {
        const executing = new Set(executors.map(encodeBase58));
        return !reexecutors.some((key) => executing.has(encodeBase58(key)));
      },
    },
    {
      says: "MIRA_SHUTDOWN_GRACE outlasts a flush of the projection",
      holds: ({ shutdownGraceMs }) => shutdownGraceMs >= 1_000,
    },
  ]);
}

export function toVelocityLimit(config: SettlementConfig): VelocityLimit | undefined {
  if (config.velocityMaxLamports === undefined) return undefined;
  return { windowMs: config.velocityWindowMs as DurationMs, maxLamports: BigInt(config.velocityMaxLamports) };
}

function keys(name: string): chassis.Entry<readonly Uint8Array[]> {
  const texts = chassis.list(name, { max: KEYS_MAX });
  return {
    name,
    fallback: { value: [] },
    parse: (raw) =>
      texts.parse(raw).map((text) => {
        const key = decodeKey(text);
        if (key === undefined) throw new chassis.ConfigProblem(`needed public keys in base58, got "${text}"`);
        return key;
      }),
  };
}

function genesisFile(name: string): chassis.Entry<GenesisSource> {
  return {
    name,
    parse: (path) => {
      const parsed = readFile(path);
      if (!parsed.ok)
        throw new chassis.ConfigProblem(`${parsed.message}: needed ${parsed.details["needed"] ?? ""}`);
      return parsed.value;
    },
  };
}

function readFile(path: string): ReturnType<typeof readGenesisFile> {
  try {
    return readGenesisFile(path);
  } catch (error) {
    throw new chassis.ConfigProblem(`needed a file with JSON, got ${path}`, { cause: error });
  }
}
