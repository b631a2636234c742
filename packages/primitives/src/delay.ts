/** Every wait takes an AbortSignal. */
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `durationMs`, or at once, without throwing, when the signal aborts. Says whether the wait was whole. */
export async function delay(durationMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(durationMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
