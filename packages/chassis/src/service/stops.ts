/** What must be stopped, in reverse order of start, each within a deadline; one that fails does not keep the others. */
import type { Logger } from "./logger.ts";

/** The signal aborts when the deadline has passed and nobody waits any more. */
export type Stop = (signal: AbortSignal) => void | Promise<void>;
export type StopOptions = { readonly deadlineMs?: number };
export type OnStop = (name: string, stop: Stop, options?: StopOptions) => void;

const STOP_DEADLINE_MS = 10_000;

export class Stops {
  readonly #stops: { name: string; stop: Stop; deadlineMs: number }[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly add: OnStop = (name, stop, options = {}) => {
    this.#stops.push({ name, stop, deadlineMs: options.deadlineMs ?? STOP_DEADLINE_MS });
  };

  /** Runs and forgets every stop; true when all ended in time and without error. */
  async run(): Promise<boolean> {
    let clean = true;
    for (let entry = this.#stops.pop(); entry !== undefined; entry = this.#stops.pop())
      clean = (await this.#runOne(entry.name, entry.stop, entry.deadlineMs)) && clean;
    return clean;
  }

  async #runOne(name: string, stop: Stop, deadlineMs: number): Promise<boolean> {
    const expiry = new AbortController();
    const expired = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const error = new Error(`not stopped within ${deadlineMs} ms`);
      expiry.abort(error);
      expired.reject(error);
    }, deadlineMs);
    try {
      await Promise.race([stop(expiry.signal), expired.promise]);
      return true;
    } catch (error) {
      this.#logger.error({ error, stop: name }, "a part did not stop cleanly");
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
