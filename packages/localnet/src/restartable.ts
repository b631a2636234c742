/** A server that can be killed and started again on the same data and ports, for crash tests. */
export type Server = {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

export type Restartable<T extends Server> = T & {
  /** Ends it with the signal, waits until it is gone, starts it again; resolves when it is ready. */
  restart(signal: NodeJS.Signals): Promise<void>;
};

/** `start` is given the instance before: it MUST use the same folder and the same ports. */
export async function startRestartable<T extends Server>(
  start: (previous: T | undefined) => Promise<T>,
): Promise<Restartable<T>> {
  let current = await start(undefined);
  return {
    ...current,
    get pid() {
      return current.pid;
    },
    kill: (signal) => current.kill(signal),
    stop: () => current.stop(),
    async restart(signal) {
      current.kill(signal);
      await current.stop();
      current = await start(current);
    },
  };
}
