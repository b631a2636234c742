/** Runs one test file in a process of its own, ended with all it started when it takes too long. */
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export type FileOutcome = {
  readonly file: string;
  readonly ok: boolean;
  readonly passes: number;
  readonly failures: number;
  readonly skips: number;
  /** What it printed, in order. */
  readonly output: string;
  /** Of a file that failed otherwise than by a failed test. */
  readonly why?: string;
};

/** A single test that takes longer fails. */
const TEST_TIMEOUT_MS = 240_000;
/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 420_000;
/** Between asking it to end, which stops servers in order, and ending it. */
const GRACE_MS = 15_000;
const PIPES_MS = 1_000;
/** In one process, which when told to end still prints what failed until then. */
const FLAGS = [
  "--test",
  "--test-isolation=none",
  `--test-timeout=${TEST_TIMEOUT_MS}`,
  "--test-reporter=spec",
];

export async function runTestFile(
  file: string,
  env: Readonly<Record<string, string>>,
  timeoutMs = FILE_TIMEOUT_MS,
): Promise<FileOutcome> {
  // A process group of its own, so that nothing it started outlives it.
  const child = spawn(process.execPath, [...FLAGS, file], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    // Without the mark by which a test runner knows its own children: this one reports to people.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<number | undefined>((resolve) => {
    child.once("exit", (code) => resolve(code ?? undefined));
    child.once("error", () => resolve(undefined));
  });
  const forward = (signal: NodeJS.Signals): void => signalGroup(child, signal);
  process.once("SIGINT", forward).once("SIGTERM", forward);
  const hung = await endWhenLate(child, exited, timeoutMs);
  const code = await exited;
  // A server that outlived it holds the pipes open.
  await Promise.race([closed, sleep(PIPES_MS, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  process.off("SIGINT", forward).off("SIGTERM", forward);
  return readOutcome(file, { code, hung, timeoutMs, output: Buffer.concat(chunks).toString() });
}

/** True when it had to be ended. */
async function endWhenLate(
  child: ChildProcess,
  exited: Promise<number | undefined>,
  timeoutMs: number,
): Promise<boolean> {
  const over = new AbortController();
  const after = (ms: number): Promise<boolean> => sleep(ms, true, { signal: over.signal }).catch(() => false);
  const inTime = exited.then(() => false);
  try {
    if (!(await Promise.race([inTime, after(timeoutMs)]))) return false;
    signalGroup(child, "SIGTERM");
    if (await Promise.race([inTime, after(GRACE_MS)])) signalGroup(child, "SIGKILL");
    return true;
  } finally {
    over.abort();
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

type Ended = {
  readonly code: number | undefined;
  readonly hung: boolean;
  readonly timeoutMs: number;
  readonly output: string;
};

function readOutcome(file: string, { code, hung, timeoutMs, output }: Ended): FileOutcome {
  const count = (name: string): number =>
    Number(new RegExp(`^ℹ ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  const exit = code === undefined ? "ended by a signal" : `exit code ${code}`;
  const why = hung ? `did not end within ${timeoutMs} ms` : code === 0 ? undefined : exit;
  return {
    file,
    ok: why === undefined,
    passes: count("pass"),
    failures: count("fail") + count("cancelled"),
    skips: count("skipped"),
    output: `${file}\n${output}`,
    ...(why === undefined ? {} : { why }),
  };
}
