/** Genesis on real Postgres: in chunks, closed once, gone on with after a crash, refused when it is not whole. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { computeRootPacked, hashLeavesPacked } from "@mira/merkle";
import { acquireLease, openEventStore, type EventStore } from "@mira/event-store";
import { encodeBase58, encodeHex, encodeUtf8, sha256, unwrap, type UnixMs } from "@mira/primitives";
import { useTestDatabase } from "@mira/testing";
import pg from "pg";
import { encodeAccount } from "../src/domain/genesis-chunks.ts";
import { encodeWholeGenesis, parseGenesis, type GenesisAccount } from "../src/domain/genesis.ts";
import { AuditStore } from "../src/store/audit.ts";
import { GenesisUnreadable, readGenesisFile, type GenesisSource } from "../src/store/genesis-file.ts";
import {
  ensureGenesis,
  GenesisIncomplete,
  GenesisMismatch,
  type GenesisParts,
} from "../src/store/genesis.ts";
import { readSnapshot } from "../src/store/snapshot.ts";
import { migrateTables, SCHEMA } from "../src/store/schema.ts";

const AT = 1_800_000_000_000 as UnixMs;
/** Three chunks, the last one not full. */
const ACCOUNTS = 20_007;
const ALLOCATIONS = [{ account: "owner/a", units: "7" }];
const accounts: readonly GenesisAccount[] = Array.from({ length: ACCOUNTS }, (_, index) => ({
  key: sha256(encodeUtf8(`genesis test ${index}`)),
  lamports: BigInt(index + 1),
  owner: new Uint8Array(32),
  executable: false,
  data: new Uint8Array(0),
})).sort((left, right) => Buffer.compare(left.key, right.key));

const folder = await mkdtemp(path.join(tmpdir(), "mira-genesis-"));
after(() => rm(folder, { recursive: true }));

async function readLines(
  of: readonly GenesisAccount[],
  { announced = of.length, gap = "" } = {},
): Promise<GenesisSource> {
  const file = path.join(folder, `${randomUUID()}.jsonl`);
  const head = JSON.stringify({ genesis: 2, accounts: announced, allocations: ALLOCATIONS });
  const lines = of.map(
    ({ key, lamports, executable }) =>
      `{"key":"${encodeBase58(key)}",${gap}"lamports":"${lamports}","executable":${executable}}`,
  );
  await writeFile(file, [head, ...lines, ""].join("\n"));
  return unwrap(readGenesisFile(file));
}

async function openParts(): Promise<GenesisParts & AsyncDisposable> {
  const database = await useTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on("error", () => undefined);
  const store = openEventStore({ pool, schema: SCHEMA });
  await store.migrate();
  await migrateTables(pool);
  const lease = await acquireLease({ pool, schema: SCHEMA, name: "settlement", holder: "t", ttlMs: 60_000 });
  assert.ok(lease);
  const close = async (): Promise<void> => {
    await lease.release();
    await pool.end();
    await database.close();
  };
  const audit = new AuditStore(pool);
  return { pool, store, audit, fence: lease.fence, networkId: "test", [Symbol.asyncDispose]: close };
}

/** Ends like a process does in the middle of the third chunk. */
function crashAtThird(store: EventStore): EventStore {
  let appends = 0;
  return {
    ...store,
    append: (append) => {
      appends += 1;
      if (appends === 3) throw new Error("the process ended");
      return store.append(append);
    },
  };
}

