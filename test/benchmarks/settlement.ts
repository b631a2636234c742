/** CPU that settlement spends per SOL transfer: from the bytes of a sealed batch and its results to the committed event. */
import { cpuUsage } from "node:process";
import { createKeyPair, type UnixMs } from "@mira/primitives";
import { accountKey, decodeSettledBatch, type AccountValue } from "@mira/runtime/wire";
import { listIdOffsets } from "../../services/settlement/src/codec/batch-facts.ts";
import { packSettled } from "../../services/settlement/src/codec/pack-settled.ts";
import { toEntry } from "../../services/settlement/src/codec/account-record.ts";
import { AccountTable } from "../../services/settlement/src/domain/account-table.ts";
import { judgeBatch } from "../../services/settlement/src/domain/judge-batch.ts";
import { packReceiptIndex } from "../../services/settlement/src/domain/receipt-index.ts";
import { Executors } from "../../services/settlement/src/memory/executors.ts";
import { applySettled, createLedger, type Ledger } from "../../services/settlement/src/memory/ledger.ts";
import { PendingBatches } from "../../services/settlement/src/memory/pending-batches.ts";
import { Progress } from "../../services/settlement/src/memory/progress.ts";
import { RecentBatches } from "../../services/settlement/src/memory/recent-batches.ts";
import { readPreState } from "../../services/settlement/src/workers/pre-state.ts";
import {
  SampleExecutor,
  SampleSequencer,
  sampleKey,
  type SealedSample,
} from "../../services/settlement/test/samples.ts";

const TRANSACTIONS = 1024;
const PARTITIONS = 8;
const BATCHES = 72;
const WARM_BATCHES = 24;
const ACCOUNTS = 20_000;
const FUNDS = 1_000_000_000n;

type Prepared = { readonly sealed: SealedSample; readonly results: readonly Uint8Array[] };
type Phases = Record<"hear" | "preState" | "judge" | "pack" | "index" | "apply", number>;

export async function run({ json }: { readonly json: boolean }): Promise<void> {
  const { ledger, batches } = prepare();
  const phases: Phases = { hear: 0, preState: 0, judge: 0, pack: 0, index: 0, apply: 0 };
  let before = cpuUsage();
  for (const [index, batch] of batches.entries()) {
    if (index === WARM_BATCHES) {
      before = cpuUsage();
      for (const phase of Object.keys(phases) as Array<keyof Phases>) phases[phase] = 0;
    }
    await settle(ledger, batch, phases);
  }
  const { user, system } = cpuUsage(before);
  const transactions = (BATCHES - WARM_BATCHES) * TRANSACTIONS;
  report({ cpuUs: (user + system) / transactions, phases, transactions }, json);
}

function prepare(): { ledger: Ledger; batches: Prepared[] } {
  const names = Array.from({ length: ACCOUNTS }, (_, index) => sampleKey(`account ${index}`));
  const executor = new SampleExecutor(new Map(names.map((key) => [accountKey(key), FUNDS])));
  const sequencer = new SampleSequencer();
  let nonce = 0;
  const pick = (): Uint8Array => names[(nonce * 7919 + 13) % ACCOUNTS] ?? sampleKey("");
  const batches = Array.from({ length: BATCHES }, () => {
    const transfers = Array.from({ length: TRANSACTIONS }, () => {
      nonce++;
      const from = pick();
      nonce++;
      return { from, to: pick(), lamports: 1000n, nonce };
    });
    const sealed = sequencer.seal(transfers);
    const per = TRANSACTIONS / PARTITIONS;
    const results = Array.from({ length: PARTITIONS }, (_, partition) => {
      const places = Array.from({ length: per }, (_place, at) => partition * per + at);
      return executor.encode(executor.execute(sealed, partition, places));
    });
    return { sealed, results };
  });
  return { ledger: createFundedLedger(executor, names), batches };
}

function createFundedLedger(executor: SampleExecutor, names: readonly Uint8Array[]): Ledger {
  const executors = new Executors({ execute: [executor.keyPair.publicKey], reexecute: [] });
  const accounts = new AccountTable<AccountValue>({ cachedMax: 200_000 });
  for (const key of names) {
    const value = {
      lamports: FUNDS,
      owner: new Uint8Array(32),
      executable: false,
      rentEpoch: 0n,
      data: new Uint8Array(0),
    };
    accounts.putCached(toEntry({ key, version: 0, value: value as AccountValue }));
  }
  return createLedger({
    accounts,
    executors,
    pending: new PendingBatches({
      executors,
      settlementKey: createKeyPair().publicKey,
      limits: { batchesMax: 64, aheadBytesMax: 1 << 26 },
      seed: 1,
    }),
    recent: new RecentBatches({ extra: 32 }),
    progress: new Progress({ waitersMax: 1 }),
  });
}

async function settle(ledger: Ledger, { sealed, results }: Prepared, phases: Phases): Promise<void> {
  let mark = performance.now();
  const lap = (phase: keyof Phases): void => {
    const now = performance.now();
    phases[phase] += now - mark;
    mark = now;
  };
  ledger.pending.hearSealed(sealed.bytes, sealed.batchNumber + 1, 0);
  for (const result of results) ledger.pending.hearResult(result, 1, 1 as UnixMs);
  const pending = ledger.pending.get(sealed.batchNumber);
  if (pending?.assembly.isComplete !== true) throw new Error("the batch is not complete");
  lap("hear");
  const { batch } = pending.assembly;
  const pre = await readPreState(batch, {
    staged: [],
    ledger,
    accounts: { read: () => Promise.resolve([]) },
  });
  lap("preState");
  const heard = pending.assembly.listResults();
  const facts = heard.map((result) => result.facts);
  const judgement = judgeBatch({ batch, pre, results: facts, isFrozen: () => false, outflowMax: undefined });
  if (judgement.refused.length > 0) throw new Error(JSON.stringify(judgement.refused[0]?.refusal));
  lap("judge");
  const settledResults = heard.map((result) => ({ facts: result.facts, packed: result.payload.packed }));
  const { bytes } = packSettled(batch, settledResults, {
    at: 1 as UnixMs,
    feesLamports: judgement.feesLamports,
  });
  const packed = decodeSettledBatch(bytes);
  lap("pack");
  const receiptIds = packReceiptIndex({
    bytes: pending.sealed.transactions.bytes,
    offsets: listIdOffsets(pending.sealed),
  });
  lap("index");
  applySettled(ledger, packed, receiptIds);
  ledger.pending.moveTo(sealed.batchNumber + 1);
  ledger.progress.advance({ settledBatches: sealed.batchNumber + 1 });
  lap("apply");
}

type Measured = { readonly cpuUs: number; readonly phases: Phases; readonly transactions: number };

function report({ cpuUs, phases, transactions }: Measured, json: boolean): void {
  const perTransaction = Object.fromEntries(
    Object.entries(phases).map(([phase, ms]) => [phase, Number(((ms * 1000) / transactions).toFixed(2))]),
  );
  const result = {
    benchmark: "settlement",
    cpuUsPerTransfer: Number(cpuUs.toFixed(2)),
    phasesUs: perTransaction,
  };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
}

if (import.meta.main) await run({ json: process.argv.includes("--json") });
