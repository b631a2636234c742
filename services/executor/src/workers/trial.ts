/** Finds the transactions on which an executor's process dies or hangs: in a child process, so that this one lives to tell. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SvmInputs } from "@mira/runtime";
import { POISON_ERROR } from "../domain/suspicion.ts";
import type { TrialRequest } from "./trial-child.ts";

export type Trial = {
  /** No-ops, by sequence number, with which the partition can be run. Throws when even so many of them do not help. */
  readonly examine: (
    partition: Uint8Array,
    inputs: SvmInputs,
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<number, string>>;
};

export type TrialOptions = {
  /** A transaction without a sign of life for so long hangs: compute limits end every honest one within some 20 ms. */
  readonly hangMs?: number;
  /** Another child than ours only in tests. */
  readonly child?: string;
};

const HANG_MS = 5_000;
/** More deaths than this in one partition are not the transactions' doing. */
const POISON_MAX = 64;
const CHILD = fileURLToPath(new URL("./trial-child.ts", import.meta.url));

export function createTrial({ hangMs = HANG_MS, child = CHILD }: TrialOptions = {}): Trial {
  return {
    examine: async (partition, inputs, signal) => {
      const noOps = new Map<number, string>();
      while (noOps.size <= POISON_MAX) {
        const killer = await runOnce(child, { partition, inputs, noOps }, { hangMs, signal });
        if (killer === "survived") return noOps;
        if (killer === undefined || noOps.has(killer)) break;
        noOps.set(killer, POISON_ERROR);
      }
      throw new Error(`a process dies on the partition, and ${noOps.size} no-ops do not save it`);
    },
  };
}

/** The sequence number that was told last before the child died; undefined when it died before the first. */
async function runOnce(
  path: string,
  request: TrialRequest,
  { hangMs, signal }: { readonly hangMs: number; readonly signal: AbortSignal },
): Promise<number | "survived" | undefined> {
  signal.throwIfAborted();
  const child = fork(path, [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "ignore", "ipc"],
    // Flags of this process, such as a test runner's, would have the child print what is no sequence number.
    execArgv: [],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject);
  child.once("close", resolve);
  const progress = watchProgress(child, hangMs);
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  child.send(request);
  try {
    const code = await promise;
    signal.throwIfAborted();
    return code === 0 ? "survived" : progress.last();
  } finally {
    progress.stop();
    signal.removeEventListener("abort", stop);
  }
}

function watchProgress(
  child: ChildProcess,
  hangMs: number,
): { last: () => number | undefined; stop: () => void } {
  let text = "";
  const timer = setTimeout(() => void child.kill("SIGKILL"), hangMs);
  child.stdout?.setEncoding("latin1").on("data", (chunk: string) => {
    // Only the last whole line matters.
    text = (text + chunk).slice(-64);
    timer.refresh();
  });
  return {
    last: () => {
      const line = text.trimEnd().split("\n").at(-1);
      return line === undefined || line === "" ? undefined : Number(line);
    },
    stop: () => clearTimeout(timer),
  };
}
