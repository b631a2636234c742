/** How late the event loop is: the one thing besides being there that liveness may depend on. */
import { monitorEventLoopDelay } from "node:perf_hooks";

const WINDOW_MS = 10_000;
const NANOSECONDS_PER_MS = 1_000_000;

export type EventLoopMonitor = {
  /** Highest delay of the current and the last whole window. */
  readonly maxDelayMs: () => number;
  readonly stop: () => void;
};

export function monitorEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  let lastWindowMaxMs = 0;
  const timer = setInterval(() => {
    lastWindowMaxMs = histogram.max / NANOSECONDS_PER_MS;
    histogram.reset();
  }, WINDOW_MS).unref();
  return {
    maxDelayMs: () =>
      Math.max(lastWindowMaxMs, histogram.count === 0 ? 0 : histogram.max / NANOSECONDS_PER_MS),
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
