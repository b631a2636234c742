/** A network on this machine with funded accounts, made ready to be measured. */
import { startLocalnet, type FundedAccount, type Localnet } from "@mira/localnet";
import { unwrap } from "@mira/primitives";
import { createGenerator, type Generator } from "./generator.ts";
import type { LedgerOptions } from "./options.ts";
import type { Watched } from "./process-cpu.ts";
import { watchProgress, type ProgressWatch } from "./progress.ts";

export type Cluster = {
  readonly localnet: Localnet;
  readonly generator: Generator;
  readonly progress: ProgressWatch;
  readonly processes: () => readonly Watched[];
  readonly executors: number;
  readonly getBlockhash: () => Promise<Uint8Array>;
  readonly stop: () => Promise<void>;
};

/** Durable as Postgres is by default: fsync and synchronous_commit stay on. A checkpoint in one slice alone would be charged to it. */
export const POSTGRES_SETTINGS = { max_wal_size: "8GB", checkpoint_timeout: "1h", shared_buffers: "256MB" };

export type ClusterOptions = Pick<
  LedgerOptions,
  "executors" | "challengeWindowMs" | "lingerMs" | "batchMax" | "profileDir"
>;

export async function startCluster(
  options: ClusterOptions,
  accounts: readonly FundedAccount[],
): Promise<Cluster> {
  const localnet = await startLocalnet({
    executors: options.executors,
    challengeWindowMs: options.challengeWindowMs,
    logLevel: "warn",
    accounts,
    overrides: createOverrides(options),
    postgresSettings: POSTGRES_SETTINGS,
    notice: (line) => process.stderr.write(`${line}\n`),
    log: (service, line) => {
      if (!line.includes('"event":"serving"')) process.stderr.write(`${service}: ${line.slice(0, 2_000)}\n`);
    },
  });
  const watching = new AbortController();
  const generator = createGenerator(localnet.network.endpoints.sequencer);
  return {
    localnet,
    generator,
    progress: watchProgress(localnet.client.ledger, watching.signal),
    executors: options.executors,
    processes: () => listProcesses(localnet),
    getBlockhash: async () => unwrap(await localnet.client.ledger.getLatestBlockhash()).blockhash,
    async stop() {
      watching.abort();
      generator.close();
      await localnet.stop();
    },
  };
}

function createOverrides(options: ClusterOptions): Record<string, Record<string, string>> {
  const { lingerMs, batchMax, profileDir } = options;
  const profiled = ["sequencer", "settlement", "executor"];
  return {
    ...(profileDir === undefined
      ? {}
      : Object.fromEntries(
          profiled.map((kind) => [kind, { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` }]),
        )),
    sequencer: {
      ...(lingerMs === undefined ? {} : { MIRA_SEQUENCER_LINGER: `${lingerMs}ms` }),
      ...(batchMax === undefined ? {} : { MIRA_SEQUENCER_BATCH_MAX: String(batchMax) }),
      ...(profileDir === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` }),
    },
  };
}

function listProcesses({ services, postgres, nats }: Localnet): Watched[] {
  return [
    ...[...services.values()].map((service) => ({ name: service.name, pid: service.pid() })),
    { name: "postgres", pid: postgres.pid, withChildren: true },
    { name: "nats", pid: nats.pid },
    { name: "generator", pid: process.pid },
  ];
}
