/**
 * `npm run bench -- event-store [--json] [--quick]`: appends per second beside the event stores one would take otherwise, and beside a bare INSERT, on one Postgres with fsync on. Runs are
 * short and interleaved, and medians are compared, since a machine is seldom alone; CPU time is there for when it is not. "Connections" is writers that each wait
 * for their append, on a pool of as many connections. The commit floor is the most that any store could do that commits each append.
 * Needs nothing installed but the npm packages.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { startPostgres, type RunningPostgres } from "@mira/localnet/infra";
import { openCommitFloor } from "./event-store/commit-floor.ts";
import type { Contestant, Server } from "./event-store/contestant.ts";
import { openEmmett } from "./event-store/emmett.ts";
import { computeMedian, measureRun, type Load, type Run } from "./event-store/measure.ts";
import { openMessageDb } from "./event-store/message-db.ts";
import { openMira } from "./event-store/mira.ts";
import { openRaw } from "./event-store/raw.ts";

const LOADS: readonly Load[] = [
  ...[1, 10, 100, 1000].flatMap((eventsPerAppend) =>
    [1, 8].map((connections) => ({ connections, eventsPerAppend, streamsPerBatch: 1 })),
  ),
  ...[100, 1000].map((streamsPerBatch) => ({ connections: 8, eventsPerAppend: 1, streamsPerBatch })),
];
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const RUN_MS = 600;
const WARM_UP_MS = 300;
/** A checkpoint in the middle of one contestant's run would be charged to it alone. */
const SETTINGS = {
  max_wal_size: "8GB",
  min_wal_size: "4GB",
  checkpoint_timeout: "1h",
  shared_buffers: "256MB",
};
/** Of 16 MB each: about what the runs write. */
const WAL_SEGMENTS = 128;
const OPENERS = [openMira, openEmmett, openMessageDb, openRaw, openCommitFloor];
const PEERS = ["emmett-postgresql", "message-db"];

export type EventStoreRow = {
  readonly connections: number;
  readonly eventsPerAppend: number;
  readonly streamsPerBatch: number;
  /** Medians, in events per second. */
  readonly ops: Readonly<Record<string, number>>;
  readonly ratioToBetterPeer: number;
  readonly ratioToRaw: number;
  /** The floor over the better peer: with events that cost nothing at all, the ratio could be no higher. */
  readonly ratioLimit: number;
  /** Client and server together, medians; absent where it cannot be read. */
  readonly cpuUsPerEvent?: Readonly<Record<string, number>>;
  readonly cpuRatioToLeanerPeer?: number;
};

export async function run({ args = [] }: { readonly args?: readonly string[] } = {}) {
  const { values } = parseArgs({ args: [...args], options: { quick: { type: "boolean", default: false } } });
  const rounds = values.quick ? QUICK_ROUNDS : ROUNDS;
  const postgres = await startPostgres({ settings: SETTINGS });
  try {
    await age(postgres.superuserUrl);
    const rows: EventStoreRow[] = [];
    for (const load of LOADS) {
      const row = await measureLoad(postgres, load, rounds);
      process.stderr.write(`${JSON.stringify(row)}\n`);
      rows.push(row);
    }
    return {
      benchmark: "event-store",
      unit: "events/s",
      rounds,
      rows,
      ...(await describe(postgres.superuserUrl)),
    };
  } finally {
    await postgres.stop();
  }
}

/**
 * A new server makes each file of its log anew, full of zeros, while appends wait; one that has run for a while takes an old one. Whoever
 * writes most would pay most for it.
 */
async function age(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  for (let segment = 0; segment < WAL_SEGMENTS; segment += 1) {
    await client.query("SELECT pg_logical_emit_message(true, 'bench', '')");
    await client.query("SELECT pg_switch_wal()");
  }
  await client.query("CHECKPOINT");
  await client.end();
}

async function measureLoad(postgres: RunningPostgres, load: Load, rounds: number): Promise<EventStoreRow> {
  const contestants = await openAll(postgres.superuserUrl, load.connections);
  const runs = new Map(contestants.map(({ name }) => [name, new Array<Run>()]));
  const serverPid = postgres.pid;
  for (const contestant of contestants)
    await measureRun(contestant, load, { durationMs: WARM_UP_MS, serverPid });
  for (let round = 0; round < rounds; round += 1)
    for (const contestant of rotate(contestants, round))
      runs.get(contestant.name)?.push(await measureRun(contestant, load, { durationMs: RUN_MS, serverPid }));
  await Promise.all(contestants.map((contestant) => contestant.close()));
  return toRow(load, runs);
}

/** Nobody always runs after the same one, whose writes the disk may still be at. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const from = by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

function toRow(load: Load, runs: ReadonlyMap<string, readonly Run[]>): EventStoreRow {
  const ops = computeMedians(runs, (run) => run.eventsPerSecond);
  const cpu = computeMedians(runs, (run) => run.cpuUsPerEvent ?? Number.NaN);
  const betterPeer = Math.max(...PEERS.map((name) => ops[name] ?? Number.NaN));
  const leanerPeer = Math.min(...PEERS.map((name) => cpu[name] ?? Number.NaN));
  return {
    ...load,
    ops,
    ratioToBetterPeer: roundTo(1, ops["mira"], betterPeer),
    ratioToRaw: roundTo(1, ops["mira"], ops["raw"]),
    ratioLimit: roundTo(1, ops["commit-floor"], betterPeer),
    ...(Number.isNaN(leanerPeer)
      ? {}
      : { cpuUsPerEvent: cpu, cpuRatioToLeanerPeer: roundTo(1, leanerPeer, cpu["mira"]) }),
  };
}

function computeMedians(
  runs: ReadonlyMap<string, readonly Run[]>,
  take: (run: Run) => number,
): Record<string, number> {
  return Object.fromEntries(
    [...runs].map(([name, of]) => [name, roundTo(0.1, computeMedian(of.map(take)), 1)]),
  );
}

function roundTo(digits: number, numerator = Number.NaN, denominator = Number.NaN): number {
  const scale = 100 * digits;
  return Math.round((numerator / denominator) * scale) / scale;
}

/** Each store in a database of its own, on the same server. */
async function openAll(serverUrl: string, connections: number): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const open of OPENERS) contestants.push(await open(await createDatabase(serverUrl, connections)));
  return contestants;
}

async function createDatabase(serverUrl: string, connections: number): Promise<Server> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  await queryServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, connections };
}

async function queryServer(url: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const result = await client.query<string[]>({ text: statement, rowMode: "array" });
  await client.end();
  return result.rows[0]?.[0] ?? "";
}

async function describe(
  serverUrl: string,
): Promise<{ versions: Record<string, string>; hardware: Record<string, string | number> }> {
  return {
    versions: {
      node: process.version,
      postgres: await queryServer(serverUrl, "SHOW server_version"),
      fsync: await queryServer(serverUrl, "SHOW fsync"),
      synchronousCommit: await queryServer(serverUrl, "SHOW synchronous_commit"),
      ...(await readDependencies()),
    },
    hardware: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
  };
}

async function readDependencies(): Promise<Record<string, string>> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  const names = ["@event-driven-io/emmett-postgresql", "@eventide/message-db", "pg"];
  return Object.fromEntries(names.map((name) => [name, dependencies[name] ?? "absent"]));
}
