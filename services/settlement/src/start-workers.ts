/** Starts the reactors and workers of a leader; each ends with the signal, and a failure of one ends the service. */
import { startRelay, STREAM, type Followed, type Messaging } from "@mira/messaging";
import { createKeyPair, encodeBase58, type DurationMs } from "@mira/primitives";
import { toVelocityLimit, type SettlementConfig } from "./config.ts";
import { hearVerdict } from "./reactors/batch-reexecuted.ts";
import { hearSealedBatch, refuseIfRefused } from "./reactors/batch-sealed.ts";
import { recordEvents } from "./reactors/domain-events.ts";
import { advanceExecuted, hearResult } from "./reactors/partition-executed.ts";
import { AUDIT_CONSUMER, VERDICTS_CONSUMER, type Leader } from "./leader.ts";
import { upsertAccounts, readAccounts } from "./store/accounts.ts";
import { commitVerdict, recordHeard } from "./store/heard.ts";
import { ACCOUNTS_CURSOR } from "./store/restore.ts";
import { traceHeard } from "./telemetry.ts";
import { Bell } from "./workers/bell.ts";
import { runExpiry } from "./workers/expire-transfers.ts";
import { runFinalizer } from "./workers/finalize.ts";
import { runNoOpReceipts } from "./workers/no-op-receipts.ts";
import { runProjection } from "./workers/project.ts";
import { Refuser } from "./workers/refuse.ts";
import { runRepair } from "./workers/repair.ts";
import { Settler } from "./workers/settle.ts";

const EVENTS_AT_ONCE = 256;
const VERDICTS_AT_ONCE = 64;

export function startWorkers(leader: Leader): void {
  const { context } = leader;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  context.signal.addEventListener("abort", stop, { once: true });
  const running = [...startSettling(leader, stopping.signal), ...startHearing(leader, stopping.signal)];
  for (const work of running) work.catch(context.fail);
  context.onStop("workers", async () => {
    stop();
    await Promise.allSettled(running);
  });
}

function startSettling(leader: Leader, signal: AbortSignal): Array<Promise<void>> {
  const { context, ledger, journal, metrics, pool, store, messaging, checkpoints, source, reader, sealed } =
    leader;
  const { config, clock, logger } = context;
  const bells = { settle: new Bell(), finality: new Bell(), noOps: new Bell() };
  const refuser = new Refuser({
    ledger,
    journal,
    clock,
    logger,
    metrics,
    attemptsMax: config.attemptsMax,
    epoch: leader.lease.epoch,
    onCondemned: bells.noOps.ring,
  });
  const onHeard = (): void => {
    advanceExecuted(ledger);
    bells.settle.ring();
    bells.noOps.ring();
  };
  const onSettled = (): void => {
    bells.finality.ring();
    bells.noOps.ring();
    checkpoints.bell.ring();
  };
  const settler = new Settler(
    {
      ledger,
      journal,
      accounts: { read: (keys) => readAccounts(pool, keys) },
      refuser,
      sealed,
      clock,
      logger,
      metrics,
      bell: bells.settle,
      onSettled,
      options: {
        maxUnfinalized: config.maxUnfinalized,
        velocityLimit: toVelocityLimit(config),
        isFrozen: createFrozenCheck(config),
      },
    },
    leader.restored.parentHash,
  );
  const onFinalized = (): void => {
    checkpoints.bell.ring();
    bells.settle.ring();
  };
  const onSealed = async (bytes: Uint8Array): Promise<void> => {
    for (const hearing of ledger.pending.hearSealed(bytes, 0, clock.now()))
      await refuseIfRefused(refuser, hearing);
    onHeard();
  };
  const hearing = { ledger, refuser, clock, metrics, onHeard };
  return [
    settler.run(signal),
    runFinalizer(
      {
        ledger,
        journal,
        clock,
        metrics,
        challengeWindowMs: config.challengeWindowMs as DurationMs,
        bell: bells.finality,
        onFinalized,
      },
      signal,
    ),
    runNoOpReceipts(
      {
        ledger,
        journal,
        accounts: reader,
        signer: createKeyPair(config.keySeed),
        clock,
        epoch: leader.lease.epoch,
        bell: bells.noOps,
      },
      signal,
    ),
    runRepair(
      { ledger, refuser, source, clock, logger, staleAfterMs: config.staleAfterMs as DurationMs, onSealed },
      signal,
    ),
    runProjection(
      {
        ledger,
        logger,
        options: { flushEveryMs: config.flushEveryMs, flushAccounts: config.flushAccounts },
        write: async (rows, batches) => {
          await store.withCursor(ACCOUNTS_CURSOR, async (client) => {
            await upsertAccounts(client, rows);
            return BigInt(batches);
          });
        },
      },
      signal,
    ),
    checkpoints.run(signal),
    runExpiry(() => leader.transfers.expireDue(), signal),
    followFrom(messaging, STREAM.batches.name, leader.restored.followed.batches, signal, (message) =>
      hearSealedBatch(hearing, message, signal),
    ),
    followFrom(messaging, STREAM.results.name, leader.restored.followed.results, signal, (message) =>
      traceHeard(leader.context.tracer, message, () => hearResult(hearing, message)),
    ),
    hearAnswers(leader, bells.finality.ring, signal),
  ];
}

