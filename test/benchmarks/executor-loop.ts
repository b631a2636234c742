/**
 * What one SOL transfer costs an executor, from a partition's bytes to a signed result's: decode, inputs from the cache, VM, extraction,
 * receipts, encoding, signature, the cache again. NATS is left out. Beside it the bare VM: litesvm sending the same bytes, signatures off.
 */
import { setImmediate } from "node:timers/promises";
import { LiteSvm, Account } from "litesvm/dist/internal.js";
import { createKeyPair, parseLamports, parseUnixMs } from "../../packages/primitives/src/index.ts";
import { encodeTransaction, fixtureKey, transfer } from "../../packages/runtime/fixtures/index.ts";
import { createSvmRuntime } from "../../packages/runtime/src/index.ts";
import { decodePartition, type AccountValue } from "../../packages/runtime/src/wire/index.ts";
import { VersionCache } from "../../services/executor/src/domain/version-cache.ts";
import { PartitionRunner } from "../../services/executor/src/workers/partition-runner.ts";
import { InputFetcher } from "../../services/executor/src/workers/input-fetcher.ts";
import { PartitionExecution } from "../../services/executor/src/workers/partition-execution.ts";
import { ResultPublisher } from "../../services/executor/src/workers/result-publisher.ts";
import { createTrial } from "../../services/executor/src/workers/trial.ts";
import type { WorkMessage } from "../../services/executor/src/ports.ts";
import { Sealing } from "../../services/executor/test/sealing.ts";

const PARTITION_SIZES = [64, 256] as const;
const TRANSACTIONS = 30_000;
const ROUNDS = 5;
/** Partitions that are pulled ahead; what is further behind is settled. */
const HELD = 64;
const BUDGET_US = [21, 27] as const;
const OWNER = new Uint8Array(32);
const RENT_EPOCH = 2n ** 64n - 1n;

export type ExecutorLoopReport = {
  readonly benchmark: "executor-loop";
  readonly budgetUs: readonly [number, number];
  /** CPU microseconds of the main thread per transfer; medians of rounds that alternate with the bare VM's. */
  readonly rows: readonly {
    readonly partition: number;
    readonly executorUs: number;
    readonly bareVmUs: number;
    /** Bare VM / executor: how much of the VM's speed is left. */
    readonly share: number;
  }[];
};

export async function run(): Promise<ExecutorLoopReport> {
  const rows = [];
  for (const partition of PARTITION_SIZES) {
    const executor: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const work = createWork(partition);
      const [executorUs, bareUs] = [await measureExecutor(work), await measureBareVm(work)];
      if (round === 0) continue; // cold code
      executor.push(executorUs);
      bare.push(bareUs);
    }
    const [executorUs, bareVmUs] = [median(executor), median(bare)];
    rows.push({ partition, executorUs, bareVmUs, share: round2(bareVmUs / executorUs) });
  }
  return { benchmark: "executor-loop", budgetUs: BUDGET_US, rows };
}

type Work = {
  readonly partitions: readonly Uint8Array[];
  readonly transactions: number;
  readonly keys: readonly Uint8Array[];
};

const runtime = createSvmRuntime();

/** Distinct payers within a partition, each account used again by later partitions: inputs come from earlier results. */
function createWork(size: number): Work {
  const keys = Array.from({ length: size * 16 }, (_, index) => fixtureKey(`account ${index}`));
  const sealing = new Sealing(runtime, new Map());
  const partitions: Uint8Array[] = [];
  const key = (index: number): Uint8Array => keys[index % keys.length] ?? OWNER;
  for (let start = 0; start < TRANSACTIONS; start += size) {
    const records = Array.from({ length: size }, (_, index) => {
      const [from, to] = [key((start + index) * 2), key((start + index) * 2 + 1)];
      return { wire: encodeTransaction({ payer: from, instructions: [transfer(from, to, 1_000n)] }) };
    });
    partitions.push(...sealing.seal(records, size).partitions);
  }
  return { partitions, transactions: partitions.length * size, keys };
}

