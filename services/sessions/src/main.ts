/** Composition root of sessions: configuration -> store, streams, reactor, api. */
import { sessions } from "@mira/api";
import { openEventSourcing, runService, type ServiceContext } from "@mira/chassis";
import { STREAM, type Messaging } from "@mira/messaging";
import { createSessionsApi } from "./api/sessions-api.ts";
import { readConfig, type SessionsConfig } from "./config.ts";
import { reactToBatchSettled } from "./reactors/batch-settled.ts";
import { openAuthorities } from "./store/authorities.ts";
import { openRefusedUses } from "./store/refused-uses.ts";
import { openSessionTable } from "./store/session-table.ts";
import { openSessionTrees } from "./store/session-trees.ts";
import type { SessionTrees } from "./ports.ts";
import { createMetrics } from "./telemetry.ts";

const NAME = "sessions";
const SETTLED = {
  stream: STREAM.events.name,
  durable: "sessions-batch-settled",
  filterSubject: "mira.settlement.batch.settled.v1",
} as const;

await runService({
  name: NAME,
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, clock, meter, serveGrpc } = context;
    const consumer = { ...SETTLED, ackWaitMs: 10_000, maxDeliver: 10, maxAckPending: 64 };
    const { pool, store, messaging } = await openEventSourcing(context, {
      name: NAME,
      topology: { streams: [STREAM.events], consumers: [consumer] },
    });
    const metrics = createMetrics(meter);
    const table = openSessionTable(pool);
    const trees = openSessionTrees({
      pool,
      store,
      table,
      onDecided: (outcome, [first]) => metrics.decided(first?.type ?? "none", outcome),
    });
    const refusedUses = openRefusedUses(pool);
    for (const { migrate } of [table, trees, refusedUses]) await migrate();
    startReactor(context, messaging, trees);
    const implementation = createSessionsApi({
      networkId: config.networkId,
      lifetimeMsMax: config.lifetimeMsMax,
      trees,
      authorities: openAuthorities(store),
      refusedUses,
      list: table,
      clock,
    });
    await serveGrpc({ services: [{ definition: sessions.SessionsServiceService, implementation }] });
  },
});

function startReactor(
  { signal, logger, clock, onStop, fail }: ServiceContext<SessionsConfig>,
  messaging: Messaging,
  trees: SessionTrees,
): void {
  const onRefused = (sessionId: string, code: string): void =>
    logger.warn({ sessionId, code }, "a settled outcome has no reservation");
  const reacting = messaging.consume(
    { stream: SETTLED.stream, durable: SETTLED.durable, batch: 16, signal },
    async (messages) => {
      for (const message of messages) {
        await reactToBatchSettled(message.payload, { trees, clock, onRefused });
        message.ack();
      }
    },
  );
  reacting.catch(fail);
  onStop("batch-settled", () => reacting);
}