function startHearing(leader: Leader, signal: AbortSignal): Array<Promise<void>> {
  const { context, messaging, store, pool, audit, certificates, checkpoints, certificateHeads } = leader;
  const { networkId } = context.config;
  const record = async (entries: Parameters<typeof recordHeard>[1]): Promise<void> => {
    await recordHeard({ pool, store, audit, certificates, networkId }, entries);
    checkpoints.bell.ring();
    certificateHeads.bell.ring();
  };
  const relay = startRelay({
    store,
    messaging,
    name: "settlement",
    signal,
    logger: context.logger,
    // Lost work and lost results are made again by those who wait for them, not from history.
    rebuildFrom: (stream) => (stream === STREAM.events.name ? Promise.resolve(0n) : store.getPublished()),
  });
  return [
    relay.stopped,
    certificateHeads.run(signal),
    messaging.consume(
      { stream: STREAM.events.name, durable: AUDIT_CONSUMER, batch: EVENTS_AT_ONCE, signal },
      (messages) => recordEvents({ networkId, record }, messages),
    ),
  ];
}

function hearAnswers(leader: Leader, onAnswer: () => void, signal: AbortSignal): Promise<void> {
  const { context, ledger, messaging, metrics, pool, store, audit } = leader;
  const { networkId } = context.config;
  const commit: Parameters<typeof hearVerdict>[0]["commit"] = (verdict, held) =>
    commitVerdict({ pool, store, audit, networkId }, verdict, held);
  const parts = { ledger, networkId, logger: context.logger, metrics, commit, onAnswer };
  return messaging.consume(
    { stream: STREAM.verdicts.name, durable: VERDICTS_CONSUMER, batch: VERDICTS_AT_ONCE, signal },
    async (messages) => {
      for (const { payload } of messages) await hearVerdict(parts, payload);
    },
  );
}

/** From where the last commit left off; from the beginning when the stream was lost since and is shorter than that. */
async function followFrom(
  messaging: Messaging,
  stream: string,
  position: number,
  signal: AbortSignal,
  handler: (message: Followed) => Promise<void>,
): Promise<void> {
  const state = await messaging.readStreamState(stream);
  const isLost = state === undefined || position > state.lastSequence + 1;
  await messaging.follow(
    { stream, from: isLost ? "all" : { sequence: Math.max(1, position) }, signal },
    handler,
  );
}

function createFrozenCheck({ frozenAccounts }: SettlementConfig): (key: Uint8Array) => boolean {
  if (frozenAccounts.length === 0) return () => false;
  const frozen = new Set(frozenAccounts.map(encodeBase58));
  return (key) => frozen.has(encodeBase58(key));
}
