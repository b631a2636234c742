/** Composition root of the verifier: configuration -> store, directory, workers, api. */
import { randomBytes, randomInt } from "node:crypto";
import { settlement, staking, verifier } from "@mira/api";
import { createGrpcClient, openEventSourcing, runService, type ServiceContext } from "@mira/chassis";
import { STREAM } from "@mira/messaging";
import { createKeyPair } from "@mira/primitives";
import type { VerifierApiDependencies } from "./api/dependencies.ts";
import { createQuotas } from "./api/quotas.ts";
import { createVerifierApi } from "./api/verifier-api.ts";
import { createAuditLog, createValidatorDirectory } from "./clients/directory.ts";
import { openDecomposer } from "./clients/decomposer.ts";
import { delay } from "@mira/primitives";
import { readConfig, type VerifierConfig } from "./config.ts";
import type { Policy } from "./domain/policy.ts";
import { createStandardPolicies, readPolicies } from "./policies.ts";
import { createGoldList } from "./store/gold.ts";
import { createProbeList, createProbeRepository } from "./store/probe-repository.ts";
import { createVerificationRepository } from "./store/verification-repository.ts";
import { openVerificationTable } from "./store/verification-table.ts";
import { createMetrics } from "./telemetry.ts";
import { advance, sweepDeadlines, type AdvanceDependencies } from "./workers/advance.ts";
import { askProbes, openRetired, retireLeaked, type ProbeDependencies } from "./workers/probes.ts";
import { createBell } from "./workers/bell.ts";

const NAME = "verifier";
const NONCE_BYTES = 32;
const BPS = 10_000;
const OPEN_PROBES_MS = 5_000;
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
    const others = openClients(context);
    const gold = createGoldList(pool);
    await gold.migrate();
    const streams = createVerificationRepository(store, list, (outcome, [first]) =>
      metrics.decided(first?.type ?? "none", outcome),
    );
    const bell = createBell();
    const advancing: AdvanceDependencies = {
      networkId,
      streams,
      list,
      ...others,
      gold,
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
    const probeList = createProbeList(pool);
    await probeList.migrate();
    const begin = (verificationId: string): void => {
      bell.ring(verificationId);
      const drawing = advance(verificationId, advancing, LOG_WAIT_MS);
      drawing.catch((error: unknown) => logger.warn({ error, verificationId }, "the sweep draws again"));
    };
    const probing: ProbeDependencies = {
      ...advancing,
      probes: createProbeRepository(store),
      probeList,
      probeUsesMax: config.probeUsesMax,
      begin,
    };
    const opening = openProbes(context, probing);
    onStop("probes", () => opening);
    const dependencies: VerifierApiDependencies = {
      ...advancing,
      ...probing,
      policies,
      quotas: createQuotas({ burst: config.quotaBurst, perMinute: config.quotaPerMinute }, clock),
      decompose: await openDecomposer(config),
      probeAuthors: config.probeAuthors,
      onOpened: (verificationId) => void mixProbes(verificationId, { policies, ...probing }, logger),
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

/** Staking, which knows who is bonded, and settlement, which keeps the logs. */
function openClients({
  config,
  onStop,
}: ServiceContext<VerifierConfig>): Pick<AdvanceDependencies, "validators" | "auditLog"> {
  const truth = createGrpcClient(settlement.SettlementServiceClient, config.settlementTarget, {
    idempotent: ["getEntryProof"],
  });
  onStop("settlement client", () => truth.close());
  const stakes = createGrpcClient(staking.StakingServiceClient, config.stakingTarget, {
    idempotent: ["listValidators"],
  });
  onStop("staking client", () => stakes.close());
  return { validators: createValidatorDirectory(stakes), auditLog: createAuditLog(truth) };
}

/** At the policy's published rate, by chance that nobody can foresee; what fails is left out, and the work is not held up. */
async function mixProbes(
  verificationId: string,
  dependencies: ProbeDependencies & { readonly policies: readonly Policy[] },
  logger: ServiceContext<VerifierConfig>["logger"],
): Promise<void> {
  try {
    const { state } = await dependencies.streams.load(verificationId);
    if (state.status === "none") return;
    await retireLeaked(
      // A decomposer leaves the full stop out, an author of probes may not.
      state.opened.claims.flatMap(({ text }) => [text, `${text}.`]),
      dependencies,
    );
    const { policy } = state.opened.terms;
    const rateBps =
      dependencies.policies.find(({ name, version }) => `${name}@${version}` === policy)?.probeRateBps ?? 0;
    if (randomInt(BPS) < rateBps) await askProbes(state, dependencies);
  } catch (error) {
    logger.warn({ error, verificationId }, "no probe is mixed in");
  }
}

async function openProbes(
  { signal, logger }: ServiceContext<VerifierConfig>,
  dependencies: ProbeDependencies,
): Promise<void> {
  do
    await openRetired(dependencies).catch((error: unknown) =>
      logger.warn({ error }, "retired probes are opened later"),
    );
  while (await delay(OPEN_PROBES_MS, signal));
}
