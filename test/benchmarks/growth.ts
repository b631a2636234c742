/**
 * Throughput, memory, disk and time to restart as the ledger grows: with more accounts from the start, and after many settled
 * transactions. `npm run bench -- growth [--json] [--full] [--accounts 10000,100000,1000000] [--transactions 1000000] [--minutes 12]`. By
 * itself it is short; `--full` is a million of each. The minutes bound the transactions of the long part; the answer says what was really run.
 */
import { parseArgs } from "node:util";
import { encodeUtf8, sha256, type KeyPair } from "@mira/primitives";
import { seededRandom } from "@mira/testing";
import { readDiskMb } from "./growth/disk.ts";
import { readMemory } from "./growth/memory.ts";
import { measureRestarts } from "./growth/restart.ts";
import { createBenchAccounts, fund } from "./ledger/accounts.ts";
import { startCluster, type Cluster } from "./ledger/cluster.ts";
import { describeEnvironment } from "./ledger/environment.ts";
import { createSlice, runSaturated } from "./ledger/saturated-slice.ts";
import { computeMedian, round } from "./ledger/statistics.ts";
import { createSpreadWorkload } from "./ledger/transfers.ts";
import type { Workload } from "./ledger/workload.ts";

const PAYERS = 10_000;
const WARM_UP_TRANSACTIONS = 5_000;
const SLICE_TRANSACTIONS = 10_000;
const SLICES = 3;
/** Few enough that a slice ends in time on a busy machine. */
const LONG_SLICE_TRANSACTIONS = 25_000;
const QUICK = { accounts: "10000,100000", transactions: "50000", minutes: "3" };
const FULL = { accounts: "10000,100000,1000000", transactions: "1000000", minutes: "12" };
const RESTARTED = ["settlement", "sequencer", "executor-1", "re-executor"];
const RESTART_DEADLINE_MS = 300_000;
const LOAD = { callSize: 500, inFlight: 12, challengeWindowMs: 500 };

type Options = {
  /** Each in a network of its own, smallest first. */
  readonly accounts: readonly number[];
  /** Settled in the first network after it was measured fresh. */
  readonly transactions: number;
  /** After which no more are settled. */
  readonly minutes: number;
};

export type GrowthRow = {
  readonly accounts: number;
  readonly settled_transactions: number;
  /** Of the whole network, from nothing; writing the genesis is in it. */
  readonly ready_ms: number;
  readonly restart_ms: Readonly<Record<string, number>>;
  readonly settled_tps: number;
  readonly finalized_tps: number;
  readonly slices: readonly number[];
  readonly foreign_cpu_share: number;
  readonly memory_mb: Readonly<Record<string, number>>;
  /** Of what was restarted, after it. */
  readonly memory_restarted_mb: Readonly<Record<string, number>>;
  readonly disk_mb: Readonly<Record<string, number>>;
};

export async function run({ args = [] }: { readonly args?: readonly string[] }): Promise<object> {
  const options = readOptions(args);
  const rows: GrowthRow[] = [];
  let environment = {};
  for (const [index, accounts] of options.accounts.entries()) {
    const cluster = await startGrown(accounts);
    try {
      environment = await describeEnvironment(
        cluster.localnet.postgres.superuserUrl,
        cluster.localnet.natsServer,
      );
      rows.push(...(await measureGrown(cluster, accounts, { ...options, isLong: index === 0 })));
    } finally {
      await cluster.stop();
    }
  }
  return { benchmark: "growth", really_run: options, ...environment, rows };
}

const payers: readonly KeyPair[] = createBenchAccounts(PAYERS);

/** Others than the payers have no key: nobody signs for them. */
function createKeys(count: number): Uint8Array[] {
  return Array.from(
    { length: count },
    (_, index) => payers[index]?.publicKey ?? sha256(encodeUtf8(`mira-benchmark:account:${index}`)),
  );
}

function startGrown(accounts: number): Promise<Cluster> {
  return startCluster(
    {
      executors: 1,
      challengeWindowMs: LOAD.challengeWindowMs,
      lingerMs: undefined,
      batchMax: undefined,
      profileDir: undefined,
    },
    fund(createKeys(accounts)),
  );
}

async function measureGrown(
  cluster: Cluster,
  accounts: number,
  { transactions, minutes, isLong }: Options & { readonly isLong: boolean },
): Promise<GrowthRow[]> {
  const random = seededRandom(1);
  const workload = createSpreadWorkload(payers.slice(0, accounts), createKeys(accounts), () => random.next());
  let settled = await submit(cluster, workload, WARM_UP_TRANSACTIONS);
  const rows: GrowthRow[] = [];
  const measure = async (): Promise<void> => {
    const row = await measureNow(cluster, workload, { accounts, settled });
    settled += SLICES * SLICE_TRANSACTIONS;
    process.stderr.write(`${JSON.stringify(row)}\n`);
    rows.push(row);
  };
  await measure();
  if (!isLong || transactions <= settled) return rows;
  const until = performance.now() + minutes * 60_000;
  while (settled < transactions && performance.now() < until)
    settled += await submit(cluster, workload, Math.min(LONG_SLICE_TRANSACTIONS, transactions - settled));
  await measure();
  return rows;
}

async function submit(cluster: Cluster, workload: Workload, count: number): Promise<number> {
  return (await runSaturated(cluster, await createSlice(cluster, workload, count), LOAD)).transactions;
}

async function measureNow(
  cluster: Cluster,
  workload: Workload,
  { accounts, settled }: { readonly accounts: number; readonly settled: number },
): Promise<GrowthRow> {
  const slices: Awaited<ReturnType<typeof runSaturated>>[] = [];
  for (let slice = 0; slice < SLICES; slice += 1)
    slices.push(await runSaturated(cluster, await createSlice(cluster, workload, SLICE_TRANSACTIONS), LOAD));
  const memory = await readMemory(cluster.processes());
  return {
    accounts,
    settled_transactions: settled,
    ready_ms: cluster.localnet.readyMs,
    settled_tps: round(computeMedian(slices.map((slice) => slice.settled))),
    finalized_tps: round(computeMedian(slices.map((slice) => slice.finalized))),
    slices: slices.map((slice) => round(slice.settled)),
    foreign_cpu_share: round(computeMedian(slices.map(({ foreign }) => foreign)), 2),
    memory_mb: memory,
    disk_mb: await readDiskMb(cluster.localnet),
    restart_ms: await measureRestarts(cluster.localnet, RESTARTED, RESTART_DEADLINE_MS),
    memory_restarted_mb: await readMemory(cluster.processes().filter(({ name }) => RESTARTED.includes(name))),
  };
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: "boolean", default: false },
      accounts: { type: "string" },
      transactions: { type: "string" },
      minutes: { type: "string" },
    },
  });
  const defaults = values.full ? FULL : QUICK;
  const accounts = (values.accounts ?? defaults.accounts).split(",").map(Number);
  const transactions = Number(values.transactions ?? defaults.transactions);
  const minutes = Number(values.minutes ?? defaults.minutes);
  if (!accounts.every((count) => Number.isSafeInteger(count) && count >= 2))
    throw new RangeError("--accounts is a list of counts");
  if (!(transactions >= 0 && minutes >= 0))
    throw new RangeError("--transactions is a count, --minutes a time");
  return { accounts: accounts.toSorted((left, right) => left - right), transactions, minutes };
}
