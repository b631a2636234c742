/** One slice of a workload as fast as the network takes it, from the first submission until all of it is finalized. */
import { parseSequenceNumber } from "@mira/primitives";
import type { Cluster } from "./cluster.ts";
import type { Sending } from "./generator.ts";
import type { LedgerOptions } from "./options.ts";
import { computeForeignShare, perTransaction, readCpu, readMachineCpu } from "./process-cpu.ts";
import { computeRate } from "./slice-rate.ts";
import type { Workload } from "./workload.ts";

const SLICE_TRANSACTIONS_MAX = 60_000;
export const SLICE_DEADLINE_MS = 60_000;
const RECEIPTS_LOOKED_AT = 10;

export type SaturatedSlice = {
  readonly settled: number;
  readonly finalized: number;
  readonly transactions: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly foreign: number;
  readonly batchSize: number;
  readonly sending: Sending;
  readonly failedReceipts: number;
};

export async function runSaturated(
  cluster: Cluster,
  transactions: readonly Buffer[],
  {
    callSize,
    inFlight,
    challengeWindowMs,
  }: Pick<LedgerOptions, "callSize" | "inFlight" | "challengeWindowMs">,
): Promise<SaturatedSlice> {
  const { generator, progress, processes } = cluster;
  const signal = AbortSignal.timeout(SLICE_DEADLINE_MS);
  progress.forget();
  const read = () => ({ machine: readMachineCpu(), own: readCpu(processes()) });
  const before = read();
  const batchesBefore = progress.settledBatches();
  const startedAt = performance.now();
  const sending = await generator.saturate(transactions, { callSize, inFlight, signal });
  await progress.waitFor("settled", sending.endSequence, signal);
  await progress.waitFor("finalized", sending.endSequence, signal);
  const after = read();
  const batchSize = transactions.length / (progress.settledBatches() - batchesBefore);
  const cpu = perTransaction(before.own, after.own, transactions.length);
  const foreign = computeForeignShare(before, after);
  if (sending.endSequence === 0) throw new Error(`nothing was taken: ${JSON.stringify(sending.refused)}`);
  const slice = { ...sending, startedAt };
  const settled = computeRate(slice, progress.timeline("settled"));
  const finalized = computeRate(
    slice,
    progress.timeline("settled"),
    progress.timeline("finalized"),
    challengeWindowMs,
  );
  const failedReceipts = await countFailed(cluster, sending);
  return {
    settled,
    finalized,
    transactions: transactions.length,
    cpu,
    foreign,
    batchSize,
    sending,
    failedReceipts,
  };
}

async function countFailed({ localnet }: Cluster, { sent }: Sending): Promise<number> {
  const step = Math.max(1, Math.floor(sent.length / RECEIPTS_LOOKED_AT));
  let failed = 0;
  for (let index = 0; index < sent.length; index += step) {
    const receipt = await localnet.client.ledger.getReceipt(parseSequenceNumber(sent[index]?.first ?? 0));
    if (!receipt.ok || !receipt.value.succeeded) failed += 1;
  }
  return failed;
}

/** Signed now, so that the blockhash lasts for the slice. */
export async function createSlice(cluster: Cluster, workload: Workload, count: number): Promise<Buffer[]> {
  const bounded = Math.max(100, Math.min(SLICE_TRANSACTIONS_MAX, Math.round(count)));
  return workload.create(bounded, await cluster.getBlockhash());
}
