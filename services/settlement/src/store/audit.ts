/** A log of the network in Postgres: entries, subtree hashes, and the heads that were signed. Appended in one place, in order. */
import {
  hashLeaf,
  listConsistencyNodes,
  listInclusionNodes,
  listRootNodes,
  LogTree,
  type TreeNode,
} from "@mira/merkle";
import { invariant } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import { computeStoredRoot, planAppend, type LogAppend } from "../domain/audit-log.ts";
import type { LogName } from "./schema.ts";

export type NewEntry = {
  readonly kind: string;
  readonly subject: string;
  readonly entry: Uint8Array;
  /** Of what is logged without being kept; absent: the entry's own. */
  readonly leafHash?: Uint8Array;
};
export type StoredEntry = { readonly index: number; readonly entry: Uint8Array };
export type SignedHead = { readonly size: number; readonly root: Uint8Array; readonly note: string };
type NodeRow = { readonly level: number; readonly index: string; readonly hash: Buffer };
type Nodes = ReadonlyMap<string, Uint8Array>;

/** Older heads are not needed: every later one is proved to extend them. */
const SIGNED_KEPT = 64;

export class AuditStore {
  readonly #pool: Pool;
  readonly #log: LogName;
  /** Hashes of the subtrees that the tree of `size` is made of: all that appending needs. */
  #edge: { size: number; nodes: Nodes } = { size: 0, nodes: new Map() };

  constructor(pool: Pool, log: LogName = "audit") {
    this.#pool = pool;
    this.#log = log;
  }