/** The executor's own parts, from the message to the answer; settlement answers at once, the stream takes everything at once. */
async function measureExecutor({ partitions, transactions }: Work): Promise<number> {
  const done = Promise.withResolvers<undefined>();
  const cache = new VersionCache<AccountValue>({ accountsMax: 200_000 });
  const runner = createRunner(cache);
  let answered = 0;
  const before = process.threadCpuUsage();
  for (const [sequence, payload] of partitions.entries()) {
    runner.accept(
      createMessage(payload, sequence, () => {
        if (++answered === partitions.length) done.resolve(undefined);
      }),
    );
    while (sequence - answered > HELD) await setImmediate();
    cache.settle((sequence - HELD) * (transactions / partitions.length));
  }
  await done.promise;
  return usedUs(before) / transactions;
}

function createRunner(cache: VersionCache<AccountValue>): PartitionRunner {
  const logger = { info: ignore, warn: console.warn, error: console.error };
  const { signal } = new AbortController();
  const clock = { now: () => parseUnixMs(Date.now()) };
  const identity = createKeyPair();
  const publisher = new ResultPublisher({ results: { publish: () => Promise.resolve() }, logger });
  const fetcher = new InputFetcher({
    settled: {
      read: (keys) => Promise.resolve(keys.map((key) => ({ key, version: 0, value: createAccount() }))),
    },
    logger,
    signal,
    onFound: (account) => runner.supplySettled(account),
  });
  const execution = new PartitionExecution({
    runtime,
    trial: createTrial(),
    publisher,
    identity,
    compareEvery: 1_000_000,
    telemetry: {
      tracePartition: (_header, work) => work({}),
      countExecuted: ignore,
      countReexecuted: ignore,
    },
    clock,
    logger,
    signal,
    onDivergence: ignore,
  });
  const runner = new PartitionRunner({
    execution,
    cache,
    fetcher,
    watermarks: [],
    progress: () => ({ settledBatches: 0, settledSequence: 0, finalizedBatches: 0 }),
    executorId: identity.publicKey,
    runtimeId: runtime.runtimeId,
    heldMax: 2 * HELD,
    clock,
    logger,
    signal,
    onStuck: ignore,
  });
  return runner;
}

function createMessage(payload: Uint8Array, sequence: number, onAnswered: () => void): WorkMessage {
  return {
    payload,
    headers: {},
    deliveryCount: 1,
    sequence,
    publishedAt: parseUnixMs(0),
    ack: onAnswered,
    nak: () => {
      throw new Error("a partition was given back");
    },
    park: () => Promise.reject(new Error("a partition was parked")),
  };
}

/** Accounts are put in once, beforehand: the loop is nothing but sends. */
async function measureBareVm({ partitions, transactions, keys }: Work): Promise<number> {
  const vm = new LiteSvm();
  vm.setSigverify(false);
  vm.setBlockhashCheck(false);
  vm.setTransactionHistory(0n);
  const account = new Account(createAccount().lamports, new Uint8Array(0), OWNER, false, RENT_EPOCH);
  for (const key of keys) vm.setAccount(key, account);
  const wires = partitions.map((bytes) => {
    const { transactions: view } = decodePartition(bytes);
    return Array.from({ length: view.count }, (_, index) => view.wire(index));
  });
  const before = process.threadCpuUsage();
  for (const partition of wires) {
    for (const wire of partition) vm.sendVersionedTransaction(wire);
    await setImmediate();
  }
  return usedUs(before) / transactions;
}

function createAccount(): AccountValue {
  return {
    lamports: parseLamports(10n ** 12n),
    owner: OWNER,
    executable: false,
    rentEpoch: RENT_EPOCH,
    data: new Uint8Array(0),
  };
}

function usedUs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return round2(sorted[sorted.length >> 1] ?? 0);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

function ignore(): void {
  // nothing to tell
}

if (import.meta.main)
  console.log(JSON.stringify(await run(), undefined, process.argv.includes("--json") ? 0 : 2));
