/** How far each owner's authority has moved on; and which reservations are open. Written in the transactions of the appends. */
import type { Pool, PoolClient } from "pg";
import { parseUnixMs } from "@mira/primitives";
import type { Authority } from "../domain/session.ts";

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS sessions.authorities (
    owner bytea PRIMARY KEY,
    epoch bigint NOT NULL,
    advanced_ms bigint NOT NULL
  );
  CREATE TABLE IF NOT EXISTS sessions.reservations (
    message_hash text NOT NULL,
    root_id text NOT NULL,
    reserved_ms bigint NOT NULL,
    PRIMARY KEY (message_hash, root_id)
  );
  CREATE INDEX IF NOT EXISTS reservations_by_age ON sessions.reservations (reserved_ms)`;

export const NEVER_ADVANCED: Authority = { epoch: 0, advancedAt: parseUnixMs(0) };

export type OpenReservation = { readonly messageHash: string; readonly rootId: string };

type AuthorityRow = { readonly epoch: string; readonly advanced_ms: string };

export async function migrateAuthorities(pool: Pool): Promise<void> {
  await pool.query(MIGRATION);
}

export async function readAuthority(pool: Pool, owner: Uint8Array): Promise<Authority> {
  const { rows } = await pool.query<AuthorityRow>(
    "SELECT epoch, advanced_ms FROM sessions.authorities WHERE owner = $1",
    [Buffer.from(owner)],
  );
  return toAuthority(rows[0]);
}

/** Holds the owner's epoch still until the transaction ends: no epoch ends between a decision and its commit. */
export async function lockAuthority(client: PoolClient, owner: Uint8Array): Promise<Authority> {
  const lock = "SELECT epoch, advanced_ms FROM sessions.authorities WHERE owner = $1 FOR SHARE";
  const found = await client.query<AuthorityRow>(lock, [Buffer.from(owner)]);
  if (found.rows.length > 0) return toAuthority(found.rows[0]);
  await client.query("INSERT INTO sessions.authorities VALUES ($1, 0, 0) ON CONFLICT (owner) DO NOTHING", [
    Buffer.from(owner),
  ]);
  return toAuthority((await client.query<AuthorityRow>(lock, [Buffer.from(owner)])).rows[0]);
}

export async function writeAuthority(
  client: PoolClient,
  owner: Uint8Array,
  { epoch, advancedAt }: Authority,
): Promise<void> {
  await client.query(
    `INSERT INTO sessions.authorities VALUES ($1, $2, $3)
     ON CONFLICT (owner) DO UPDATE SET epoch = $2, advanced_ms = $3`,
    [Buffer.from(owner), epoch, advancedAt],
  );
  await client.query(
    "UPDATE sessions.sessions SET revoked_ms = $3 WHERE owner = $1 AND revoked_ms IS NULL AND epoch < $2",
    [Buffer.from(owner), epoch, advancedAt],
  );
}

export async function openReservation(
  client: PoolClient,
  { messageHash, rootId }: OpenReservation,
  at: number,
): Promise<void> {
  await client.query("INSERT INTO sessions.reservations VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", [
    messageHash,
    rootId,
    at,
  ]);
}

export async function closeReservation(
  client: PoolClient,
  { messageHash, rootId }: OpenReservation,
): Promise<void> {
  await client.query("DELETE FROM sessions.reservations WHERE message_hash = $1 AND root_id = $2", [
    messageHash,
    rootId,
  ]);
}

/** The oldest, of before an instant. */
export async function listReservations(
  pool: Pool,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<readonly OpenReservation[]> {
  const { rows } = await pool.query<{ message_hash: string; root_id: string }>(
    "SELECT message_hash, root_id FROM sessions.reservations WHERE reserved_ms < $1 ORDER BY reserved_ms LIMIT $2",
    [before, limit],
  );
  return rows.map((row) => ({ messageHash: row.message_hash, rootId: row.root_id }));
}

function toAuthority(row: AuthorityRow | undefined): Authority {
  return row === undefined
    ? NEVER_ADVANCED
    : { epoch: Number(row.epoch), advancedAt: parseUnixMs(Number(row.advanced_ms)) };
}
