/** Composition root of staking: configuration -> store, base ledger, duties, api. */
import { settlement, staking } from "@mira/api";
import { createGrpcClient, openEventSourcing, runService } from "@mira/chassis";
import { STREAM } from "@mira/messaging";
import { parseBaseUnits } from "@mira/primitives";
import { createStakingApi } from "./api/staking-api.ts";
import { createBaseLedger } from "./clients/base-ledger.ts";
import { readConfig } from "./config.ts";
import { createDutyList, createValidatorLists, openDatabase } from "./store/lists.ts";
import { migrateTables } from "./store/tables.ts";
import { createValidatorRepository } from "./store/validator-repository.ts";
import { createMetrics } from "./telemetry.ts";
import { carryOutDue, runDuties, type DutyDependencies } from "./workers/duties.ts";

const NAME = "staking";

await runService({
  name: NAME,
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, clock, meter, signal, logger, onStop, serveGrpc } = context;
    const metrics = createMetrics(meter);
    const { pool, store } = await openEventSourcing(context, {
      name: NAME,
      topology: { streams: [STREAM.events], consumers: [] },
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
      carryOutDue: () => carryOutDue(duties),
    });
    await serveGrpc({ services: [{ definition: staking.StakingServiceService, implementation }] });
  },
});
