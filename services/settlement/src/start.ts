/** Wires settlement: waits for the lease, rebuilds memory, starts reactors and workers, then serves. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { SettlementServiceService } from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import { certificateLogOrigin } from "@mira/certificate";
import { createPool } from "@mira/chassis";
import { acquireLease, openEventStore, type Lease } from "@mira/event-store";
import { connectMessaging, STREAM, type Messaging } from "@mira/messaging";
import { createKeyPair } from "@mira/primitives";

import { createService } from "./api/service.ts";
import { toVelocityLimit, type SettlementConfig } from "./config.ts";
import { connectSequencer } from "./connections.ts";
import { AccountTable } from "./domain/account-table.ts";
import { AccountReader } from "./memory/account-reader.ts";
import { Executors } from "./memory/executors.ts";
import { createLedger, type Ledger } from "./memory/ledger.ts";
import { PendingBatches } from "./memory/pending-batches.ts";
import { Progress } from "./memory/progress.ts";
import { RecentBatches } from "./memory/recent-batches.ts";
import { SealedBatches } from "./memory/sealed-batches.ts";
import { readAccounts } from "./store/accounts.ts";
import { AuditStore } from "./store/audit.ts";
import { BaseTransfers } from "./store/base-transfers.ts";
import { ensureGenesis } from "./store/genesis.ts";
import { createJournal } from "./store/journal.ts";
import { restoreLedger } from "./store/restore.ts";
import { migrateTables, SCHEMA, type Pool } from "./store/schema.ts";
import { createMetrics, observeGauges } from "./telemetry.ts";
import { Checkpoints } from "./checkpoints.ts";
import { AUDIT_CONSUMER, VERDICTS_CONSUMER, type Context, type Leader } from "./leader.ts";
import { serveLogs } from "./serve-logs.ts";
import { createServiceParts } from "./service-parts.ts";
import { startWorkers } from "./start-workers.ts";
import { renewLease, waitForLease } from "./workers/hold-lease.ts";

const POOL_MAX = 8;
const RECENT_EXTRA = 32;
const SEALED_KEPT = 64;
const AHEAD_BYTES_MAX = 64 * 1024 * 1024;
export async function startSettlement(context: Context): Promise<void> {
  const { config, logger, signal, health, onStop, serveGrpc } = context;
  const pool = createPool(config.databaseUrl, { max: POOL_MAX, name: "settlement", logger });
  onStop("postgres", () => pool.end());
  const store = openEventStore({ pool, schema: SCHEMA });
  await store.migrate();
  await migrateTables(pool);
  health.setReady("leader", false, "no lease yet");
  const lease = await holdLease(context, pool);
  if (lease === undefined) return;
  const messaging = await openMessaging(context);
  const leader = await becomeLeader(context, { pool, store, lease, messaging });
  startWorkers(leader);
  health.setReady("leader", true, `epoch ${lease.epoch}`);
  signal.addEventListener("abort", () => health.setReady("leader", false, "draining"), { once: true });
  await serveLogs(leader);
  await serveGrpc({
    services: [
      { definition: SettlementServiceService, implementation: createService(createServiceParts(leader)) },
    ],
  });
}

/** Renewing goes on until everything else has stopped; whoever loses the lease ends at once. */
async function holdLease({ config, signal, onStop, fail }: Context, pool: Pool): Promise<Lease | undefined> {
  const { leaseTtlMs } = config;
  const acquire = (): Promise<Lease | undefined> =>
    acquireLease({ pool, schema: SCHEMA, name: "settlement", holder: hostname(), ttlMs: leaseTtlMs });
  const lease = await waitForLease(acquire, Math.ceil(leaseTtlMs / 4), signal);
  if (lease === undefined) return undefined;
  const ending = new AbortController();
  const renewing = renewLease(lease, Math.floor(leaseTtlMs / 3), ending.signal).catch(fail);
  onStop("lease", async () => {
    ending.abort();
    await renewing;
    await lease.release();
  });
  return lease;
}

async function openMessaging({ config, logger, signal, onStop }: Context): Promise<Messaging> {
  const messaging = await connectMessaging({ url: config.natsUrl, name: "settlement", signal, logger });
  onStop("nats", () => messaging.close());
  const consumer = { ackWaitMs: 10_000, maxDeliver: 10 } as const;
  await messaging.declare({
    streams: [STREAM.batches, STREAM.partitions, STREAM.results, STREAM.events, STREAM.verdicts],
    consumers: [
      { ...consumer, stream: STREAM.events.name, durable: AUDIT_CONSUMER, maxAckPending: 512 },
      { ...consumer, stream: STREAM.verdicts.name, durable: VERDICTS_CONSUMER, maxAckPending: 256 },
    ],
  });
  return messaging;
}

async function becomeLeader(
  context: Context,
  parts: Pick<Leader, "pool" | "store" | "lease" | "messaging">,
): Promise<Leader> {
  const { config, meter, clock } = context;
  const { pool, store, lease } = parts;
  const { networkId } = config;
  const signer = createKeyPair(config.keySeed);
  const audit = new AuditStore(pool);
  const checkpoints = new Checkpoints({ audit, origin: networkId, signer, waitersMax: config.waitersMax });
  await checkpoints.start();
  const certificates = new AuditStore(pool, "certificate");
  const certificateHeads = new Checkpoints({
    audit: certificates,
    origin: certificateLogOrigin(networkId),
    signer,
    waitersMax: config.waitersMax,
  });
  await certificateHeads.start();
  await ensureGenesis({ pool, store, audit, fence: lease.fence, networkId }, config.genesis, clock.now());
  const ledger = createEmptyLedger(config, signer.publicKey);
  const restored = await restoreLedger({ pool, store }, ledger, toVelocityLimit(config));
  await checkpoints.sign();
  const source = connectSequencer(config.sequencerTarget);
  context.onStop("sequencer client", source.close);
  const metrics = createMetrics(meter);
  observeGauges(meter, {
    unfinalizedBatches: () => ledger.progress.counts.settledBatches - ledger.progress.counts.finalizedBatches,
    pendingBatches: () => ledger.pending.size,
    overlayAccounts: () => ledger.accounts.pinnedCount,
    waitingCalls: () => ledger.progress.waiting,
    auditEntries: () => checkpoints.newest()?.size ?? 0,
    isHalted: () => (ledger.halt === undefined ? 0 : 1),
  });
  return {
    ...parts,
    context,
    ledger,
    restored,
    audit,
    checkpoints,
    certificates,
    certificateHeads,
    source,
    metrics,
    journal: createJournal({ store, audit, fence: lease.fence, networkId }),
    reader: new AccountReader(ledger, { read: (keys) => readAccounts(pool, keys) }),
    sealed: new SealedBatches(source, SEALED_KEPT),
    transfers: new BaseTransfers({ pool, store, fence: lease.fence, clock }),
  };
}

function createEmptyLedger(config: SettlementConfig, settlementKey: Uint8Array): Ledger {
  const seed = randomBytes(4).readInt32LE();
  const executors = new Executors({ execute: config.executors, reexecute: config.reexecutors });
  return createLedger({
    accounts: new AccountTable({ cachedMax: config.accountsCachedMax, seed }),
    pending: new PendingBatches({
      executors,
      settlementKey,
      limits: { batchesMax: config.pendingMax, aheadBytesMax: AHEAD_BYTES_MAX },
      seed,
    }),
    recent: new RecentBatches({ extra: RECENT_EXTRA }),
    progress: new Progress({ waitersMax: config.waitersMax }),
    executors,
  });
}