  /** In the caller's transaction, which holds the head's row until it ends: appends wait for one another, and none is lost. */
  async append(client: PoolClient, entries: readonly NewEntry[]): Promise<LogAppend> {
    const size = await lockHead(client, this.#log);
    const nodes = await this.#readEdge(client, size);
    const plan = planAppend(
      toGet(nodes),
      size,
      entries.map(({ entry, leafHash }) => leafHash ?? hashLeaf(entry)),
    );
    await insertEntries(client, this.#log, entries, plan);
    await insertNodes(client, this.#log, plan.nodes);
    await client.query(`UPDATE settlement.${this.#log}_head SET size = $1 WHERE id = 1`, [plan.size]);
    this.#edge = { size: plan.size, nodes: keepEdge(nodes, plan) };
    return plan;
  }

  async readSize(): Promise<number> {
    const result = await this.#pool.query<{ size: string }>(
      `SELECT size FROM settlement.${this.#log}_head WHERE id = 1`,
    );
    return Number(result.rows[0]?.size ?? 0);
  }

  async computeRoot(size: number): Promise<Uint8Array> {
    return computeStoredRoot(toGet(await readNodes(this.#pool, this.#log, listRootNodes(size))), size);
  }

  async computeInclusionPath(index: number, size: number): Promise<Uint8Array[]> {
    const nodes = await readNodes(this.#pool, this.#log, listInclusionNodes(index, size));
    return createReader(nodes, size).inclusionPath(index, size);
  }

  async computeConsistencyPath(oldSize: number, newSize: number): Promise<Uint8Array[]> {
    const nodes = await readNodes(this.#pool, this.#log, listConsistencyNodes(oldSize, newSize));
    return createReader(nodes, newSize).consistencyPath(oldSize, newSize);
  }

  async findEntry(by: EntryKey, below: number): Promise<StoredEntry | undefined> {
    const [condition, value] = toCondition(by);
    const result = await this.#pool.query<{ index: string; entry: Buffer }>(
      `SELECT index, entry FROM settlement.${this.#log}_entries WHERE ${condition} AND index < $2 ORDER BY index DESC LIMIT 1`,
      [value, below],
    );
    const [row] = result.rows;
    return row === undefined ? undefined : { index: Number(row.index), entry: row.entry };
  }

  async listEntries(start: number, limit: number, subject: string): Promise<StoredEntry[]> {
    const result = await this.#pool.query<{ index: string; entry: Buffer }>(
      `SELECT index, entry FROM settlement.${this.#log}_entries WHERE index >= $1 AND ($3 = '' OR subject = $3) ORDER BY index LIMIT $2`,
      [start, limit, subject],
    );
    return result.rows.map(({ index, entry }) => ({ index: Number(index), entry }));
  }

  async readSigned(): Promise<SignedHead | undefined> {
    const result = await this.#pool.query<{ size: string; root: Buffer; note: string }>(
      `SELECT size, root, note FROM settlement.${this.#log}_signed ORDER BY size DESC LIMIT 1`,
    );
    const [row] = result.rows;
    return row === undefined ? undefined : { size: Number(row.size), root: row.root, note: row.note };
  }

  /** MUST resolve before anybody is given the note. */
  async rememberSigned(head: SignedHead): Promise<void> {
    await this.#pool.query(
      `INSERT INTO settlement.${this.#log}_signed (size, root, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING`,
      [head.size, head.root, head.note],
    );
    await this.#pool.query(
      `DELETE FROM settlement.${this.#log}_signed WHERE size < (SELECT min(size) FROM (SELECT size FROM settlement.${this.#log}_signed ORDER BY size DESC LIMIT $1) AS kept)`,
      [SIGNED_KEPT],
    );
  }

  async #readEdge(client: PoolClient, size: number): Promise<Nodes> {
    return this.#edge.size === size ? this.#edge.nodes : readNodes(client, this.#log, listRootNodes(size));
  }
}

export type EntryKey =
  | { readonly by: "index"; readonly index: number }
  | { readonly by: "leaf"; readonly leafHash: Uint8Array }
  | { readonly by: "subject"; readonly subject: string };

function toCondition(by: EntryKey): [string, number | Uint8Array | string] {
  switch (by.by) {
    case "index":
      return ["index = $1", by.index];
    case "leaf":
      return ["leaf_hash = $1", by.leafHash];
    case "subject":
      return ["subject = $1", by.subject];
  }
}

async function lockHead(client: PoolClient, log: LogName): Promise<number> {
  const result = await client.query<{ size: string }>(
    `SELECT size FROM settlement.${log}_head WHERE id = 1 FOR UPDATE`,
  );
  const [row] = result.rows;
  invariant(row !== undefined, "a log has a head");
  return Number(row.size);
}

async function insertEntries(
  client: PoolClient,
  log: LogName,
  entries: readonly NewEntry[],
  plan: LogAppend,
): Promise<void> {
  await client.query({
    name: `insert-${log}-entries`,
    text: `INSERT INTO settlement.${log}_entries (index, leaf_hash, subject, kind, entry)
      SELECT $1::bigint + e.n - 1, e.leaf_hash, e.subject, e.kind, e.entry
      FROM unnest($2::bytea[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY AS e(leaf_hash, subject, kind, entry, n)`,
    values: [
      plan.firstIndex,
      plan.leafHashes,
      entries.map(({ subject }) => subject),
      entries.map(({ kind }) => kind),
      entries.map(({ entry }) => entry),
    ],
  });
}

async function insertNodes(client: PoolClient, log: LogName, nodes: LogAppend["nodes"]): Promise<void> {
  await client.query({
    name: `insert-${log}-nodes`,
    text: `INSERT INTO settlement.${log}_nodes (level, index, hash)
      SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])`,
    values: [nodes.map(({ level }) => level), nodes.map(({ index }) => index), nodes.map(({ hash }) => hash)],
  });
}

async function readNodes(
  source: Pool | PoolClient,
  log: LogName,
  nodes: readonly TreeNode[],
): Promise<Nodes> {
  if (nodes.length === 0) return new Map();
  const result = await source.query<NodeRow>({
    name: `read-${log}-nodes`,
    text: `SELECT n.level, n.index, n.hash FROM settlement.${log}_nodes AS n
      JOIN unnest($1::smallint[], $2::bigint[]) AS wanted(level, index) USING (level, index)`,
    values: [nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
  });
  return new Map(result.rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
}

function keepEdge(nodes: Nodes, plan: LogAppend): Nodes {
  const all = new Map(nodes);
  for (const { level, index, hash } of plan.nodes) all.set(`${level}/${index}`, hash);
  const edge = listRootNodes(plan.size).map(({ level, index }) => `${level}/${index}`);
  return new Map(
    edge.flatMap((name) => {
      const hash = all.get(name);
      return hash === undefined ? [] : [[name, hash] as const];
    }),
  );
}

function toGet(nodes: Nodes): (level: number, index: number) => Uint8Array | undefined {
  return (level, index) => nodes.get(`${level}/${index}`);
}

function createReader(nodes: Nodes, size: number): LogTree {
  return new LogTree(
    { get: toGet(nodes), put: () => invariant(false, "a proof is computed without writing") },
    size,
  );
}
