/** Where things become true: events, audit entries, base-ledger effects and outbox rows in one fenced transaction each. */
import { randomUUID } from "node:crypto";
import {
  BatchFinalized,
  BatchSettled,
  ResultRefused,
  TransferCreated,
} from "@mira/api/gen/mira/events/v1/events.ts";
import type { Append, EventStore, Fence, NewEvent, OutboxMessage } from "@mira/event-store";
import { HEADER } from "@mira/messaging";
import { encodeHex, invariant, type BaseUnits, type UnixMs } from "@mira/primitives";
import type { PoolClient } from "pg";
import {
  describeFinalized,
  describeRefused,
  describeSettled,
  type AuditEntry,
} from "../domain/audit-kinds.ts";
import { ESCROW_ACCOUNT, FEES_ACCOUNT, type BaseEvent, type Transfer } from "../domain/base-ledger.ts";
import {
  LeaseLost,
  type FinalizedCommit,
  type FollowedPositions,
  type Journal,
  type Publication,
  type RefusedCommit,
  type SettledCommit,
} from "../ports.ts";
import type { AuditStore } from "./audit.ts";
import { applyBaseEvent } from "./base-ledger.ts";
import { insertBatchIndexes, type BatchIndexRow } from "./receipts.ts";
import { putAside, putQuarantined } from "./quarantine.ts";

export const BATCHES_STREAM = "batches";
export const FINALITY_STREAM = "finality";
export const REFUSALS_STREAM = "refusals";
export const BASE_LEDGER_STREAM = "base-ledger";
export const WORK_STREAM = "work";

export type JournalParts = {
  readonly store: EventStore;
  readonly audit: AuditStore;
  readonly fence: Fence;
  readonly networkId: string;
};

export function createJournal(parts: JournalParts): Journal {
  return {
    commitSettled: (batches, after) => commitSettled(parts, batches, after),
    commitRefused: (refused) => commitRefused(parts, refused),
    commitFinalized: (batches) => commitFinalized(parts, batches),
    commitPublications: (publications) => commitPublications(parts, publications),
  };
}

async function commitSettled(
  parts: JournalParts,
  batches: readonly SettledCommit[],
  after: Parameters<Journal["commitSettled"]>[1],
): Promise<void> {
  const [first] = batches;
  invariant(first !== undefined, "a commit settles at least one batch");
  const entries = batches.map((batch) => describeSettled(parts.networkId, toSettledFacts(batch)));
  const fees = createFeesEvent(batches);
  const appends: Append[] = [
    {
      stream: BATCHES_STREAM,
      expectedVersion: first.packed.header.batchNumber,
      events: batches.map(({ packed }) => newEvent("BatchSettled", packed.bytes)),
      outbox: batches.map(toBatchSettledMessage),
    },
    ...(fees === undefined ? [] : [toBaseAppend(fees)]),
  ];
  await append(parts, appends, async (client) => {
    await parts.audit.append(client, entries);
    await insertBatchIndexes(client, batches.map(toBatchIndexRow));
    if (fees !== undefined) await applyBaseEvent(client, fees);
    await assertEscrow(client, after.runtimeLamports);
    if (after.keepOutflow) await putOutflows(client, batches);
    await putFollowed(client, after.followed);
  });
}

/** A refused fence is thrown: nobody below the composition root can do anything about it. */
async function append(
  { store, fence }: JournalParts,
  appends: readonly Append[],
  also: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const result = await store.appendBatch(appends, { fence, also });
  if (result.ok) return;
  throw new LeaseLost(`${result.code}: ${result.message}`);
}

function newEvent(type: string, payload: Uint8Array, schemaVersion = 1): NewEvent {
  return { id: randomUUID(), type, schemaVersion, payload };
}

function toSettledFacts({ packed, runtimeId }: SettledCommit): Parameters<typeof describeSettled>[1] {
  const { fees, ...header } = packed.header;
  return { ...header, runtimeId, transactions: packed.receipts.count, feesLamports: fees };
}

function toBatchIndexRow({ packed, receiptIds }: SettledCommit): BatchIndexRow {
  const { batchNumber: batch, firstSequence } = packed.header;
  return { batch, firstSequence, transactions: packed.receipts.count, receiptIds };
}

function toBatchSettledMessage(commit: SettledCommit): OutboxMessage {
  const { packed, runtimeId, quarantined, sessions, sealedAt } = commit;
  const { header } = packed;
  const payload = BatchSettled.encode({
    batchNumber: BigInt(header.batchNumber),
    firstSequence: BigInt(header.firstSequence),
    transactions: packed.receipts.count,
    batchHash: header.batchHash,
    resultHash: header.resultHash,
    receiptsRoot: header.receiptsRoot,
    writesRoot: header.writesRoot,
    feesLamports: header.fees,
    settledMs: BigInt(header.settledAt),
    sealedMs: BigInt(sealedAt),
    runtimeId: encodeHex(runtimeId),
    quarantined: quarantined.map(BigInt),
    sessions: sessions.map((outcome) => ({
      sequenceNumber: BigInt(outcome.sequence),
      sessionId: outcome.sessionId,
      messageHash: outcome.messageHash,
      succeeded: outcome.succeeded,
      spentLamports: outcome.spentLamports,
    })),
  }).finish();
  return toMessage("BatchSettled", "mira.settlement.batch.settled.v1", payload);
}

function toMessage(type: string, subject: string, payload: Uint8Array): OutboxMessage {
  return {
    id: randomUUID(),
    subject,
    payload,
    headers: { [HEADER.type]: type, [HEADER.schemaVersion]: "1" },
  };
}

