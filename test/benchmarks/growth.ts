/**
 * Throughput and memory of the services as the ledger grows: with more accounts from the start, and after many settled transactions.
 * `npm run bench -- growth --json [--accounts 10000,100000,1000000] [--transactions 1000000]`. The answer says what was really run.
 */
import { parseArgs } from "node:util";
import { encodeUtf8, sha256, type KeyPair } from "@mira/primitives";
import { seededRandom } from "@mira/testing";
import { createBenchAccounts, fund } from "./ledger/accounts.ts";
import { startCluster, type Cluster } from "./ledger/cluster.ts";
import { describeEnvironment } from "./ledger/environment.ts";
import { readMemoryMb } from "./ledger/process-cpu.ts";
import { createSlice, runSaturated } from "./ledger/saturated-slice.ts";
import { computeMedian, round } from "./ledger/statistics.ts";
import { createSpreadWorkload } from "./ledger/transfers.ts";
import type { Workload } from "./ledger/workload.ts";

const PAYERS = 10_000;
const WARM_UP_TRANSACTIONS = 5_000;
const SLICE_TRANSACTIONS = 10_000;
const SLICES = 3;
const LONG_SLICE_TRANSACTIONS = 50_000;
const LOAD = { callSize: 500, inFlight: 12, challengeWindowMs: 500 };

type Options = {
  /** Each in a network of its own, smallest first. */
  readonly accounts: readonly number[];
  /** Settled in the first network after it was measured fresh. */
  readonly transactions: number;
};

export type GrowthRow = {
  readonly accounts: number;
  readonly settled_transactions: number;
  readonly ready_ms: number;
  readonly settled_tps: number;
  readonly finalized_tps: number;
  readonly slices: readonly number[];
  readonly foreign_cpu_share: number;
  readonly memory_mb: Readonly<Record<string, number>>;
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
      rows.push(...(await measureGrown(cluster, accounts, index === 0 ? options.transactions : 0)));
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

async function measureGrown(cluster: Cluster, accounts: number, transactions: number): Promise<GrowthRow[]> {
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
  if (transactions === 0) return rows;
  while (settled < transactions)
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
  return {
    accounts,
    settled_transactions: settled,
    ready_ms: cluster.localnet.readyMs,
    settled_tps: round(computeMedian(slices.map((slice) => slice.settled))),
    finalized_tps: round(computeMedian(slices.map((slice) => slice.finalized))),
    slices: slices.map((slice) => round(slice.settled)),
    foreign_cpu_share: round(computeMedian(slices.map(({ foreign }) => foreign)), 2),
    memory_mb: Object.fromEntries(cluster.processes().map(({ name, pid }) => [name, readMemoryMb(pid)])),
  };
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      accounts: { type: "string", default: "10000,100000" },
      transactions: { type: "string", default: "100000" },
    },
  });
  const accounts = values.accounts.split(",").map(Number);
  const transactions = Number(values.transactions);
  if (!accounts.every((count) => Number.isSafeInteger(count) && count >= 2) || !(transactions >= 0))
    throw new RangeError("--accounts is a list of counts, --transactions a count");
  return { accounts: accounts.toSorted((left, right) => left - right), transactions };
}
