/** Composition root of the sequencer: configuration -> dependencies -> start -> drain. */
import { createHmac } from "node:crypto";
import { hostname } from "node:os";
import { sequencer } from "@mira/api";
import { createPool, runService, unary, type ServiceContext } from "@mira/chassis";
import { acquireLease, openEventStore } from "@mira/event-store";
import { connectMessaging, STREAM, type Messaging } from "@mira/messaging";
import { createSvmRuntime, REFUSED_PROGRAMS } from "@mira/runtime";
import { createVerifierPool } from "@mira/runtime/signatures";
import * as handlers from "./api/handlers.ts";
import { loadSequencerConfig, toTermSettings, type SequencerConfig } from "./config.ts";
import { connectSessions, connectSettlement, createOutlet } from "./connections.ts";
import { BATCH_SETTLED, readSettledBatches } from "./reactors/batch-settled.ts";
import { observeResult } from "./reactors/partition-executed.ts";
import { readRevokedSession, SESSION_REVOKED } from "./reactors/session-revoked.ts";
import { createBatchStore } from "./store/batch-store.ts";
import { createMetrics, type SequencerMetrics } from "./telemetry.ts";
import { observeCosts } from "./workers/cost-observer.ts";
import { lead, type LeaseHandle } from "./workers/leadership.ts";
import { pollSettled } from "./workers/settled-poll.ts";
import { beginTerm, type Term } from "./workers/term.ts";

const SCHEMA = "sequencer";
const LEASE = "sequencer";
const VERSION = "0.1.0";
const POOL_MAX = 8;
const POLL_MS = 1_000;

type Context = ServiceContext<SequencerConfig>;

await runService({ name: "sequencer", version: VERSION, config: loadSequencerConfig(process.env), start });

async function start(context: Context): Promise<void> {
  const { config, health, logger, meter, onStop, serveGrpc } = context;
  const connected = await connectAll(context);
  const { pool, messaging, outlet, settlement, events } = connected;
  let term: Term | undefined;
  const getTerm = () => term;
  const metrics = createMetrics(meter, {
    queued: () => term?.window.queued ?? 0,
    speculation: () => term?.window.speculation ?? 0,
    isLeader: () => term !== undefined,
  });
  const stopping = new AbortController();
  health.setReady("leader", false, "no lease yet");
  const leading = lead({
    acquire: () =>
      acquireLease({ pool, schema: SCHEMA, name: LEASE, holder: hostname(), ttlMs: config.leaseTtlMs }),
    beginTerm: createTermFactory(context, connected, metrics),
    leaseTtlMs: config.leaseTtlMs,
    logger,
    signal: stopping.signal,
    changed: (next) => {
      term = next;
      health.setReady("leader", next !== undefined, next === undefined ? "no lease" : `epoch ${next.epoch}`);
    },
  });
  onStop("leadership", async () => {
    await term?.drain();
    stopping.abort();
    await leading;
  });
  followOthers(context, messaging, stopping.signal, getTerm);
  messaging.onReconnected(() => {
    outlet.declare().then(
      () => term?.publisher.republish(),
      (error: unknown) => logger.warn({ error }, "streams were not declared after a reconnection"),
    );
  });
  void pollSettled({ settlement, getTerm, everyMs: POLL_MS, logger, signal: stopping.signal });
  const { runtimeId } = connected.svm;
  const store = createBatchStore(events);
  const deps = { getTerm, store, metrics, runtimeId, speculationMax: config.speculationMax };
  await serveGrpc({
    services: [{ definition: sequencer.SequencerServiceService, implementation: bindHandlers(deps) }],
  });
}

type Connections = Awaited<ReturnType<typeof connectAll>>;

