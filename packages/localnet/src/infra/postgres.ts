/** Starts a Postgres of one's own from the binaries that npm installed. */
import { chmod, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildFailed, startChild } from "./child.ts";
import type { RunningChild } from "./child.ts";
import { findFreePort } from "./free-port.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { initialiseDataFolder, readSuperuserPassword } from "./postgres-data.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { findUnprivilegedUser } from "./unix-user.ts";
import type { UnixUser } from "./unix-user.ts";

export type PostgresRole = { readonly user: string; readonly password: string };

export type PostgresOptions = {
  /** Absent: a temporary folder, removed on stop. Present: kept, and a later start continues with its data. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** postgresql.conf settings by name, such as max_wal_size. fsync cannot be switched off. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type RunningPostgres = {
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  readonly superuserUrl: string;
  url(database?: string, role?: PostgresRole): string;
  /** For crash tests. After SIGKILL, wait with `stop()` before starting again on the same folder. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

const SUPERUSER = "postgres";
/** Crash recovery replays the whole log before the server says it is ready. */
const READY_DEADLINE_MS = 120_000;
const POLL_MS = 5;
/** Between asking for a free port and binding it another process can take it. */
const PORT_ATTEMPTS = 5;

/** Listens on 127.0.0.1 only, without a Unix socket, with password authentication, locale C and fsync on. */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const binaries = await findPostgresBinaries();
  const temporary = options.dataDir === undefined ? await createTemporaryFolder("postgres") : undefined;
  const dataDir = path.resolve(options.dataDir ?? path.join(temporary?.path ?? "", "data"));
  await mkdir(path.dirname(dataDir), { recursive: true });
  if (temporary) await chmod(temporary.path, 0o711);
  const user = await findUnprivilegedUser([dataDir, binaries.postgres]);
  try {
    await initialiseDataFolder({ initdb: binaries.initdb, dataDir, superuser: SUPERUSER, user });
    const password = await readSuperuserPassword(dataDir);
    const started = await startOnSomePort({ postgres: binaries.postgres, dataDir, user, options });
    return describeServer({ ...started, dataDir, password, removeData: async () => temporary?.remove() });
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

type StartSpec = {
  readonly postgres: string;
  readonly dataDir: string;
  readonly user: UnixUser | undefined;
  readonly options: PostgresOptions;
};

async function startOnSomePort(spec: StartSpec): Promise<{ child: RunningChild; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = spec.options.port ?? (await findFreePort());
    const child = startServer(spec, port);
    if (await waitUntilReady(child, spec.dataDir)) return { child, port };
    const portWasTaken = child.lastLines().includes("Address already in use");
    if (spec.options.port === undefined && portWasTaken && attempt < PORT_ATTEMPTS) continue;
    throw new ChildFailed(`Postgres on port ${port} did not start:\n${child.lastLines()}`);
  }
}

function startServer(spec: StartSpec, port: number): RunningChild {
  const settings = {
    shared_buffers: "64MB",
    max_connections: "200",
    ...spec.options.settings,
    fsync: "on",
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
  };
  return startChild({
    name: "postgres",
    command: spec.postgres,
    args: [
      "-D",
      spec.dataDir,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    cwd: path.dirname(spec.dataDir),
    env: { ...process.env, LC_ALL: "C" },
    user: spec.user,
    // Fast shutdown: ends sessions, writes a checkpoint. On the parent's death: immediate, recovery at the next start.
    stopSignal: "SIGINT",
    deathSignal: "SIGQUIT",
    log: spec.options.log,
  });
}

/** False when it exited instead. The server writes its own pid and state into postmaster.pid. */
async function waitUntilReady(child: RunningChild, dataDir: string): Promise<boolean> {
  const until = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < until) {
    if (child.hasExited()) return false;
    const lines = (await readFile(path.join(dataDir, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (lines[0] === String(child.pid) && lines[7]?.trim() === "ready") return true;
    await sleep(POLL_MS);
  }
  await child.stop();
  return false;
}

function describeServer(server: {
  readonly child: RunningChild;
  readonly port: number;
  readonly dataDir: string;
  readonly password: string;
  readonly removeData: () => Promise<void>;
}): RunningPostgres {
  const { child, port } = server;
  const superuser = { user: SUPERUSER, password: server.password };
  const url = (database = SUPERUSER, role: PostgresRole = superuser): string =>
    `postgres://${encodeURIComponent(role.user)}:${encodeURIComponent(role.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    port,
    pid: child.pid,
    dataDir: server.dataDir,
    superuserUrl: url(),
    url,
    kill: (signal) => child.kill(signal),
    stop: async () => {
      await child.stop();
      await server.removeData();
    },
  };
}
