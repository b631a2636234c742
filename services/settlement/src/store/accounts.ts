/** The projection of accounts: a row per account as of a finalized batch, written set-wise and read set-wise. */
import { encodeBoolArray, encodeByteaArray, encodeInt8Array } from "@mira/event-store";
import type { Lamports } from "@mira/primitives";
import type { AccountValue } from "@mira/runtime/wire";
import type { Pool, PoolClient } from "pg";
import type { AccountRow } from "../codec/account-record.ts";

type Row = {
  readonly key: Buffer;
  readonly version: string;
  readonly present: boolean;
  readonly lamports: string;
  readonly rent_epoch: string;
  readonly executable: boolean;
  readonly owner: Buffer;
  readonly data: Buffer;
};

const COLUMNS = "key, version, present, lamports, rent_epoch, executable, owner, data";
/** Rows of one statement: larger ones gain nothing and hold the event loop longer. */
const CHUNK_ROWS = 2000;
const NO_KEY = Buffer.alloc(32);
const NO_DATA = Buffer.alloc(0);

/** Those that are there; one statement. */
export async function readAccounts(
  source: Pool | PoolClient,
  keys: readonly Uint8Array[],
): Promise<AccountRow[]> {
  if (keys.length === 0) return [];
  const result = await source.query<Row>({
    name: "read-accounts",
    text: `SELECT ${COLUMNS} FROM settlement.accounts WHERE key = ANY($1::bytea[])`,
    values: [encodeByteaArray(keys)],
  });
  return result.rows.map(toAccountRow);
}

/** In the caller's transaction. A key MUST occur once. */
export async function upsertAccounts(client: PoolClient, rows: readonly AccountRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK_ROWS)
    await upsertChunk(client, rows.slice(at, at + CHUNK_ROWS));
}

/** A version never goes back: whoever is late with an old row changes nothing. */
async function upsertChunk(client: PoolClient, rows: readonly AccountRow[]): Promise<void> {
  await client.query({
    name: "upsert-accounts",
    text: `INSERT INTO settlement.accounts AS a (${COLUMNS})
      SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::boolean[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bytea[], $8::bytea[])
      ON CONFLICT (key) DO UPDATE SET version = excluded.version, present = excluded.present, lamports = excluded.lamports,
        rent_epoch = excluded.rent_epoch, executable = excluded.executable, owner = excluded.owner, data = excluded.data
      WHERE a.version < excluded.version`,
    values: [
      encodeByteaArray(rows.map(({ key }) => key)),
      encodeInt8Array(rows.map(({ version }) => version)),
      encodeBoolArray(rows.map(({ value }) => value !== undefined)),
      encodeInt8Array(rows.map(({ value }) => value?.lamports ?? 0n)),
      encodeInt8Array(rows.map(({ value }) => BigInt.asIntN(64, value?.rentEpoch ?? 0n))),
      encodeBoolArray(rows.map(({ value }) => value?.executable ?? false)),
      encodeByteaArray(rows.map(({ value }) => value?.owner ?? NO_KEY)),
      encodeByteaArray(rows.map(({ value }) => value?.data ?? NO_DATA)),
    ],
  });
}

/** All rows in key order, a page at a time, within the caller's snapshot. */
export async function* readAllAccounts(
  client: PoolClient,
  { pageRows, executableOnly }: { readonly pageRows: number; readonly executableOnly: boolean },
): AsyncGenerator<AccountRow[]> {
  let after: Uint8Array = new Uint8Array(0);
  for (;;) {
    const result = await client.query<Row>({
      name: executableOnly ? "page-programs" : "page-accounts",
      text: `SELECT ${COLUMNS} FROM settlement.accounts WHERE key > $1${executableOnly ? " AND executable" : ""} ORDER BY key LIMIT $2`,
      values: [after, pageRows],
    });
    if (result.rows.length > 0) yield result.rows.map(toAccountRow);
    const last = result.rows.at(-1);
    if (last === undefined || result.rows.length < pageRows) return;
    after = last.key;
  }
}

export async function sumAccountLamports(source: Pool | PoolClient): Promise<bigint> {
  const result = await source.query<{ sum: string | null }>(
    "SELECT sum(lamports)::text AS sum FROM settlement.accounts",
  );
  return BigInt(result.rows[0]?.sum ?? "0");
}

function toAccountRow(row: Row): AccountRow {
  return { key: row.key, version: Number(row.version), value: row.present ? toValue(row) : undefined };
}

function toValue(row: Row): AccountValue {
  return {
    lamports: BigInt(row.lamports) as Lamports,
    owner: row.owner,
    executable: row.executable,
    rentEpoch: BigInt.asUintN(64, BigInt(row.rent_epoch)),
    data: row.data,
  };
}
