/** Composition root of the verifier: configuration -> store, directory, workers, api. */
import { settlement, staking, verifier } from "@mira/api";
import { createGrpcClient, openEventSourcing, runService } from "@mira/chassis";
import { extractClaims } from "@mira/claims";
import { STREAM } from "@mira/messaging";
import type { VerifierApiDependencies } from "./api/dependencies.ts";
import { createVerifierApi } from "./api/verifier-api.ts";
import { createAuditLog, createValidatorDirectory } from "./clients/directory.ts";
import { readConfig } from "./config.ts";
import { createVerificationRepository } from "./store/verification-repository.ts";
import { openVerificationTable } from "./store/verification-table.ts";
import { createMetrics } from "./telemetry.ts";
import { advance, sweepDeadlines, type AdvanceDependencies } from "./workers/advance.ts";
import { createBell } from "./workers/bell.ts";

const NAME = "verifier";

await runService({
  name: NAME,
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, clock, meter, signal, logger, onStop, serveGrpc } = context;
    const metrics = createMetrics(meter);
    const { networkId, committeeSize, commitMs, revealMs } = config;
    const { pool, store } = await openEventSourcing(context, {
      name: NAME,
      topology: { streams: [STREAM.events], consumers: [] },
    });
    const list = openVerificationTable(pool);
    await list.migrate();
    const truth = createGrpcClient(settlement.SettlementServiceClient, config.settlementTarget, {
      idempotent: ["getCheckpoint", "getEntryProof"],
    });
    onStop("settlement client", () => truth.close());
    const stakes = createGrpcClient(staking.StakingServiceClient, config.stakingTarget, {
      idempotent: ["listValidators"],
    });
    onStop("staking client", () => stakes.close());
    const streams = createVerificationRepository(store, list, (outcome, [first]) =>
      metrics.decided(first?.type ?? "none", outcome),
    );
    const bell = createBell();
    const advancing: AdvanceDependencies = {
      networkId,
      streams,
      list,
      clock,
      announce: bell.ring,
      onCertified: metrics.certified,
    };
    const sweeping = sweepDeadlines(advancing, {
      signal,
      onFailure: (error) => logger.warn({ error }, "deadlines are looked at again"),
    });
    onStop("deadlines", () => sweeping);
    const dependencies: VerifierApiDependencies = {
      networkId,
      committeeSize,
      commitMs,
      revealMs,
      streams,
      list,
      clock,
      decompose: extractClaims,
      validators: createValidatorDirectory(stakes),
      auditLog: createAuditLog(truth),
      advance: (verificationId) => advance(verificationId, advancing),
      bell,
    };
    await serveGrpc({
      services: [
        { definition: verifier.VerifierServiceService, implementation: createVerifierApi(dependencies) },
      ],
    });
  },
});
