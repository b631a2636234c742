/** Long reads: all accounts as of one batch, and settled batches that memory has let go. */
import { BatchFinalized } from "@mira/api/gen/mira/events/v1/events.ts";
import type { EventStore } from "@mira/event-store";
import { decodeSettledBatch, type SettledBatch } from "@mira/runtime/wire";
import type { Pool, PoolClient } from "pg";
import type { AccountRow } from "../codec/account-record.ts";
import { readAllAccounts } from "./accounts.ts";
import { BATCHES_STREAM, FINALITY_STREAM } from "./journal.ts";
import { ACCOUNTS_CURSOR } from "./restore.ts";

/** A message stays below gRPC's limit with accounts of a few kilobytes; larger ones travel in smaller company. */
const PAGE_ROWS = 512;
const PAGE_BYTES = 2 * 1024 * 1024;

export type SnapshotPage = { readonly finalizedBatches: number; readonly rows: readonly AccountRow[] };

/** Repeatable read: the cursor and every row are as of one commit of the projection, which holds finalized batches alone. */
export async function* readSnapshot(
  pool: Pool,
  { executableOnly }: { readonly executableOnly: boolean },
): AsyncGenerator<SnapshotPage> {
  const client = await pool.connect();
  let broken: Error | undefined = new Error("the snapshot was not read to its end");
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const finalizedBatches = await readProjected(client);
    yield { finalizedBatches, rows: [] };
    for await (const page of readAllAccounts(client, { pageRows: PAGE_ROWS, executableOnly }))
      for (const rows of splitByBytes(page)) yield { finalizedBatches, rows };
    await client.query("COMMIT");
    broken = undefined;
  } finally {
    client.release(broken);
  }
}

async function readProjected(client: PoolClient): Promise<number> {
  const result = await client.query<{ position: string }>(
    "SELECT position FROM settlement.cursors WHERE name = $1",
    [ACCOUNTS_CURSOR],
  );
  return Number(result.rows[0]?.position ?? 0);
}

function* splitByBytes(rows: readonly AccountRow[]): Generator<AccountRow[]> {
  let part: AccountRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.value?.data.length ?? 0;
    if (part.length > 0 && bytes + size > PAGE_BYTES) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

export async function readSettledBytes(
  store: EventStore,
  batchNumber: number,
): Promise<Uint8Array | undefined> {
  const [event] = await store.readStream(BATCHES_STREAM, { fromVersion: batchNumber + 1, limit: 1 });
  return event?.version === batchNumber + 1 ? event.payload : undefined;
}

export async function readSettledBatch(
  store: EventStore,
  batchNumber: number,
): Promise<SettledBatch | undefined> {
  const bytes = await readSettledBytes(store, batchNumber);
  return bytes === undefined ? undefined : decodeSettledBatch(bytes);
}

export async function readFinalizedAt(store: EventStore, batchNumber: number): Promise<number | undefined> {
  const [event] = await store.readStream(FINALITY_STREAM, { fromVersion: batchNumber + 1, limit: 1 });
  return event === undefined ? undefined : Number(BatchFinalized.decode(event.payload).finalizedMs);
}
