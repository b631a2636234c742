/** The bare VM: LiteSVM's raw class in this process, signature check on, one core, on the very transactions that the cluster gets. */
import { setImmediate as yieldToLoop } from "node:timers/promises";
import { Account, FailedTransactionMetadata, LiteSvm } from "litesvm/dist/internal.js";
import type { KeyPair } from "@mira/primitives";
import { SYSTEM_PROGRAM } from "@mira/runtime/fixtures";
import { START_LAMPORTS } from "./accounts.ts";

export type SvmAccount = {
  readonly key: Uint8Array;
  readonly lamports: bigint;
  readonly owner: Uint8Array;
  readonly data: Uint8Array;
};

export type RawMeasurement = {
  readonly tps: number;
  /** CPU per transaction: says, beside `tps`, whether the core was its own. */
  readonly cpuUs: number;
  readonly failed: number;
  readonly computeUnits: number;
};

export type RawVm = { readonly measure: (transactions: readonly Buffer[]) => Promise<RawMeasurement> };

/** N-API objects are released between turns of the event loop only. */
const YIELD_EVERY = 500;

export function createRawVm(accounts: readonly KeyPair[], prepared: readonly SvmAccount[]): RawVm {
  const svm = new LiteSvm();
  svm.setSigverify(true);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  for (const { publicKey } of accounts)
    svm.setAccount(publicKey, new Account(START_LAMPORTS, new Uint8Array(), SYSTEM_PROGRAM, false, 0n));
  for (const { key, lamports, owner, data } of prepared)
    svm.setAccount(key, new Account(lamports, data, owner, false, 0n));
  return { measure: (transactions) => measure(svm, transactions) };
}

async function measure(svm: LiteSvm, transactions: readonly Buffer[]): Promise<RawMeasurement> {
  let failed = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (let start = 0; start < transactions.length; start += YIELD_EVERY) {
    for (const wire of transactions.slice(start, start + YIELD_EVERY))
      if (svm.sendLegacyTransaction(wire) instanceof FailedTransactionMetadata) failed += 1;
    await yieldToLoop();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuUs = (user + system) / transactions.length;
  return { tps: transactions.length / seconds, cpuUs, failed, computeUnits: readUnits(svm, transactions[0]) };
}

/** Compute units of one of them, simulated: the same for all of a workload. */
function readUnits(svm: LiteSvm, wire: Buffer | undefined): number {
  if (wire === undefined) return 0;
  const answer = svm.simulateLegacyTransaction(wire);
  const meta = answer.meta();
  return Number(meta.computeUnitsConsumed());
}
