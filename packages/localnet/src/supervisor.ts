/** Services as child processes: started, watched, started again with a notice when they die, stopped in reverse order. */
import { delay } from "@mira/primitives";
import { startChild, type RunningChild } from "./infra/child.ts";
import { findFreePort } from "./infra/free-port.ts";

export type ServiceSpec = {
  readonly name: string;
  /** Path of its main.ts. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
};

export type Supervised = {
  readonly name: string;
  /** gRPC address, `host:port`; the same after a restart. */
  readonly address: string;
  readonly adminAddress: string;
  readonly pid: () => number;
  readonly restarts: () => number;
  /** For crash tests: the supervisor brings it back. */
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
};

export type SupervisorHooks = {
  readonly notice: (line: string) => void;
  /** Every line a service prints, with its name. */
  readonly log: (service: string, line: string) => void;
  /** How long a service may take until it serves; absent: 60 s. */
  readonly servingDeadlineMs?: number;
};

export class ServiceFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ServiceFailed";
  }
}

/** Batches live for milliseconds: with a young generation of 64 MiB most of them die in it. */
const NODE_FLAGS = ["--enable-source-maps", "--max-semi-space-size=64"];
const SERVING_DEADLINE_MS = 60_000;
const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 5_000;
/** A service that ran for this long is given its quick first restart again. */
const STABLE_MS = 30_000;

type Serving = { readonly grpc: string; readonly admin: string };
type Instance = {
  readonly child: RunningChild;
  readonly serving: Promise<Serving>;
  readonly startedAt: number;
};

/** Resolves when the service serves; throws ServiceFailed with its last words when it does not. */
export async function supervise(chosen: ServiceSpec, hooks: SupervisorHooks): Promise<Supervised> {
  const stopping = new AbortController();
  // Chosen here and kept, so that addresses others hold stay true; the kernel's own choice could be lost during a restart.
  const ports = {
    MIRA_GRPC_PORT: String(await findFreePort()),
    MIRA_ADMIN_PORT: String(await findFreePort()),
  };
  const spec: ServiceSpec = { ...chosen, env: { ...ports, ...chosen.env } };
  let instance = launch(spec, hooks);
  const { grpc, admin } = await instance.serving;
  let restarts = 0;
  const watching = watch();

  async function watch(): Promise<void> {
    for (let waitMs = RESTART_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RESTART_MAX_MS)) {
      const code = await instance.child.waitForExit();
      if (stopping.signal.aborted) return;
      if (performance.now() - instance.startedAt > STABLE_MS) waitMs = RESTART_FIRST_MS;
      hooks.notice(
        `${spec.name} died (${code === undefined ? "by a signal" : `exit code ${code}`}); starting it again`,
      );
      if (!(await delay(waitMs, stopping.signal))) return;
      restarts++;
      instance = launch(spec, hooks);
      instance.serving.then(
        () => hooks.notice(`${spec.name} serves again`),
        () => undefined,
      );
    }
  }

  return {
    name: spec.name,
    address: grpc,
    adminAddress: admin,
    pid: () => instance.child.pid,
    restarts: () => restarts,
    kill: (signal) => instance.child.kill(signal),
    async stop() {
      stopping.abort();
      await instance.child.stop();
      await watching;
    },
  };
}

function launch(spec: ServiceSpec, hooks: SupervisorHooks): Instance {
  const { promise: serving, resolve, reject } = Promise.withResolvers<Serving>();
  // Whoever does not wait for it learns of the failure by the exit.
  serving.catch(() => undefined);
  const child = startChild({
    name: spec.name,
    command: process.execPath,
    args: [...NODE_FLAGS, spec.entry],
    cwd: process.cwd(),
    env: { ...inheritedEnvironment(), ...spec.env },
    stopSignal: "SIGTERM",
    deathSignal: "SIGTERM",
    log: (line) => {
      hooks.log(spec.name, line);
      const found = parseServing(line);
      if (found !== undefined) resolve(found);
    },
  });
  const { servingDeadlineMs: deadlineMs = SERVING_DEADLINE_MS } = hooks;
  const timer = setTimeout(
    () =>
      reject(new ServiceFailed(`${spec.name} does not serve after ${deadlineMs} ms\n${child.lastLines()}`)),
    deadlineMs,
  );
  serving.finally(() => clearTimeout(timer)).catch(() => undefined);
  void child
    .waitForExit()
    .then(() => reject(new ServiceFailed(`${spec.name} ended before it served\n${child.lastLines()}`)));
  return { child, serving, startedAt: performance.now() };
}

/** Only what a process needs to run: a developer's own MIRA_ and OTEL_ variables must not leak into one service of many. */
function inheritedEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|TMPDIR|LANG|TZ|NODE_COMPILE_CACHE|NODE_OPTIONS|OTEL_EXPORTER_OTLP_ENDPOINT)$/.test(name),
  );
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function parseServing(line: string): Serving | undefined {
  if (!line.includes('"event":"serving"')) return undefined;
  try {
    const { grpc, admin } = JSON.parse(line) as { grpc?: unknown; admin?: unknown };
    return typeof grpc === "string" && typeof admin === "string" ? { grpc, admin } : undefined;
  } catch {
    return undefined;
  }
}
