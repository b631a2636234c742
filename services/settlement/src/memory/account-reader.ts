/** Reads accounts as of the newest settled batch: from memory, the rest from the projection in one set-based read. */
import type { AccountValue } from "@mira/runtime/wire";
import { toEntry } from "../codec/account-record.ts";
import { ABSENT } from "../domain/key-table.ts";
import type { AccountSource } from "../ports.ts";
import type { Ledger } from "./ledger.ts";

export type ReadAccount = { readonly version: number; readonly value: AccountValue | undefined };
export type AccountsRead = {
  /** In the order of the keys. */
  readonly accounts: readonly ReadAccount[];
  /** Number of settled batches whose effects the values hold. */
  readonly settledBatches: number;
};

const NEVER_WRITTEN: ReadAccount = { version: 0, value: undefined };

export class AccountReader {
  readonly #ledger: Ledger;
  readonly #source: AccountSource;

  constructor(ledger: Ledger, source: AccountSource) {
    this.#ledger = ledger;
    this.#source = source;
  }

  async read(keys: readonly Uint8Array[]): Promise<AccountsRead> {
    for (;;) {
      await loadAccounts(this.#ledger, this.#source, keys);
      // Nothing waits between here and the return, so every value is as of one batch.
      const answer = this.#answer(keys);
      if (answer !== undefined) return answer;
    }
  }

  #answer(keys: readonly Uint8Array[]): AccountsRead | undefined {
    const { accounts: table, progress } = this.#ledger;
    const accounts: ReadAccount[] = [];
    for (const key of keys) {
      const at = table.find(key);
      if (at === ABSENT) return undefined;
      const version = table.version(at);
      accounts.push(
        version === 0 && table.value(at) === undefined ? NEVER_WRITTEN : { version, value: table.value(at) },
      );
    }
    return { accounts, settledBatches: progress.counts.settledBatches };
  }
}

/**
 * Brings accounts that memory lacks into it; what the projection lacks was never written. A projection that moved meanwhile may
 * have made the rows old: they are read again.
 */
export async function loadAccounts(
  ledger: Ledger,
  source: AccountSource,
  keys: readonly Uint8Array[],
): Promise<void> {
  for (;;) {
    const missing = keys.filter((key) => ledger.accounts.find(key) === ABSENT);
    if (missing.length === 0) return;
    const projected = ledger.projectedBatches;
    const rows = await source.read(missing);
    if (ledger.projectedBatches !== projected) continue;
    const found = new Set(rows.map(({ key }) => toName(key)));
    for (const row of rows) ledger.accounts.putCached(toEntry(row));
    for (const key of missing)
      if (!found.has(toName(key)))
        ledger.accounts.putCached(toEntry({ key: Uint8Array.from(key), version: 0, value: undefined }));
    return;
  }
}

function toName(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
