/** Lets a bounded number of calls through at a time; the others wait their turn, and no longer than their signal. */

export type Gate = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export function createGate(atOnceMax: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    // The place is handed on, not freed: nobody slips in between.
    if (next === undefined) running--;
    else next();
  };
  const enter = (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (running < atOnceMax) {
      running++;
      return Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const proceed = (): void => {
      signal.removeEventListener("abort", giveUp);
      resolve(undefined);
    };
    const giveUp = (): void => {
      const at = waiting.indexOf(proceed);
      if (at >= 0) waiting.splice(at, 1);
      reject(signal.reason as Error);
    };
    waiting.push(proceed);
    signal.addEventListener("abort", giveUp, { once: true });
    return promise;
  };
  return async (work, signal) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
