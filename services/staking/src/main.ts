/** Composition root of staking: configuration -> store, base ledger, duties, api. */
import { settlement, staking } from "@mira/api";
import { createGrpcClient, openEventSourcing, runService, type ServiceContext } from "@mira/chassis";
import type { EventStore } from "@mira/event-store";
import { consumeIdempotent, STREAM, type Messaging } from "@mira/messaging";
import { parseBaseUnits } from "@mira/primitives";
import { createStakingApi } from "./api/staking-api.ts";
import { createBaseLedger } from "./clients/base-ledger.ts";
import { readConfig, type StakingConfig } from "./config.ts";
import type { ProbeRoots, ValidatorStreams } from "./ports.ts";
import { reactToAttestationsScored } from "./reactors/attestations-scored.ts";
import { reactToProbeOpened, reactToProbesCommitted, reactToProbesScored } from "./reactors/probes-told.ts";
import { reactToFaultsFound } from "./reactors/faults-found.ts";
import { createDutyList, createValidatorLists, openDatabase } from "./store/lists.ts";
import { addToStanding, createProbeRoots, createStandingList } from "./store/standings.ts";
import { migrateTables } from "./store/tables.ts";
import { createValidatorRepository } from "./store/validator-repository.ts";
import { createMetrics } from "./telemetry.ts";
import { carryOutDue, runDuties, type DutyDependencies } from "./workers/duties.ts";

const NAME = "staking";
const FAULTS = {
  stream: STREAM.events.name,
  durable: "staking-faults-found",
  filterSubject: "mira.verifier.faults.found.v1",
} as const;
const SCORES = {
  stream: STREAM.events.name,
  durable: "staking-attestations-scored",
  filterSubject: "mira.verifier.attestations.scored.v1",
} as const;
/** In one order: a root is told before what is opened under it. */
const PROBES = {
  stream: STREAM.events.name,
  durable: "staking-probes",
  filterSubject: "mira.verifier.probes.>",
} as const;
const DELIVERY = { ackWaitMs: 10_000, maxDeliver: 10, maxAckPending: 64 };
const MESSAGES_AT_ONCE = 16;

await runService({
  name: NAME,
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, clock, meter, signal, logger, onStop, serveGrpc } = context;
    const metrics = createMetrics(meter);
    const { pool, store, messaging } = await openEventSourcing(context, {
      name: NAME,
      topology: {
        streams: [STREAM.events],
        consumers: [FAULTS, SCORES, PROBES].map((consumer) => ({ ...consumer, ...DELIVERY })),
      },
    });
    await migrateTables(pool);
    const database = openDatabase(pool);
    const client = createGrpcClient(settlement.SettlementServiceClient, config.settlementTarget, {
      idempotent: ["createTransfer", "postTransfer", "voidTransfer"],
    });
    onStop("settlement client", () => client.close());
    const streams = createValidatorRepository(store, database, (outcome, [first]) =>
      metrics.decided(first?.type ?? "none", outcome),
    );
    const ledger = createBaseLedger(client);
    const onRefused = (dutyId: string, reason: string): void => {
      metrics.dutyRefused();
      logger.error({ dutyId, reason }, "a duty on the base ledger was refused");
    };
    const duties: DutyDependencies = { duties: createDutyList(database), ledger, streams, clock, onRefused };
    const working = runDuties(duties, {
      signal,
      onFailure: (error) => logger.warn({ error }, "duties are tried again"),
    });
    onStop("duties", () => working);
    const implementation = createStakingApi({
      networkId: config.networkId,
      bondMinimum: parseBaseUnits(config.bondMinimum),
      unbondingMs: config.unbondingMs,
      slashBps: BigInt(config.equivocationSlashBps),
      streams,
      ledger,
      clock,
      lists: createValidatorLists(database),
      standings: createStandingList(database),
      carryOutDue: () => carryOutDue(duties),
    });
    startReactors(context, { messaging, store, streams, roots: createProbeRoots(database) });
    await serveGrpc({ services: [{ definition: staking.StakingServiceService, implementation }] });
  },
});

type Hearing = {
  readonly messaging: Messaging;
  readonly store: EventStore;
  readonly streams: ValidatorStreams;
  readonly roots: ProbeRoots;
};

/** Hears what the verifier tells of validators' work. */
function startReactors(
  { config, signal, logger, onStop, fail }: ServiceContext<StakingConfig>,
  { messaging, store, streams, roots }: Hearing,
): void {
  const onRefused = (validatorId: string, code: string): void =>
    logger.warn({ validatorId, code }, "a fault that was found could not be recorded");
  const faults = {
    streams,
    budgetBps: BigInt(config.carelessBudgetBps),
    onRefused,
  };
  const probes = {
    networkId: config.networkId,
    streams,
    roots,
    slashBps: BigInt(config.equivocationSlashBps),
    onRefused: (subject: string, code: string): void =>
      logger.error({ subject, code }, "an opened probe or an answer to it does not hold"),
  };
  const consumption = { batch: MESSAGES_AT_ONCE, signal };
  const hearing = [
    messaging.consume({ ...FAULTS, ...consumption }, async (messages) => {
      for (const message of messages) {
        await reactToFaultsFound(message.payload, faults);
        message.ack();
      }
    }),
    consumeIdempotent({
      messaging,
      store,
      ...SCORES,
      ...consumption,
      handle: ({ payload }, client) =>
        reactToAttestationsScored(payload, (change) => addToStanding(client, change)),
    }),
    consumeIdempotent({
      messaging,
      store,
      ...PROBES,
      ...consumption,
      handle: async ({ subject, payload }, client) => {
        if (subject === "mira.verifier.probes.committed.v1") await reactToProbesCommitted(payload, roots);
        if (subject === "mira.verifier.probes.opened.v1") await reactToProbeOpened(payload, probes);
        if (subject === "mira.verifier.probes.scored.v1")
          await reactToProbesScored(payload, (change) => addToStanding(client, change));
      },
    }),
  ];
  for (const one of hearing) one.catch(fail);
  onStop("reactors", async () => {
    await Promise.all(hearing);
  });
}
