/** A whole Mira network on this machine: Postgres, NATS and every service, on loopback. */
import { access, chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { connectMira, type Endpoints, type MiraClient, type Network } from "@mira/client";
import { formatVerifierKey } from "@mira/merkle";
import { delay, encodeBase58, unwrap } from "@mira/primitives";
import { bondValidators } from "./bond-validators.ts";
import { prepareDatabases } from "./databases.ts";
import { CERTIFICATES, createDevKey, SETTLEMENT } from "./dev-keys.ts";
import { formatGenesis, type FundedAccount } from "./genesis.ts";
import {
  createTemporaryFolder,
  findFreePort,
  findNatsServer,
  startNats,
  startPostgres,
  type RunningNats,
  type RunningPostgres,
} from "./infra/index.ts";
import { planServices, type Plan } from "./plan.ts";
import { startRestartable, type Restartable } from "./restartable.ts";
import { supervise, type Supervised, type SupervisorHooks } from "./supervisor.ts";

export type LocalnetOptions = {
  /** Kept between starts; absent: everything is temporary. */
  readonly dataDir?: string;
  /** First of the ports in use, one after the other; absent: free ones. */
  readonly portBase?: number;
  readonly challengeWindowMs?: number;
  readonly executors?: number;
  readonly logLevel?: string;
  /** More accounts with SOL, for benchmarks. Counts at the first start of a data folder only. */
  readonly accounts?: readonly FundedAccount[];
  /** By service name or kind: environment laid over the plan's. */
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Called as each step begins. */
  readonly progress?: (step: string) => void;
  readonly notice?: (line: string) => void;
  readonly log?: (service: string, line: string) => void;
};

export type Localnet = {
  readonly network: Network;
  readonly client: MiraClient;
  readonly services: ReadonlyMap<string, Supervised>;
  readonly postgres: Restartable<RunningPostgres>;
  readonly nats: Restartable<RunningNats>;
  /** Which nats-server runs, and where it was found. */
  readonly natsServer: string;
  readonly stateDir: string;
  /** From the call to the last service serving. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
};

const NETWORK_ID = "mira-localnet";
const CHALLENGE_WINDOW_MS = 2_000;
const ENDPOINTS = [
  "sequencer",
  "settlement",
  "verifier",
  "staking",
  "sessions",
] as const satisfies readonly (keyof Endpoints)[];
const READY_DEADLINE_MS = 30_000;
const SERVING_DEADLINE_MS = 60_000;
/** Several times what settlement needs for an account of the genesis, for machines that are busy. */
const MS_PER_ACCOUNT = 0.5;

/** Between choosing a free port and binding it another process can take it. */
const PORT_ATTEMPTS = 3;

/** Resolves when transactions and verifications are accepted. Whatever was started is stopped when a step fails. */
export async function startLocalnet(options: LocalnetOptions = {}): Promise<Localnet> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options, startedAt);
    } catch (error) {
      const again = options.portBase === undefined && attempt < PORT_ATTEMPTS && isPortTaken(error);
      if (!again) throw error;
      options.notice?.("another process took a port that was free before; starting again on other ports");
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && /EADDRINUSE|address already in use/i.test(error.message);
}

async function startOnce(options: LocalnetOptions, startedAt: number): Promise<Localnet> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const started = await startAll(options, stops);
    return { ...started, readyMs: Math.round(performance.now() - startedAt), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Stops = (() => Promise<void>)[];

async function startAll(options: LocalnetOptions, stops: Stops): Promise<Omit<Localnet, "readyMs" | "stop">> {
  const { progress = () => undefined } = options;
  const stateDir = await openStateDir(options, stops);
  progress("postgres and nats");
  const ports = createPortChooser(options.portBase);
  const natsServer = await findNatsServer(options.notice === undefined ? {} : { log: options.notice });
  const [postgres, nats] = await startInfrastructure(
    options,
    { stateDir, natsBinary: natsServer.path, ports },
    stops,
  );
  const endpoints = Object.fromEntries(
    await mapInOrder(ENDPOINTS, async (name) => [name, `127.0.0.1:${await ports()}`] as const),
  ) as Endpoints;
  const logPort = await ports();
  const plan = planServices({
    networkId: NETWORK_ID,
    logPort,
    stateDir,
    databaseUrls: await prepareDatabases(postgres),
    natsUrl: nats.url,
    endpoints,
    genesisFile: await writeGenesis(stateDir, options.accounts),
    genesisAtMs: await readGenesisTime(stateDir),
    challengeWindowMs: options.challengeWindowMs ?? CHALLENGE_WINDOW_MS,
    executors: options.executors ?? 2,
    logLevel: options.logLevel ?? "info",
    overrides: options.overrides ?? {},
  });
  await writeKeyFiles(plan);
  const services = await startServices(plan, options, stops);
  const network: Network = {
    networkId: NETWORK_ID,
    logVerifierKey: formatVerifierKey(NETWORK_ID, createDevKey(SETTLEMENT).publicKey),
    certificateKey: encodeBase58(createDevKey(CERTIFICATES).publicKey),
    logUrl: `http://127.0.0.1:${logPort}/audit`,
    endpoints,
  };
  await writeFile(join(stateDir, "network.json"), `${JSON.stringify(network, undefined, 2)}\n`);
  const client = connectMira(network);
  stops.push(() => {
    client.close();
    return Promise.resolve();
  });
  progress("bonds of the validators");
  await bondValidators(client);
  await waitForBlockhash(client);
  return {
    network,
    client,
    services,
    postgres,
    nats,
    stateDir,
    natsServer: `${natsServer.version} (${natsServer.how})`,
  };
}

async function openStateDir({ dataDir }: LocalnetOptions, stops: Stops): Promise<string> {
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
    return resolve(dataDir);
  }
  const temporary = await createTemporaryFolder("localnet");
  stops.push(() => temporary.remove());
  // Postgres runs as another user below it.
  await chmod(temporary.path, 0o711);
  return temporary.path;
}

