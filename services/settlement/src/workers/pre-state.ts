/** The state in front of a batch: from what the same commit settles before it, from memory, else from the projection at once. */
import type { AccountValue } from "@mira/runtime/wire";
import type { AccountTable } from "../domain/account-table.ts";
import type { BatchFacts, PreState, ResultFacts } from "../domain/facts.ts";
import { ABSENT, KEY_BYTES } from "../domain/key-table.ts";
import type { FinalWrites } from "../domain/merge-writes.ts";
import { loadAccounts } from "../memory/account-reader.ts";
import type { Ledger } from "../memory/ledger.ts";
import type { AccountSource } from "../ports.ts";

/** A batch that is judged but not committed: later batches of the same commit stand on it. */
export type Staged = {
  readonly facts: BatchFacts;
  readonly results: readonly ResultFacts[];
  readonly final: FinalWrites;
  /** By key number: position in `final` + 1; 0 when the batch does not write the account. */
  readonly finalOfKey: Int32Array;
};

export function stage(facts: BatchFacts, results: readonly ResultFacts[], final: FinalWrites): Staged {
  const finalOfKey = new Int32Array(facts.keys.limit);
  final.key.forEach((key, position) => (finalOfKey[key] = position + 1));
  return { facts, results, final, finalOfKey };
}

export async function readPreState(
  facts: BatchFacts,
  sources: { readonly staged: readonly Staged[]; readonly ledger: Ledger; readonly accounts: AccountSource },
): Promise<PreState> {
  const pre = {
    version: new Float64Array(facts.keys.limit),
    lamports: new Uint32Array(facts.keys.limit * 2),
  };
  for (let missing = listAll(facts); missing.length > 0;) {
    const still = missing.filter(
      (key) =>
        !fillStaged(pre, facts, key, sources.staged) && !fillKnown(pre, facts, key, sources.ledger.accounts),
    );
    if (still.length > 0)
      await loadAccounts(
        sources.ledger,
        sources.accounts,
        still.map((key) => facts.keys.key(key)),
      );
    missing = still;
  }
  return pre;
}

function listAll(facts: BatchFacts): number[] {
  return Array.from({ length: facts.keys.limit }, (_, key) => key);
}

/** The last staged batch that wrote the account. */
function fillStaged(pre: PreState, facts: BatchFacts, key: number, staged: readonly Staged[]): boolean {
  for (let at = staged.length - 1; at >= 0; at--) {
    const batch = staged[at];
    const there = batch?.facts.keys.find(facts.keys.packed, key * KEY_BYTES) ?? ABSENT;
    const position = there === ABSENT ? 0 : (batch?.finalOfKey[there] ?? 0);
    if (batch === undefined || position === 0) continue;
    const result = batch.results[batch.final.result[position - 1] ?? 0];
    const write = batch.final.write[position - 1] ?? 0;
    pre.version[key] = result?.writeVersion[write] ?? 0;
    pre.lamports[2 * key] = result?.writeLamports[2 * write] ?? 0;
    pre.lamports[2 * key + 1] = result?.writeLamports[2 * write + 1] ?? 0;
    return true;
  }
  return false;
}

function fillKnown(
  pre: PreState,
  facts: BatchFacts,
  key: number,
  table: AccountTable<AccountValue>,
): boolean {
  const at = table.find(facts.keys.packed, key * KEY_BYTES);
  if (at === ABSENT) return false;
  pre.version[key] = table.version(at);
  pre.lamports[2 * key] = table.low(at);
  pre.lamports[2 * key + 1] = table.high(at);
  return true;
}
