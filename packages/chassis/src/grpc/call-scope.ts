/** How long a call may take and what cancels it: its own settings, and those of the call being handled. */
import { findCall } from "./call-context.ts";

export type CallScope = {
  /** Unix milliseconds; Infinity for none. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
  readonly close: () => void;
};

export function openCallScope(deadlineMs: number, own: AbortSignal | undefined): CallScope {
  const parent = findCall();
  const deadlineAt = Math.min(Date.now() + deadlineMs, parent?.deadlineAt ?? Infinity);
  if (parent === undefined || own === undefined)
    return { deadlineAt, signal: own ?? parent?.signal, close: () => undefined };
  return { deadlineAt, ...followBoth(own, parent.signal) };
}

/** AbortSignal.any costs more, and its listeners stay until a long-lived signal is collected. */
function followBoth(first: AbortSignal, second: AbortSignal): { signal: AbortSignal; close: () => void } {
  const controller = new AbortController();
  const abortFirst = () => controller.abort(first.reason);
  const abortSecond = () => controller.abort(second.reason);
  first.addEventListener("abort", abortFirst, { once: true });
  second.addEventListener("abort", abortSecond, { once: true });
  if (first.aborted) abortFirst();
  if (second.aborted) abortSecond();
  return {
    signal: controller.signal,
    close: () => {
      first.removeEventListener("abort", abortFirst);
      second.removeEventListener("abort", abortSecond);
    },
  };
}
