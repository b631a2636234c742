/** Writes finalized batches into the row-per-account table, many at once, each account once. */
import { delay } from "@mira/primitives";
import { detachValue, type AccountRow } from "../codec/account-record.ts";
import type { Ledger } from "../memory/ledger.ts";
import type { RecentBatch } from "../memory/recent-batches.ts";
import type { Logger } from "../ports.ts";

const POLL_MS = 200;
/** One flush holds at most this many batches' writes in memory twice. */
const FLUSH_BATCHES_MAX = 256;

export type ProjectOptions = { readonly flushEveryMs: number; readonly flushAccounts: number };

export type ProjectParts = {
  readonly ledger: Ledger;
  /** Upserts the rows and moves the cursor to `batches`, in one transaction. */
  readonly write: (rows: readonly AccountRow[], batches: number) => Promise<void>;
  readonly options: ProjectOptions;
  readonly logger: Logger;
};

export async function runProjection(parts: ProjectParts, signal: AbortSignal): Promise<void> {
  let flushedAt = performance.now();
  while (await delay(POLL_MS, signal)) {
    const due = performance.now() - flushedAt >= parts.options.flushEveryMs;
    if (!due && countDirty(parts.ledger) < parts.options.flushAccounts) continue;
    await flush(parts);
    flushedAt = performance.now();
  }
  await flush(parts);
}

/** Upper bound: writes of finalized batches that are not projected. */
function countDirty({ recent, projectedBatches, progress }: Ledger): number {
  let count = 0;
  for (let batch = projectedBatches; batch < progress.counts.finalizedBatches; batch++)
    count += recent.get(batch)?.packed.writes.count ?? 0;
  return count;
}

/** Says how many batches were projected. */
export async function flush({ ledger, write }: ProjectParts): Promise<number> {
  const from = ledger.projectedBatches;
  const to = Math.min(ledger.progress.counts.finalizedBatches, from + FLUSH_BATCHES_MAX);
  if (to <= from) return 0;
  const batches = listBatches(ledger, from, to);
  await write(coalesce(batches), to);
  ledger.projectedBatches = to;
  for (const { packed } of batches)
    for (let index = 0; index < packed.writes.count; index++) {
      const key = { bytes: packed.writes.bytes, offset: packed.writes.start(index) };
      ledger.accounts.unpin(key, to - 1, detachValue);
    }
  ledger.recent.trim(to);
  return to - from;
}

function listBatches({ recent }: Ledger, from: number, to: number): RecentBatch[] {
  const batches: RecentBatch[] = [];
  for (let batch = from; batch < to; batch++) {
    const found = recent.get(batch);
    if (found !== undefined) batches.push(found);
  }
  return batches;
}

/** The newest write of each account. */
export function coalesce(batches: readonly RecentBatch[]): AccountRow[] {
  const rows = new Map<string, AccountRow>();
  for (const { packed } of batches) {
    const { writes } = packed;
    for (let index = 0; index < writes.count; index++) {
      const start = writes.start(index);
      rows.set(writes.key(index), {
        key: writes.bytes.subarray(start, start + 32),
        version: writes.version(index),
        value: writes.value(index),
      });
    }
  }
  return [...rows.values()];
}
