/** Packs what is settled: the two roots, the result hash, and the bytes that become the event. */
import { computeRootPacked } from "@mira/merkle";
import { invariant, type Lamports, type UnixMs } from "@mira/primitives";
import {
  computeBatchResultHash,
  encodeSettledBatch,
  hashReceiptLeaves,
  hashWriteLeaves,
  type PartitionResult,
  type ReceiptsView,
  type SettledBatchHeader,
  type ViewRow,
  type WritesView,
} from "@mira/runtime/wire";
import type { BatchFacts, ResultFacts } from "../domain/facts.ts";
import { mergeWrites, type FinalWrites } from "../domain/merge-writes.ts";

export type SettledResult = { readonly facts: ResultFacts; readonly packed: PartitionResult };

export type PackedSettlement = { readonly bytes: Uint8Array; readonly final: FinalWrites };

export function packSettled(
  batch: BatchFacts,
  results: readonly SettledResult[],
  settled: { readonly at: UnixMs; readonly feesLamports: bigint },
): PackedSettlement {
  const receipts = orderReceipts(batch, results);
  const final = mergeWrites(
    batch,
    results.map(({ facts }) => facts),
  );
  const writes = orderWrites(final, results);
  const header: SettledBatchHeader = {
    batchNumber: batch.batchNumber,
    firstSequence: batch.firstSequence,
    batchHash: batch.batchHash,
    executedAt: Math.max(...results.map(({ facts }) => facts.executedAt)) as UnixMs,
    settledAt: settled.at,
    receiptsRoot: computeRootPacked(hashReceiptLeaves(receipts)),
    writesRoot: computeRootPacked(hashWriteLeaves(writes)),
    resultHash: computeBatchResultHash(receipts, writes),
    fees: settled.feesLamports as Lamports,
  };
  const executors = results.map(({ facts }) => facts.executorKey);
  return { final, bytes: encodeSettledBatch(header, { receipts, writes, executors }) };
}

function orderReceipts(batch: BatchFacts, results: readonly SettledResult[]): Array<ViewRow<ReceiptsView>> {
  const rows = new Array<ViewRow<ReceiptsView> | undefined>(batch.count).fill(undefined);
  for (const { facts, packed } of results)
    for (let index = 0; index < facts.sequences.length; index++)
      rows[(facts.sequences[index] ?? 0) - batch.firstSequence] = { view: packed.receipts, index };
  return rows.map((row, place) => {
    invariant(row !== undefined, () => `transaction ${place} of batch ${batch.batchNumber} has no receipt`);
    return row;
  });
}

function orderWrites(final: FinalWrites, results: readonly SettledResult[]): Array<ViewRow<WritesView>> {
  const rows: Array<ViewRow<WritesView>> = [];
  for (let at = 0; at < final.write.length; at++) {
    const result = results[final.result[at] ?? 0];
    invariant(result !== undefined, "a final write belongs to a result");
    rows.push({ view: result.packed.writes, index: final.write[at] ?? 0 });
  }
  return rows;
}
