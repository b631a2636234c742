/** The thread that watches: kills the process when the main thread has not beaten for too long. */
import { workerData } from "node:worker_threads";

const { beats, stallMs } = workerData as { readonly beats: Int32Array; readonly stallMs: number };
const CHECK_MS = 250;
let seen = -1;
let since = performance.now();

setInterval(() => {
  const beat = Atomics.load(beats, 0);
  if (beat !== seen) [seen, since] = [beat, performance.now()];
  else if (performance.now() - since > stallMs) process.kill(process.pid, "SIGKILL");
}, CHECK_MS);