async function connectAll(context: Context) {
  const { config, logger, onStop } = context;
  const pool = createPool(config.databaseUrl, { max: POOL_MAX, name: "sequencer", logger });
  onStop("postgres", () => pool.end());
  const events = openEventStore({ pool, schema: SCHEMA });
  await events.migrate();
  const messaging = await openMessaging(context);
  const settlement = connectSettlement(config.settlementTarget);
  onStop("settlement client", settlement.close);
  const sessions = connectSessions(config.sessionsTarget);
  onStop("sessions client", sessions.close);
  const verifier = createVerifierPool({
    threads: config.verifierThreads,
    queueLimit: config.verifierQueueMax,
  });
  onStop("verifier", verifier.close);
  const outlet = createOutlet(messaging);
  return { pool, events, messaging, outlet, settlement, sessions, verifier, svm: createSvmRuntime() };
}

function createTermFactory(
  { config, clock, logger, tracer }: Context,
  { events, outlet, settlement, sessions, verifier, svm }: Connections,
  metrics: SequencerMetrics,
): (lease: LeaseHandle, signal: AbortSignal) => Promise<Term> {
  return (lease, signal) =>
    beginTerm({
      settings: toTermSettings(config),
      store: createBatchStore(events, { name: LEASE, epoch: lease.epoch }),
      outlet,
      settlement,
      sessions,
      verifier,
      runtimeId: svm.runtimeId,
      runtime: {
        refusedPrograms: REFUSED_PROGRAMS,
        isRuntimeAccount: (key) => svm.isRuntimeAccount(key),
      },
      deriveBlockhash: (slot) => deriveBlockhash(config.blockhashKey, slot),
      clock,
      logger,
      tracer,
      metrics,
      epoch: lease.epoch,
      signal,
    });
}

function bindHandlers(deps: handlers.HandlerDependencies) {
  return {
    submitTransaction: unary((request: sequencer.SubmitTransactionRequest) =>
      handlers.submitTransaction(deps, request),
    ),
    submitTransactions: unary((request: sequencer.SubmitTransactionsRequest) =>
      handlers.submitTransactions(deps, request),
    ),
    getLatestBlockhash: unary(() => handlers.getLatestBlockhash(deps)),
    getStatus: unary(() => handlers.getStatus(deps)),
    getSealedBatch: unary((request: sequencer.GetSealedBatchRequest) =>
      handlers.getSealedBatch(deps, request),
    ),
  };
}

async function openMessaging({ config, logger, signal, onStop }: Context): Promise<Messaging> {
  const messaging = await connectMessaging({ url: config.natsUrl, name: "sequencer", signal, logger });
  onStop("nats", () => messaging.close());
  await createOutlet(messaging).declare();
  return messaging;
}

function followOthers(
  { fail }: Context,
  messaging: Messaging,
  signal: AbortSignal,
  getTerm: () => Term | undefined,
): void {
  const stream = STREAM.events.name;
  messaging
    .follow({ stream, filterSubject: BATCH_SETTLED, from: "new", signal }, ({ payload }) =>
      getTerm()?.settle(readSettledBatches(payload)),
    )
    .catch(fail);
  messaging
    .follow({ stream, filterSubject: SESSION_REVOKED, from: "new", signal }, ({ payload }) =>
      getTerm()?.endSession(readRevokedSession(payload)),
    )
    .catch(fail);
  const followResults = (until: AbortSignal) =>
    messaging.follow({ stream: STREAM.results.name, from: "new", signal: until }, ({ payload }) =>
      observeResult(payload, getTerm()),
    );
  observeCosts({ getTerm, follow: followResults, signal }).catch(fail);
}

/** HMAC-SHA256 over a domain tag and the slot: unpredictable without the key, and nothing is stored per slot. */
function deriveBlockhash(key: Uint8Array, slot: number): string {
  const message = Buffer.alloc(25);
  message.write("mira:blockhash:v1", "latin1");
  message.writeBigUInt64BE(BigInt(slot), 17);
  return createHmac("sha256", key).update(message).digest().toString("latin1");
}
