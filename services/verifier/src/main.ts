/** Composition root of the verifier: configuration -> store, directory, workers, api. */
import { randomBytes } from "node:crypto";
import { settlement, staking, verifier } from "@mira/api";
import { createGrpcClient, openEventSourcing, runService } from "@mira/chassis";
import { extractClaims } from "@mira/claims";
import { STREAM } from "@mira/messaging";
import { createKeyPair } from "@mira/primitives";
import type { VerifierApiDependencies } from "./api/dependencies.ts";
import { createVerifierApi } from "./api/verifier-api.ts";
import { createAuditLog, createValidatorDirectory } from "./clients/directory.ts";
import { readConfig } from "./config.ts";
import { createStandardPolicies, readPolicies } from "./policies.ts";
import { createVerificationRepository } from "./store/verification-repository.ts";
import { openVerificationTable } from "./store/verification-table.ts";
import { createMetrics } from "./telemetry.ts";
import { advance, sweepDeadlines, type AdvanceDependencies } from "./workers/advance.ts";
import { createBell } from "./workers/bell.ts";

const NAME = "verifier";
const NONCE_BYTES = 32;
/** How long the first draw waits for the audit log before it is left to the sweep. */
const LOG_WAIT_MS = 5_000;

await runService({
  name: NAME,
  version: "0.1.0",
  config: readConfig(process.env),
  start: async (context) => {
    const { config, clock, meter, signal, logger, onStop, serveGrpc } = context;
    const metrics = createMetrics(meter);
    const { networkId, policiesFile, signMs, certificateValidityMs } = config;
    const policies = policiesFile === undefined ? createStandardPolicies(config) : readPolicies(policiesFile);
    const { pool, store } = await openEventSourcing(context, {
      name: NAME,
      topology: { streams: [STREAM.events], consumers: [] },
    });
    const list = openVerificationTable(pool);
    await list.migrate();
    const truth = createGrpcClient(settlement.SettlementServiceClient, config.settlementTarget, {
      idempotent: ["getEntryProof"],
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
      validators: createValidatorDirectory(stakes),
      auditLog: createAuditLog(truth),
      clock,
      createNonce: () => randomBytes(NONCE_BYTES),
      signer: createKeyPair(config.keySeed),
      signMs,
      certificateValidityMs,
      announce: bell.ring,
      onCertified: metrics.certified,
    };
    const sweeping = sweepDeadlines(advancing, {
      signal,
      onFailure: (error) => logger.warn({ error }, "deadlines are looked at again"),
    });
    onStop("deadlines", () => sweeping);
    const dependencies: VerifierApiDependencies = {
      ...advancing,
      policies,
      decompose: extractClaims,
      begin: (verificationId) => {
        bell.ring(verificationId);
        const drawing = advance(verificationId, advancing, LOG_WAIT_MS);
        drawing.catch((error: unknown) => logger.warn({ error, verificationId }, "the sweep draws again"));
      },
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
