/** Starts a NATS server with JetStream on loopback. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildFailed, startChild } from "./child.ts";
import type { RunningChild } from "./child.ts";
import { findFreePort } from "./free-port.ts";
import { findNatsServer } from "./nats-binary.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export type NatsOptions = {
  /** Absent: a temporary folder, removed on stop. Present: kept, and a later start continues with its streams. */
  readonly storeDir?: string;
  readonly port?: number;
  readonly monitorPort?: number;
  /** Path of a nats-server. Absent: found, or fetched, by findNatsServer. */
  readonly binary?: string;
  readonly log?: (line: string) => void;
};

export type RunningNats = {
  readonly url: string;
  readonly port: number;
  readonly monitorUrl: string;
  readonly pid: number;
  readonly storeDir: string;
  /** For crash tests. After SIGKILL, wait with `stop()` before starting again on the same folder. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

/** A sealed batch of 1,000 large transactions does not fit into the default of 1 MiB. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const FILE_BYTES_MAX = 16 * 1024 * 1024 * 1024;
const READY_DEADLINE_MS = 30_000;
const POLL_MS = 5;
const PORT_ATTEMPTS = 5;

export async function startNats(options: NatsOptions = {}): Promise<RunningNats> {
  const binary = options.binary ?? (await findNatsServer({ log: options.log })).path;
  const temporary = options.storeDir === undefined ? await createTemporaryFolder("nats") : undefined;
  const storeDir = path.resolve(options.storeDir ?? temporary?.path ?? "");
  await mkdir(storeDir, { recursive: true });
  try {
    const { child, port, monitorPort } = await startOnSomePort(binary, storeDir, options);
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      monitorUrl: `http://127.0.0.1:${monitorPort}`,
      pid: child.pid,
      storeDir,
      kill: (signal) => child.kill(signal),
      stop: async () => {
        await child.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

type Started = { readonly child: RunningChild; readonly port: number; readonly monitorPort: number };

async function startOnSomePort(binary: string, storeDir: string, options: NatsOptions): Promise<Started> {
  const portsAreOurs = options.port === undefined || options.monitorPort === undefined;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const monitorPort = options.monitorPort ?? (await findFreePort());
    const child = await startServer({ binary, storeDir, port, monitorPort, log: options.log });
    if (await waitUntilReady(child)) return { child, port, monitorPort };
    const portWasTaken = child.lastLines().includes("address already in use");
    if (portsAreOurs && portWasTaken && attempt < PORT_ATTEMPTS) continue;
    throw new ChildFailed(`nats-server on port ${port} did not start:\n${child.lastLines()}`);
  }
}

async function startServer(spec: {
  readonly binary: string;
  readonly storeDir: string;
  readonly port: number;
  readonly monitorPort: number;
  readonly log: ((line: string) => void) | undefined;
}): Promise<RunningChild> {
  const file = path.join(spec.storeDir, "nats.conf");
  await writeFile(file, describeConfiguration(spec));
  return startChild({
    name: "nats-server",
    command: spec.binary,
    args: ["--config", file],
    cwd: spec.storeDir,
    stopSignal: "SIGTERM",
    deathSignal: "SIGTERM",
    log: spec.log,
  });
}

function describeConfiguration(spec: { storeDir: string; port: number; monitorPort: number }): string {
  return [
    `host: "127.0.0.1"`,
    `port: ${spec.port}`,
    `http: "127.0.0.1:${spec.monitorPort}"`,
    `max_payload: ${MESSAGE_BYTES_MAX}`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(spec.storeDir)}`,
    `  max_memory_store: ${MEMORY_BYTES_MAX}`,
    `  max_file_store: ${FILE_BYTES_MAX}`,
    "}",
    "",
  ].join("\n");
}

/** False when it exited instead. Its own word is taken, not an open port: that could be somebody else's. */
async function waitUntilReady(child: RunningChild): Promise<boolean> {
  const until = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < until) {
    if (child.hasExited()) return false;
    if (child.lastLines().includes("Server is ready")) return true;
    await sleep(POLL_MS);
  }
  await child.stop();
  return false;
}
