/** The base ledger in Postgres: rows hold what the events of stream `base-ledger` add up to, changed in the same transaction. */
import type { BaseUnits, UnixMs } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import {
  computeChanges,
  EMPTY_ACCOUNT,
  evolveTransfer,
  type BaseAccount,
  type BaseEvent,
  type BalanceChange,
  type BaseState,
  type Transfer,
  type TransferState,
} from "../domain/base-ledger.ts";

type AccountRow = {
  readonly name: string;
  readonly posted: string;
  readonly pending_out: string;
  readonly pending_in: string;
};
type TransferRow = {
  readonly transfer_id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly state: TransferState;
  readonly reason: string;
  readonly at_ms: string;
  readonly expires_ms: string;
};

export type BaseRequest = {
  readonly requestId: string;
  readonly contentHash: Uint8Array;
  readonly transferId: string;
  readonly intentHash: Uint8Array | undefined;
};

export async function readBaseAccount(pool: Pool, name: string): Promise<BaseAccount | undefined> {
  const result = await pool.query<AccountRow>("SELECT * FROM settlement.base_accounts WHERE name = $1", [
    name,
  ]);
  const [row] = result.rows;
  return row === undefined ? undefined : toAccount(row);
}

/** Locks the accounts, in name order so that two transfers cannot wait for each other, and the transfer. */
export async function lockBaseState(
  client: PoolClient,
  names: readonly string[],
  transferId: string | undefined,
): Promise<BaseState> {
  const transfer = transferId === undefined ? undefined : await lockTransfer(client, transferId);
  const wanted = transfer === undefined ? names : [transfer.debit, transfer.credit];
  const result = await client.query<AccountRow>(
    "SELECT * FROM settlement.base_accounts WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE",
    [wanted],
  );
  return { accounts: new Map(result.rows.map((row) => [row.name, toAccount(row)])), transfer };
}

async function lockTransfer(client: PoolClient, transferId: string): Promise<Transfer | undefined> {
  const result = await client.query<TransferRow>(
    "SELECT * FROM settlement.base_transfers WHERE transfer_id = $1 FOR UPDATE",
    [transferId],
  );
  const [row] = result.rows;
  return row === undefined ? undefined : toTransfer(row);
}

/** In the caller's transaction: the rows as the event leaves them. Postgres refuses an overdraft that the decider let pass. */
export async function applyBaseEvent(client: PoolClient, event: BaseEvent): Promise<void> {
  for (const change of sortByAccount(computeChanges(event)))
    if (!(await changeAccount(client, change))) {
      await client.query("INSERT INTO settlement.base_accounts VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING", [
        change.account,
      ]);
      await changeAccount(client, change);
    }
  const transfer = evolveTransfer(event);
  await client.query({
    name: "put-base-transfer",
    text: `INSERT INTO settlement.base_transfers (transfer_id, debit, credit, amount, state, reason, at_ms, expires_ms)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (transfer_id) DO UPDATE SET state = excluded.state`,
    values: [
      transfer.transferId,
      transfer.debit,
      transfer.credit,
      transfer.amount.toString(),
      transfer.state,
      transfer.reason,
      transfer.at,
      transfer.expiresAt,
    ],
  });
}

/** False when the account has no row yet. */
async function changeAccount(client: PoolClient, change: BalanceChange): Promise<boolean> {
  const result = await client.query({
    name: "change-base-account",
    text: `UPDATE settlement.base_accounts
      SET posted = posted + $2, pending_out = pending_out + $3, pending_in = pending_in + $4 WHERE name = $1`,
    values: [
      change.account,
      change.posted.toString(),
      change.pendingOut.toString(),
      change.pendingIn.toString(),
    ],
  });
  return result.rowCount === 1;
}

function sortByAccount<T extends { readonly account: string }>(changes: readonly T[]): T[] {
  return [...changes].sort((left, right) => (left.account < right.account ? -1 : 1));
}

export async function readTransfer(
  source: Pool | PoolClient,
  transferId: string,
): Promise<Transfer | undefined> {
  const result = await source.query<TransferRow>(
    "SELECT * FROM settlement.base_transfers WHERE transfer_id = $1",
    [transferId],
  );
  const [row] = result.rows;
  return row === undefined ? undefined : toTransfer(row);
}

/** Newest first. */
export async function listTransfers(pool: Pool, account: string, limit: number): Promise<Transfer[]> {
  const result = await pool.query<TransferRow>(
    `SELECT * FROM settlement.base_transfers WHERE debit = $1 OR credit = $1 ORDER BY number DESC LIMIT $2`,
    [account, limit],
  );
  return result.rows.map(toTransfer);
}

export async function listExpired(pool: Pool, now: UnixMs, limit: number): Promise<string[]> {
  const result = await pool.query<{ transfer_id: string }>(
    "SELECT transfer_id FROM settlement.base_transfers WHERE state = 'pending' AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2",
    [now, limit],
  );
  return result.rows.map((row) => row.transfer_id);
}

export async function findRequest(client: PoolClient, requestId: string): Promise<BaseRequest | undefined> {
  const result = await client.query<{
    content_hash: Buffer;
    transfer_id: string;
    intent_hash: Buffer | null;
  }>("SELECT content_hash, transfer_id, intent_hash FROM settlement.base_requests WHERE request_id = $1", [
    requestId,
  ]);
  const [row] = result.rows;
  if (row === undefined) return undefined;
  return {
    requestId,
    contentHash: row.content_hash,
    transferId: row.transfer_id,
    intentHash: row.intent_hash ?? undefined,
  };
}

/** False when the request id or the intent was used before, by someone who committed first. */
export async function takeRequest(client: PoolClient, request: BaseRequest): Promise<boolean> {
  const result = await client.query(
    `INSERT INTO settlement.base_requests (request_id, content_hash, transfer_id, intent_hash)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [request.requestId, request.contentHash, request.transferId, request.intentHash ?? null],
  );
  return result.rowCount === 1;
}

function toAccount(row: AccountRow): BaseAccount {
  return {
    ...EMPTY_ACCOUNT,
    posted: BigInt(row.posted),
    pendingOut: BigInt(row.pending_out),
    pendingIn: BigInt(row.pending_in),
  };
}

function toTransfer(row: TransferRow): Transfer {
  return {
    transferId: row.transfer_id,
    debit: row.debit,
    credit: row.credit,
    amount: BigInt(row.amount) as BaseUnits,
    state: row.state,
    reason: row.reason,
    at: Number(row.at_ms) as UnixMs,
    expiresAt: Number(row.expires_ms) as UnixMs,
  };
}