type Infrastructure = {
  readonly stateDir: string;
  readonly natsBinary: string;
  readonly ports: () => Promise<number>;
};

/** Both keep their data below the state folder, which goes with a temporary localnet. */
async function startInfrastructure(
  { postgresSettings = {} }: LocalnetOptions,
  { stateDir, natsBinary, ports }: Infrastructure,
  stops: Stops,
): Promise<[Restartable<RunningPostgres>, Restartable<RunningNats>]> {
  const postgresPort = await ports();
  const postgres = await startRestartable<RunningPostgres>(() =>
    startPostgres({
      port: postgresPort,
      settings: { max_connections: "200", ...postgresSettings },
      dataDir: join(stateDir, "postgres"),
    }),
  );
  stops.push(() => postgres.stop());
  const natsPort = await ports();
  const nats = await startRestartable<RunningNats>((previous) =>
    startNats({
      port: natsPort,
      binary: natsBinary,
      storeDir: join(stateDir, "nats"),
      ...(previous === undefined ? {} : { monitorPort: Number(new URL(previous.monitorUrl).port) }),
    }),
  );
  stops.push(() => nats.stop());
  return [postgres, nats];
}

function createPortChooser(base: number | undefined): () => Promise<number> {
  let next = base;
  return () => (next === undefined ? findFreePort() : Promise.resolve(next++));
}

/** Slots are counted from it, so a kept data folder keeps it. */
async function readGenesisTime(stateDir: string): Promise<number> {
  const file = join(stateDir, "genesis-time");
  const kept = Number(await readFile(file, "utf8").catch(() => ""));
  if (kept > 0) return kept;
  const now = Date.now();
  await writeFile(file, String(now));
  return now;
}

/** A data folder keeps the genesis it began with. Folders of older versions have it as one JSON document. */
async function writeGenesis(
  stateDir: string,
  accounts: readonly FundedAccount[] | undefined,
): Promise<string> {
  const file = join(stateDir, "genesis.jsonl");
  for (const kept of [join(stateDir, "genesis.json"), file]) if (await isThere(kept)) return kept;
  await writeFile(`${file}.part`, formatGenesis(accounts));
  await rename(`${file}.part`, file);
  return file;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function writeKeyFiles(plan: Plan): Promise<void> {
  for (const [file, seed] of plan.keyFiles) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, seed, { mode: 0o600 });
  }
}

async function startServices(
  plan: Plan,
  options: LocalnetOptions,
  stops: Stops,
): Promise<ReadonlyMap<string, Supervised>> {
  const { progress = () => undefined, notice = () => undefined, log = () => undefined } = options;
  const servingDeadlineMs = SERVING_DEADLINE_MS + (options.accounts?.length ?? 0) * MS_PER_ACCOUNT;
  const hooks: SupervisorHooks = { notice, log, servingDeadlineMs };
  const services = new Map<string, Supervised>();
  for (const group of [plan.first, plan.rest, plan.validators]) {
    progress(group.map(({ name }) => name).join(", "));
    const starting = group.map(async (spec) => {
      const service = await supervise(spec, hooks);
      services.set(spec.name, service);
      stops.push(() => service.stop());
    });
    const failed = (await Promise.allSettled(starting)).find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
  return services;
}

async function waitForBlockhash(client: MiraClient): Promise<void> {
  const signal = AbortSignal.timeout(READY_DEADLINE_MS);
  for (;;) {
    const latest = await client.ledger.getLatestBlockhash();
    if (latest.ok) return;
    if (!(await delay(50, signal))) unwrap(latest);
  }
}

async function mapInOrder<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await map(item));
  return results;
}
