/** Reads accounts from settlement, many in one call: what is asked for within one turn of the event loop goes out together. */
import { refuse, RefusalError } from "@mira/primitives";
import { accountKeyBytes } from "@mira/runtime/wire";
import type { SettledAccount, Settlement } from "../ports.ts";

/** As settlement's contract has it. */
const KEYS_PER_READ_MAX = 4_096;
const RETRY_AFTER_MS = 50;

export type AccountAnswer = { readonly account: SettledAccount; readonly settledBatches: number };
type Waiting = {
  readonly resolve: (answer: AccountAnswer) => void;
  readonly reject: (error: unknown) => void;
};

export type AccountReaderOptions = {
  readonly settlement: Pick<Settlement, "readAccounts">;
  readonly withData: boolean;
  /** Keys waiting or being read; past it a read is refused, so that unknown accounts cannot pile up. */
  readonly keysMax: number;
};

export class AccountReader {
  readonly #options: AccountReaderOptions;
  #waiting = new Map<string, Waiting[]>();
  #pending = 0;
  #isDue = false;

  constructor(options: AccountReaderOptions) {
    this.#options = options;
  }

  /** Rejects with OVERLOADED when too much is being read, and with what the call to settlement threw. */
  read(key: string): Promise<AccountAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<AccountAnswer>();
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.push({ resolve, reject });
      return promise;
    }
    if (this.#pending >= this.#options.keysMax)
      reject(new RefusalError(refuseOverloaded(this.#options.keysMax)));
    else {
      this.#pending++;
      this.#waiting.set(key, [{ resolve, reject }]);
      this.#sendSoon();
    }
    return promise;
  }

  #sendSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      const entries = [...this.#waiting];
      this.#waiting = new Map();
      for (let start = 0; start < entries.length; start += KEYS_PER_READ_MAX)
        void this.#send(entries.slice(start, start + KEYS_PER_READ_MAX));
    });
  }

  async #send(entries: readonly (readonly [string, Waiting[]])[]): Promise<void> {
    try {
      const keys = entries.map(([key]) => accountKeyBytes(key));
      const { settlement, withData } = this.#options;
      const { accounts, settledBatches } = await settlement.readAccounts(keys, { withData });
      entries.forEach(([, waiting], index) => {
        const account = accounts[index];
        for (const { resolve, reject } of waiting)
          if (account === undefined) reject(new Error("settlement answered fewer accounts than asked for"));
          else resolve({ account, settledBatches });
      });
    } catch (error) {
      for (const [, waiting] of entries) for (const { reject } of waiting) reject(error);
    } finally {
      this.#pending -= entries.length;
    }
  }
}

function refuseOverloaded(limit: number) {
  return refuse("OVERLOADED", "There are too many accounts being read.", {
    what: "account reads",
    limit,
    retryAfterMs: RETRY_AFTER_MS,
  });
}