/** One transfer for all batches of the commit. */
function createFeesEvent(batches: readonly SettledCommit[]): BaseEvent | undefined {
  const amount = batches.reduce((sum, { packed }) => sum + packed.header.fees, 0n);
  const [first, last] = [batches[0]?.packed.header, batches.at(-1)?.packed.header];
  if (amount === 0n || first === undefined || last === undefined) return undefined;
  const transfer: Transfer = {
    transferId: `fees/${first.batchNumber}`,
    debit: ESCROW_ACCOUNT,
    credit: FEES_ACCOUNT,
    amount: amount as BaseUnits,
    state: "posted",
    reason: `fees of batches ${first.batchNumber} to ${last.batchNumber}`,
    at: last.settledAt,
    expiresAt: 0 as UnixMs,
  };
  return { type: "TransferCreated", transfer };
}

function toBaseAppend({ transfer }: BaseEvent): Append {
  const payload = encodeTransferCreated(transfer, transfer.transferId);
  return {
    stream: BASE_LEDGER_STREAM,
    expectedVersion: "any",
    events: [newEvent("TransferCreated", payload)],
  };
}

export function encodeTransferCreated(transfer: Transfer, requestId: string): Uint8Array {
  return TransferCreated.encode({
    transferId: transfer.transferId,
    debitAccount: transfer.debit,
    creditAccount: transfer.credit,
    amountUnits: transfer.amount.toString(),
    reason: transfer.reason,
    expiresMs: BigInt(transfer.expiresAt),
    atMs: BigInt(transfer.at),
    requestId,
  }).finish();
}

/** The money inside the runtime is its escrow, to the last unit: when it is not, nothing is committed and the process ends. */
async function assertEscrow(client: PoolClient, runtimeLamports: bigint): Promise<void> {
  const result = await client.query<{ posted: string }>({
    name: "read-escrow",
    text: "SELECT posted FROM settlement.base_accounts WHERE name = $1",
    values: [ESCROW_ACCOUNT],
  });
  const escrow = BigInt(result.rows[0]?.posted ?? "0");
  invariant(escrow === runtimeLamports, () => `escrow holds ${escrow}, the runtime ${runtimeLamports}`);
}

async function putOutflows(client: PoolClient, batches: readonly SettledCommit[]): Promise<void> {
  await client.query(
    "INSERT INTO settlement.outflows (batch, lamports, at_ms) SELECT * FROM unnest($1::bigint[], $2::numeric[], $3::bigint[])",
    [
      batches.map(({ packed }) => packed.header.batchNumber),
      batches.map(({ outflowLamports }) => outflowLamports.toString()),
      batches.map(({ packed }) => packed.header.settledAt),
    ],
  );
}

async function putFollowed(client: PoolClient, { batches, results }: FollowedPositions): Promise<void> {
  await client.query({
    name: "put-followed",
    text: `INSERT INTO settlement.followed (stream, sequence) VALUES ('MIRA_BATCHES', $1), ('MIRA_RESULTS', $2)
      ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence`,
    values: [batches, results],
  });
}

async function commitRefused(parts: JournalParts, refused: RefusedCommit): Promise<void> {
  const { batchNumber, partition, executorId, refusal, at } = refused;
  const payload = ResultRefused.encode({
    batchNumber: BigInt(batchNumber),
    partition,
    executorId,
    refusal: { code: refusal.code, message: refusal.message, details: { ...refusal.details } },
    atMs: BigInt(at),
  }).finish();
  const event = newEvent("ResultRefused", payload);
  const told = toMessage("ResultRefused", "mira.settlement.result.refused.v1", payload);
  const outbox = [told, ...refused.publish];
  const appends: Append[] = [{ stream: REFUSALS_STREAM, expectedVersion: "any", events: [event], outbox }];
  await append(parts, appends, async (client) => {
    await parts.audit.append(client, [describeRefused(parts.networkId, refused)]);
    const { code, message, details } = refusal;
    const row = {
      batch: batchNumber,
      partition,
      executorId,
      code,
      message,
      details,
      sequences: refused.sequences,
      at,
    };
    await putQuarantined(client, row, { hash: refused.resultHash, bytes: refused.resultBytes });
    if (refused.setAside) await putAside(client, { executorId, reason: code, at });
  });
}

async function commitFinalized(parts: JournalParts, batches: readonly FinalizedCommit[]): Promise<void> {
  const [first] = batches;
  invariant(first !== undefined, "a commit finalizes at least one batch");
  const encoded = batches.map((batch) =>
    BatchFinalized.encode({
      batchNumber: BigInt(batch.batchNumber),
      finalizedMs: BigInt(batch.at),
      reexecutorId: batch.reexecutorId,
    }).finish(),
  );
  const appends: Append[] = [
    {
      stream: FINALITY_STREAM,
      expectedVersion: first.batchNumber,
      events: encoded.map((payload) => newEvent("BatchFinalized", payload)),
      outbox: encoded.map((payload) =>
        toMessage("BatchFinalized", "mira.settlement.batch.finalized.v1", payload),
      ),
    },
  ];
  const entries: AuditEntry[] = batches.map((batch) => describeFinalized(parts.networkId, batch));
  await append(parts, appends, async (client) => {
    await parts.audit.append(client, entries);
  });
}

/** The event says what was handed out; the work itself is in the outbox. */
async function commitPublications(parts: JournalParts, publications: readonly Publication[]): Promise<void> {
  if (publications.length === 0) return;
  const ids = Buffer.from(publications.map(({ id }) => id).join("\n"), "utf8");
  const appends: Append[] = [
    {
      stream: WORK_STREAM,
      expectedVersion: "any",
      events: [newEvent("WorkPublished", ids)],
      outbox: publications,
    },
  ];
  await append(parts, appends, () => Promise.resolve());
}
