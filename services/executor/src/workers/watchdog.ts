/** Ends the process when its event loop stands still: a transaction that hangs in native code cannot be interrupted otherwise. */
import { Worker } from "node:worker_threads";

export type Watchdog = { readonly stop: () => Promise<void> };

const BEAT_MS = 250;

/** Killed, the process's partitions are delivered to others, and after some deliveries tried in a process of their own. */
export function startWatchdog(stallMs: number): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL("./watchdog-worker.ts", import.meta.url), {
    workerData: { beats, stallMs },
  });
  thread.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}
