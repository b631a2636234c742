/**
 * Settled transactions per second of a whole network on this machine, beside the bare VM on the same transactions and beside peers, in
 * one run. `npm run bench -- ledger --json [--quick] [--workloads sol,spl,hot,zipf3] [--heavy] [--executors 2] [--no-peers]`.
 */
import type { KeyPair } from "@mira/primitives";
import { seededRandom } from "@mira/testing";
import { createBenchAccounts, fund } from "./ledger/accounts.ts";
import { startCluster, type Cluster } from "./ledger/cluster.ts";
import { createWorkload } from "./ledger/create-workload.ts";
import { describeEnvironment } from "./ledger/environment.ts";
import { measureScaleOut } from "./ledger/heavy.ts";
import { measureWorkload, type WorkloadRow } from "./ledger/measure-workload.ts";
import { readLedgerOptions, type LedgerOptions } from "./ledger/options.ts";
import { measureAnvil } from "./ledger/peers/anvil.ts";
import { measureBankrun } from "./ledger/peers/bankrun.ts";
import { measureDoubleEntry } from "./ledger/peers/double-entry.ts";
import type { PeerResult } from "./ledger/peers/peer.ts";
import { round } from "./ledger/statistics.ts";

export async function run({ args = [] }: { readonly args?: readonly string[] }): Promise<object> {
  const options = readLedgerOptions(args);
  const accounts = createBenchAccounts(options.accounts);
  const cluster = await startCluster(options, fund(accounts.map(({ publicKey }) => publicKey)));
  let measured: object;
  try {
    measured = await measureAll(cluster, options, accounts);
  } finally {
    await cluster.stop();
  }
  return {
    benchmark: "ledger",
    options,
    ...measured,
    ...(options.workloads.includes("heavy") ? { scale_out: await measureScaleOut(options) } : {}),
  };
}

async function measureAll(
  cluster: Cluster,
  options: LedgerOptions,
  accounts: readonly KeyPair[],
): Promise<object> {
  const environment = await describeEnvironment(
    cluster.localnet.postgres.superuserUrl,
    cluster.localnet.natsServer,
  );
  const seeded = seededRandom(options.seed);
  const random = (): number => seeded.next();
  const rows: WorkloadRow[] = [];
  for (const name of options.workloads) {
    if (name === "heavy") continue;
    tell(`workload ${name}`);
    const workload = await createWorkload(name, { cluster, accounts, random });
    const row = await measureWorkload(cluster, workload, options, accounts);
    tell(JSON.stringify(row));
    rows.push(row);
  }
  const peers = options.peers ? await measurePeers(cluster, options, accounts) : [];
  return { ...environment, peers, workloads: rows.map((row) => ({ ...row, peers: compare(row, peers) })) };
}

/** On the same machine, while the cluster idles. */
async function measurePeers(
  { localnet }: Cluster,
  options: LedgerOptions,
  accounts: readonly KeyPair[],
): Promise<PeerResult[]> {
  const effort = { slices: options.slices, sliceMs: options.sliceMs };
  tell("peers");
  const books = await measureDoubleEntry(localnet.postgres.superuserUrl, effort);
  const bankrun = await measureBankrun(accounts, effort);
  const anvil = await measureAnvil(effort);
  return [...books, ...bankrun, ...(anvil === undefined ? [] : [anvil])];
}

function compare(
  { settled_tps }: WorkloadRow,
  peers: readonly PeerResult[],
): Record<string, { tps: number; ratio: number }> {
  return Object.fromEntries(
    peers.map(({ name, tps }) => [name, { tps, ratio: round(settled_tps / tps, 2) }]),
  );
}

function tell(step: string): void {
  process.stderr.write(`${step}\n`);
}