async function count({ pool }: GenesisParts, what: string): Promise<number> {
  const result = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${what}`);
  return result.rows[0]?.count ?? 0;
}

async function readAudit({ audit }: GenesisParts): Promise<string[]> {
  const entries = await audit.listEntries(0, 10, "genesis");
  return entries.map(({ entry }) => Buffer.from(entry).toString());
}

function computeRoot(): string {
  return encodeHex(computeRootPacked(hashLeavesPacked(accounts.map(encodeAccount))));
}

async function assertWhole(parts: GenesisParts): Promise<void> {
  assert.equal(await count(parts, "settlement.accounts"), ACCOUNTS);
  assert.equal((await parts.store.readStream("genesis")).length, 4);
  const [entry, ...others] = await readAudit(parts);
  assert.equal(others.length, 0);
  assert.ok(entry?.includes(computeRoot()), entry);
  const escrow = await parts.pool.query<{ posted: string }>(
    "SELECT posted::text FROM settlement.base_accounts WHERE name = 'escrow/svm'",
  );
  assert.equal(escrow.rows[0]?.posted, String((ACCOUNTS * (ACCOUNTS + 1)) / 2));
}

test("a genesis is written in chunks, closed with the root over all accounts, and known again", async () => {
  await using parts = await openParts();
  const source = await readLines(accounts);
  assert.equal(await ensureGenesis(parts, source, AT), true);
  await assertWhole(parts);
  assert.equal(await ensureGenesis(parts, source, AT), false);
  assert.equal(await ensureGenesis(parts, undefined, AT), false);
  assert.equal(await ensureGenesis(parts, await readLines(accounts, { gap: " " }), AT), false);
  const [first, ...rest] = accounts;
  assert.ok(first);
  const richer = await readLines([{ ...first, lamports: first.lamports + 1n }, ...rest]);
  await assert.rejects(ensureGenesis(parts, richer, AT), GenesisMismatch);
  await assertWhole(parts);
});

test("a genesis that a crash cut short is not taken for whole; the same file goes on with it", async () => {
  await using parts = await openParts();
  const source = await readLines(accounts);
  await assert.rejects(
    ensureGenesis({ ...parts, store: crashAtThird(parts.store) }, source, AT),
    /the process ended/,
  );
  assert.equal(await count(parts, "settlement.accounts"), 20_000);
  assert.deepEqual(await readAudit(parts), []);
  await assert.rejects(ensureGenesis(parts, undefined, AT), GenesisIncomplete);
  await assert.rejects(
    ensureGenesis(parts, await readLines(accounts.slice(0, 20_000)), AT),
    GenesisIncomplete,
  );
  assert.equal(await ensureGenesis(parts, source, AT), true);
  await assertWhole(parts);
});

test("nothing is written of a file that is not whole, not in order, or not readable", async () => {
  await using parts = await openParts();
  const unordered = [...accounts.slice(0, 15_000), ...accounts.slice(14_999)];
  for (const source of [
    await readLines(accounts, { announced: ACCOUNTS + 1 }),
    await readLines(accounts, { announced: ACCOUNTS - 1 }),
    await readLines(unordered),
    await readLines(accounts, { gap: "?" }),
  ])
    await assert.rejects(ensureGenesis(parts, source, AT), GenesisUnreadable);
  assert.equal(await count(parts, "settlement.accounts"), 0);
  assert.equal(await count(parts, "settlement.events"), 0);
});

test("a snapshot of programs alone has them all, and nothing else", async () => {
  await using parts = await openParts();
  const executable = new Set([0, 700, 1_999].map((index) => accounts[index]?.key));
  const mixed = accounts.slice(0, 2_000).map((one) => ({ ...one, executable: executable.has(one.key) }));
  assert.equal(await ensureGenesis(parts, await readLines(mixed), AT), true);
  const read = async (executableOnly: boolean): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { rows } of readSnapshot(parts.pool, { executableOnly }))
      for (const { key } of rows) keys.push(encodeHex(key));
    return keys;
  };
  const expected = mixed.filter((one) => one.executable).map(({ key }) => encodeHex(key));
  assert.equal(expected.length, 3);
  assert.deepEqual(await read(true), expected);
  assert.equal((await read(false)).length, 2_000);
});

test("who has lost the lease writes no chunk", async () => {
  await using parts = await openParts();
  const fence = { ...parts.fence, epoch: parts.fence.epoch + 1 };
  await assert.rejects(ensureGenesis({ ...parts, fence }, await readLines(accounts), AT), /NOT_LEADER|epoch/);
  assert.equal(await count(parts, "settlement.accounts"), 0);
});

test("a genesis of one event, as older networks have, is known again and never replaced", async () => {
  await using parts = await openParts();
  const few = accounts.slice(0, 3);
  const genesis = unwrap(
    parseGenesis({
      accounts: few.map(({ key, lamports }) => ({ key: encodeBase58(key), lamports: String(lamports) })),
      allocations: ALLOCATIONS,
    }),
  );
  const event = {
    id: randomUUID(),
    type: "NetworkBegun",
    schemaVersion: 1,
    payload: encodeWholeGenesis(genesis),
  };
  unwrap(await parts.store.append({ stream: "genesis", expectedVersion: 0, events: [event] }));
  assert.equal(await ensureGenesis(parts, await readLines(few), AT), false);
  assert.equal(await ensureGenesis(parts, undefined, AT), false);
  await assert.rejects(ensureGenesis(parts, await readLines(accounts), AT), GenesisMismatch);
  assert.equal((await parts.store.readStream("genesis")).length, 1);
});
