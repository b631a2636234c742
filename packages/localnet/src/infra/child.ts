/** A child process that is stopped completely, and that does not outlive its parent where the system allows it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { wrapWithDeathSignal } from "./death-signal.ts";
import type { UnixUser } from "./unix-user.ts";
import { waitUntilGoneSync } from "./wait-until-gone.ts";

export type ChildSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whom to run as; only root can ask for this. */
  readonly user?: UnixUser | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** What the child gets when this process dies, however it dies. */
  readonly deathSignal: NodeJS.Signals;
  readonly log?: ((line: string) => void) | undefined;
};

export type RunningChild = {
  readonly pid: number;
  hasExited(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone: asked first, killed after the deadline. */
  stop(): Promise<void>;
  /** Resolves when the process is gone, for whatever reason, with its exit code; undefined when a signal ended it. */
  waitForExit(): Promise<number | undefined>;
  /** The last lines it printed, for an error message. */
  lastLines(): string;
};

export class ChildFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ChildFailed";
  }
}

const STOP_DEADLINE_MS = 10_000;
const LAST_LINES_MAX = 40;
/** How long a process that exits waits for its children to clean up after themselves. */
const EXIT_WAIT_MS = 2_000;

/** Starts the child in its own process group, so that Ctrl-C reaches this process first and it decides the order of stopping.
 *  The child does not keep this process alive. */
export function startChild(spec: ChildSpec): RunningChild {
  const lines: string[] = [];
  const child = spawnDetached(spec);
  const pid = child.pid;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      lines.push(error.message);
      resolve();
    });
  });
  readLines([child.stdout, child.stderr], (line) => {
    lines.push(line);
    if (lines.length > LAST_LINES_MAX) lines.shift();
    spec.log?.(line);
  });
  if (pid === undefined) throw new ChildFailed(`${spec.name}: ${spec.command} could not be started`);
  endWithProcess(child, pid, spec.deathSignal);
  child.unref();
  return {
    pid,
    hasExited: () => hasExited(child),
    kill: (signal) => void child.kill(signal),
    stop: () => stopChild(child, spec.stopSignal, exited),
    waitForExit: async () => {
      await holding(child, exited);
      return child.exitCode ?? undefined;
    },
    lastLines: () => lines.join("\n"),
  };
}

function spawnDetached(spec: ChildSpec): ChildProcess {
  const { command, args, identity } = wrapWithDeathSignal(spec);
  return spawn(command, args, {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...identity,
  });
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<void>): Promise<void> {
  if (hasExited(child)) return;
  child.kill(signal);
  const deadline = new AbortController();
  const kill = sleep(STOP_DEADLINE_MS, undefined, { signal: deadline.signal }).then(
    () => child.kill("SIGKILL"),
    () => undefined,
  );
  await holding(child, exited);
  deadline.abort();
  await kill;
}

async function holding(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (hasExited(child)) return;
  child.ref();
  await exited;
}

function readLines(streams: readonly (Readable | null)[], onLine: (line: string) => void): void {
  for (const stream of streams) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", onLine);
    if (stream instanceof Socket) stream.unref();
  }
}

/** Of the children that run: one exit listener ends them all, the newest first. */
const ends = new Set<() => void>();

function endAll(): void {
  for (const end of [...ends].reverse()) end();
}

/** The death signal covers every death on Linux; this hook covers an ordinary exit everywhere else. */
function endWithProcess(child: ChildProcess, pid: number, signal: NodeJS.Signals): void {
  const end = (): void => {
    if (hasExited(child)) return;
    child.kill(signal);
    waitUntilGoneSync(pid, EXIT_WAIT_MS);
  };
  // Before anything that removes the folder it works in.
  if (ends.size === 0) process.prependListener("exit", endAll);
  ends.add(end);
  child.once("exit", () => {
    ends.delete(end);
    if (ends.size === 0) process.off("exit", endAll);
  });
}
