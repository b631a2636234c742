/** Waits, without an event loop, for a child to finish cleaning up while this process is already exiting. */
import { readFileSync } from "node:fs";

const POLL_MS = 5;

export function waitUntilGoneSync(pid: number, deadlineMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const until = performance.now() + deadlineMs;
  while (performance.now() < until && isRunning(pid)) Atomics.wait(pause, 0, 0, POLL_MS);
}

/** A child that ended but was not yet waited for is a zombie: it holds no files and no memory, so it counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return readState(pid) !== "Z";
}

function readState(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
  } catch {
    return undefined;
  }
}
