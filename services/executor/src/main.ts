/** Composition root of the executor: configuration -> role -> serve -> drain. */
import { executor } from "@mira/api";
import { runService, type ServiceContext } from "@mira/chassis";
import { connectMessaging, type Messaging } from "@mira/messaging";
import { createKeyPair } from "@mira/primitives";
import { createSvmRuntime } from "@mira/runtime";
import { createExecutorApi } from "./api/executor-api.ts";
import { readConfig, type ExecutorConfig } from "./config.ts";
import { EXECUTE_TOPOLOGY, startExecuteRole, type RunningRole, type SettlementLink } from "./execute-role.ts";
import { startReexecuteRole, REEXECUTE_TOPOLOGY } from "./reexecute-role.ts";
import { connectSequencer, createSealedBatches } from "./sequencer-client.ts";
import {
  connectSettlement,
  createSettledAccounts,
  createSettledLedger,
  followProgress,
  readSetAside,
  type SettlementClient,
} from "./settlement-client.ts";
import { createTelemetry, observeGauges } from "./telemetry.ts";
import { createTrial } from "./workers/trial.ts";
import { startWatchdog } from "./workers/watchdog.ts";

await runService({
  name: "executor",
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, onStop, serveGrpc, meter } = context;
    const identity = createKeyPair(config.keySeed);
    const settlement = connectSettlement(config.settlementTarget);
    onStop("settlement client", () => settlement.close());
    const watchdog = startWatchdog(config.stallMs);
    onStop("watchdog", () => watchdog.stop());
    const { role, runtimeId } = await startRole(context, { identity, settlement });
    onStop("role", () => role.drain());
    observeGauges(meter, {
      waitingPartitions: () => role.figures().partitionsWaiting,
      cachedAccounts: () => role.figures().accountsCached,
    });
    const implementation = createExecutorApi({
      publicKey: identity.publicKey,
      role: config.role,
      runtimeId,
      figures: role.figures,
    });
    await serveGrpc({ services: [{ definition: executor.ExecutorServiceService, implementation }] });
  },
});

type Connected = {
  readonly identity: ReturnType<typeof createKeyPair>;
  readonly settlement: SettlementClient;
};

async function startRole(
  context: ServiceContext<ExecutorConfig>,
  { identity, settlement }: Connected,
): Promise<{ role: RunningRole; runtimeId: Uint8Array }> {
  const { config, tracer, meter } = context;
  const telemetry = createTelemetry(tracer, meter);
  const messaging = await connect(context);
  const link = createSettlementLink(context, settlement);
  const runtime = createSvmRuntime();
  const { runtimeId } = runtime;
  if (config.role === "execute") {
    const trial = createTrial();
    const parts = {
      ...context,
      messaging,
      settlement: link,
      runtime,
      trial,
      identity,
      limits: config,
      telemetry,
    };
    return { role: await startExecuteRole(parts), runtimeId };
  }
  const sequencer = connectSequencer(config.sequencerTarget);
  context.onStop("sequencer client", () => sequencer.close());
  const role = startReexecuteRole({
    ...context,
    networkId: config.networkId,
    messaging,
    settlement: link,
    ledger: createSettledLedger(settlement),
    sealed: createSealedBatches(sequencer),
    identity,
    telemetry,
  });
  return { role, runtimeId };
}

async function connect(context: ServiceContext<ExecutorConfig>): Promise<Messaging> {
  const { config, logger, signal, health, onStop } = context;
  const messaging = await connectMessaging({ url: config.natsUrl, name: "executor", signal, logger });
  onStop("nats", () => messaging.close());
  await messaging.declare(config.role === "execute" ? EXECUTE_TOPOLOGY : REEXECUTE_TOPOLOGY);
  health.setReady("messaging", true);
  return messaging;
}

function createSettlementLink(
  { logger }: ServiceContext<ExecutorConfig>,
  client: SettlementClient,
): SettlementLink {
  return {
    accounts: createSettledAccounts(client),
    followProgress: (onProgress, signal) => followProgress(client, { signal, logger, onProgress }),
    readSetAside: (signal) => readSetAside(client, signal),
  };
}
