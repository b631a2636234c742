/** Environment -> configuration of the sequencer. */
import * as chassis from "@mira/chassis";
import type { TermSettings } from "./workers/term.ts";

const SPEC = {
  ...chassis.SERVICE_SPEC,
  databaseUrl: chassis.databaseUrl,
  natsUrl: chassis.natsUrl,
  settlementTarget: chassis.targetOf("SETTLEMENT"),
  sessionsTarget: chassis.targetOf("SESSIONS"),
  /** The network's blockhash key: whoever has it can predict blockhashes. */
  blockhashKey: chassis.keySeed,
  genesisAt: chassis.integer("MIRA_GENESIS_MS", {
    default: Date.UTC(2026, 0, 1),
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  slotMs: chassis.durationMs("MIRA_SLOT", { default: 400, min: 10, max: 60_000 }),
  verifierThreads: chassis.integer("MIRA_SEQUENCER_VERIFIERS", { default: 2, min: 1, max: 64 }),
  verifierQueueMax: chassis.integer("MIRA_SEQUENCER_VERIFIER_QUEUE", {
    default: 16_384,
    min: 1,
    max: 1_000_000,
  }),
  lanes: chassis.integer("MIRA_SEQUENCER_LANES", { default: 4, min: 1, max: 256 }),
  batchTransactionsMax: chassis.integer("MIRA_SEQUENCER_BATCH_MAX", { default: 1_024, min: 1, max: 4_096 }),
  batchBytesMax: chassis.integer("MIRA_SEQUENCER_BATCH_BYTES", {
    default: 768 * 1_024,
    min: 1_232,
    max: 4 * 1_048_576,
  }),
  lingerMs: chassis.durationMs("MIRA_SEQUENCER_LINGER", { default: 30, max: 1_000 }),
  queuedMax: chassis.integer("MIRA_SEQUENCER_QUEUE", { default: 8_192, min: 1, max: 1_000_000 }),
  speculationMax: chassis.integer("MIRA_SEQUENCER_SPECULATION", { default: 64, min: 1, max: 4_096 }),
  accountBudgetMs: chassis.durationMs("MIRA_SEQUENCER_ACCOUNT_BUDGET", {
    default: 2_000,
    min: 1,
    max: 60_000,
  }),
  leaseTtlMs: chassis.durationMs("MIRA_SEQUENCER_LEASE", { default: 5_000, min: 200, max: 60_000 }),
  stallMs: chassis.durationMs("MIRA_SEQUENCER_STALL", { default: 10_000, min: 200, max: 600_000 }),
  balanceTrustMs: chassis.durationMs("MIRA_SEQUENCER_BALANCE_TRUST", {
    default: 15_000,
    min: 0,
    max: 60_000,
  }),
} as const;

export type SequencerConfig = chassis.ConfigOf<typeof SPEC>;

export function loadSequencerConfig(env: chassis.Environment): chassis.LoadedConfig<SequencerConfig> {
  return chassis.loadConfig(SPEC, env, [
    {
      says: "MIRA_SEQUENCER_QUEUE holds at least one batch",
      holds: (config) => config.queuedMax >= config.batchTransactionsMax,
    },
    {
      says: "MIRA_SHUTDOWN_GRACE outlasts MIRA_SEQUENCER_LINGER",
      holds: (config) => config.shutdownGraceMs > config.lingerMs,
    },
  ]);
}

/** Every account a pending transaction can name: queue and window full of transactions with eight locks of their own. */
const LOCKS_PER_TRANSACTION = 8;
const RETRY_AFTER_MS = 100;
/** Measured on one machine: a message there and back, inputs from a cache, a signed result. */
const PARTITION_US = 100;
const HOP_US = 100;

export function toTermSettings(config: SequencerConfig): TermSettings {
  const pendingMax = config.queuedMax + config.speculationMax * config.batchTransactionsMax;
  return {
    slotClock: { genesisAt: config.genesisAt, slotMs: config.slotMs },
    order: {
      batchTransactionsMax: config.batchTransactionsMax,
      batchBytesMax: config.batchBytesMax,
      queuedMax: config.queuedMax,
      speculationMax: config.speculationMax,
      accountsMax: pendingMax * LOCKS_PER_TRANSACTION,
      accountBudgetUs: config.accountBudgetMs * 1_000,
      retryAfterMs: RETRY_AFTER_MS,
    },
    sealing: {
      transactionsMax: config.batchTransactionsMax,
      bytesMax: config.batchBytesMax,
      lingerMs: config.lingerMs,
    },
    partitioner: {
      lanes: config.lanes,
      limits: { transactionsMax: 1_024, bytesMax: 512 * 1_024 },
      costs: { partitionUs: PARTITION_US, hopUs: HOP_US },
    },
    funds: { trustMs: config.balanceTrustMs, brokeMs: 400, payersMax: 262_144 },
    accountReadsMax: 16_384,
    stallMs: config.stallMs,
  };
}
