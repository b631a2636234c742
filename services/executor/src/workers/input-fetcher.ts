/** Reads from settlement, many accounts per call, what neither the cache nor the results stream has brought. */
import { delay } from "@mira/primitives";
import type { Need } from "../domain/waiting-room.ts";
import type { Logger, SettledAccount, SettledAccounts } from "../ports.ts";

export type FetcherParts = {
  readonly settled: SettledAccounts;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onFound: (account: SettledAccount) => void;
};

/** Settlement takes no more per call. */
export const READ_KEYS_MAX = 4_096;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2_000;

export class InputFetcher {
  readonly #parts: FetcherParts;
  #keys = new Set<string>();
  #reading: Promise<void> | undefined;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
  }

  /** What is asked for while a read is under way goes with the next. */
  request(needs: readonly Need[]): void {
    for (const need of needs) this.#keys.add(need.key);
    if (this.#keys.size > 0) this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    await Promise.resolve();
    let failures = 0;
    while (this.#keys.size > 0 && !this.#parts.signal.aborted) {
      const keys = [...this.#keys].slice(0, READ_KEYS_MAX);
      for (const key of keys) this.#keys.delete(key);
      failures = (await this.#readOnce(keys)) ? 0 : failures + 1;
      if (failures > 0) await delay(computeRetryMs(failures), this.#parts.signal);
    }
    this.#reading = undefined;
  }

  async #readOnce(keys: readonly string[]): Promise<boolean> {
    const { settled, logger, signal, onFound } = this.#parts;
    try {
      for (const account of await settled.read(keys, signal)) onFound(account);
      return true;
    } catch (error) {
      for (const key of keys) this.#keys.add(key);
      if (!signal.aborted)
        logger.warn({ keys: keys.length, reason: String(error) }, "settlement gives no accounts");
      return false;
    }
  }
}

function computeRetryMs(failures: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
}
