/** Waits for something to become true, and fails with the last reason it was not. */
import { setTimeout as sleep } from "node:timers/promises";

export type EventuallyOptions = { readonly timeoutMs?: number; readonly signal?: AbortSignal };

const TIMEOUT_MS = 5_000;
const POLL_MS = 10;

/** Calls `probe` until it neither throws nor returns false, and returns what it returned. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = TIMEOUT_MS, signal }: EventuallyOptions = {},
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await attempt(probe);
    if (outcome.ok) return outcome.value;
    if (performance.now() >= until) {
      throw new Error(`not so after ${timeoutMs} ms: ${outcome.reason}`, { cause: outcome.cause });
    }
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly cause?: unknown };

async function attempt<T>(probe: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await probe();
    return value === false ? { ok: false, reason: "still false" } : { ok: true, value };
  } catch (cause) {
    return { ok: false, reason: cause instanceof Error ? cause.message : String(cause), cause };
  }
}
