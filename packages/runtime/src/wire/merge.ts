/** Joins the results of a batch's partitions: all receipts in order, and the last write of each account. */
import type { ReceiptsView } from "./receipts.ts";
import { rowsOf, type ViewRow } from "./view-row.ts";
import type { WritesView } from "./writes.ts";

/** Every receipt of a batch's partitions in sequence order. Doubled numbers stay: the decoder of the result refuses them. */
export function mergeReceipts(views: readonly ReceiptsView[]): ViewRow<ReceiptsView>[] {
  const rows = views.flatMap((view) =>
    rowsOf(view).map((row) => ({ ...row, sequence: view.sequence(row.index) })),
  );
  return rows.sort((left, right) => left.sequence - right.sequence);
}

/** The last write of every account by version, sorted by key. */
export function mergeWrites(views: readonly WritesView[]): ViewRow<WritesView>[] {
  const last = new Map<string, { view: WritesView; index: number; version: number }>();
  for (const view of views)
    for (let index = 0; index < view.count; index++) {
      const key = view.key(index);
      const version = view.version(index);
      const known = last.get(key);
      if (known === undefined || known.version < version) last.set(key, { view, index, version });
    }
  return [...last].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}
