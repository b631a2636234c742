/** Rebuilds memory from Postgres: the projection says as of when it is, the packed events everything later. */
import type { EventStore, StoredEvent } from "@mira/event-store";
import { BatchFinalized } from "@mira/api/gen/mira/events/v1/events.ts";
import { encodeHex, invariant, type UnixMs } from "@mira/primitives";
import { decodeSettledBatch, type SettledBatch } from "@mira/runtime/wire";
import type { Pool } from "pg";
import { ESCROW_ACCOUNT } from "../domain/base-ledger.ts";
import { decide, evolve } from "../domain/finality.ts";
import { recordOutflow, type VelocityLimit } from "../domain/velocity.ts";
import { applyFinalized, applySettled, type Ledger } from "../memory/ledger.ts";
import type { FollowedPositions } from "../ports.ts";
import { sumAccountLamports } from "./accounts.ts";
import { readBaseAccount } from "./base-ledger.ts";
import { listHolds, listVerdicts, type Verdict } from "./finality.ts";
import { BATCHES_STREAM, FINALITY_STREAM } from "./journal.ts";
import { countQuarantined, listAside, listRefusedHashes } from "./quarantine.ts";
import { readReceiptIds } from "./receipts.ts";

export const ACCOUNTS_CURSOR = "accounts";
const PAGE_EVENTS = 64;
const FIRST_PARENT = new Uint8Array(32);

export type RestoreParts = { readonly pool: Pool; readonly store: EventStore };

export type Restored = {
  /** Hash of the sealed batch that was settled last; zeros before the first. */
  readonly parentHash: Uint8Array;
  readonly followed: FollowedPositions;
};

/** `ledger` is empty. Throws when what Postgres holds does not agree with itself. */
export async function restoreLedger(
  parts: RestoreParts,
  ledger: Ledger,
  limit: VelocityLimit | undefined,
): Promise<Restored> {
  const { pool, store } = parts;
  ledger.projectedBatches = Number(await store.getCursor(ACCOUNTS_CURSOR));
  ledger.recent.begin(ledger.projectedBatches);
  ledger.runtimeLamports = await sumAccountLamports(pool);
  const last = await restoreSettled(parts, ledger);
  await restoreFinalized(store, ledger);
  await restoreEscrow(pool, ledger);
  await restoreVerdicts(pool, ledger);
  for (const { executorId, reason } of await listAside(pool)) ledger.executors.setAside(executorId, reason);
  ledger.quarantinedCount = await countQuarantined(pool);
  for (const hash of await listRefusedHashes(pool, ledger.progress.counts.settledBatches))
    ledger.refusedBefore.add(encodeHex(hash));
  if (limit !== undefined) await restoreVelocity(pool, ledger, limit);
  return { parentHash: last?.header.batchHash ?? FIRST_PARENT, followed: await readFollowed(pool) };
}

/** The batch before the projected one is read too: it says where the sequence numbers and the chain of batches stand. */
async function restoreSettled(
  { pool, store }: RestoreParts,
  ledger: Ledger,
): Promise<SettledBatch | undefined> {
  const { projectedBatches } = ledger;
  let last: SettledBatch | undefined;
  for await (const event of readFrom(store, BATCHES_STREAM, Math.max(1, projectedBatches))) {
    last = decodeSettledBatch(event.payload);
    const batch = last.header.batchNumber;
    invariant(batch === event.version - 1, () => `batch ${batch} is stored at version ${event.version}`);
    if (batch < projectedBatches) continue;
    const receiptIds = (await readReceiptIds(pool, batch, 1)).get(batch);
    invariant(receiptIds !== undefined, () => `batch ${batch} has no index of its transaction ids`);
    applySettled(ledger, last, receiptIds);
  }
  const settledBatches = last === undefined ? 0 : last.header.batchNumber + 1;
  ledger.pending.moveTo(settledBatches);
  ledger.progress.advance({
    settledBatches,
    settledSequence: last === undefined ? 0 : last.header.firstSequence + last.receipts.count,
  });
  return last;
}

async function restoreFinalized(store: EventStore, ledger: Ledger): Promise<void> {
  let finalized = ledger.projectedBatches;
  for await (const event of readFrom(store, FINALITY_STREAM, ledger.projectedBatches + 1)) {
    const { batchNumber, finalizedMs } = BatchFinalized.decode(event.payload);
    invariant(
      Number(batchNumber) === event.version - 1,
      () => `finality of ${batchNumber} at ${event.version}`,
    );
    applyFinalized(ledger, Number(batchNumber), Number(finalizedMs) as UnixMs);
    finalized = event.version;
  }
  const header = ledger.recent.get(finalized)?.packed.header;
  const { settledSequence } = ledger.progress.counts;
  ledger.progress.advance({
    finalizedBatches: finalized,
    finalizedSequence: header?.firstSequence ?? settledSequence,
  });
}

/** The table, the fees settled since, and the escrow on the base ledger come from different rows and must agree. */
async function restoreEscrow(pool: Pool, ledger: Ledger): Promise<void> {
  const escrow = (await readBaseAccount(pool, ESCROW_ACCOUNT))?.posted ?? 0n;
  invariant(
    escrow === ledger.runtimeLamports,
    () => `escrow holds ${escrow}, the runtime's accounts ${ledger.runtimeLamports}`,
  );
}

async function restoreVerdicts(pool: Pool, ledger: Ledger): Promise<void> {
  for (const verdict of await listVerdicts(pool, ledger.progress.counts.finalizedBatches))
    applyVerdict(ledger, verdict);
  for (const { batch, reason } of await listHolds(pool)) {
    ledger.holds.set(batch, reason);
    ledger.halt = { what: "finality", reason: `batch ${batch} is held: ${reason}` };
  }
}

function applyVerdict(ledger: Ledger, verdict: Verdict): void {
  const state = ledger.finality.get(verdict.batch);
  if (state === undefined) return;
  const { executorId, answer, resultHash, reason } = verdict;
  const isReexecutor = ledger.executors.findReexecutor(executorId) !== undefined;
  const decision = decide(
    { type: "record-answer", executorId, answer, resultHash, reason, isReexecutor },
    state,
  );
  if (decision.ok) ledger.finality.set(verdict.batch, decision.events.reduce(evolve, state));
}

async function restoreVelocity(pool: Pool, ledger: Ledger, limit: VelocityLimit): Promise<void> {
  const result = await pool.query<{ lamports: string; at_ms: string }>(
    `SELECT lamports, at_ms FROM settlement.outflows
     WHERE at_ms > (SELECT max(at_ms) FROM settlement.outflows) - $1 ORDER BY batch`,
    [limit.windowMs],
  );
  for (const row of result.rows)
    ledger.velocity = recordOutflow(
      ledger.velocity,
      { at: Number(row.at_ms) as UnixMs, lamports: BigInt(row.lamports) },
      limit,
    );
}

async function readFollowed(pool: Pool): Promise<FollowedPositions> {
  const result = await pool.query<{ stream: string; sequence: string }>("SELECT * FROM settlement.followed");
  const positions = new Map(result.rows.map(({ stream, sequence }) => [stream, Number(sequence)]));
  return { batches: positions.get("MIRA_BATCHES") ?? 1, results: positions.get("MIRA_RESULTS") ?? 1 };
}

async function* readFrom(
  store: EventStore,
  stream: string,
  fromVersion: number,
): AsyncGenerator<StoredEvent> {
  for (let from = fromVersion; ;) {
    const page = await store.readStream(stream, { fromVersion: from, limit: PAGE_EVENTS });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    from = last.version + 1;
  }
}
