/** Writes what the network begins with, once, in chunks; goes on after a crash; later starts must name the same genesis. */
import { randomUUID } from "node:crypto";
import type { Append, EventStore, Fence, NewEvent } from "@mira/event-store";
import {
  bytesEqual,
  encodeHex,
  sha256,
  unwrap,
  type BaseUnits,
  type Lamports,
  type UnixMs,
} from "@mira/primitives";
import type { PoolClient } from "pg";
import type { AccountRow } from "../codec/account-record.ts";
import { describeGenesis } from "../domain/audit-kinds.ts";
import type { BaseEvent } from "../domain/base-ledger.ts";
import {
  CHUNK_ACCOUNTS,
  encodeChunk,
  encodeTotal,
  GenesisTally,
  type GenesisTotal,
} from "../domain/genesis-chunks.ts";
import {
  createAccountCheck,
  encodeWholeGenesis,
  listGenesisTransfers,
  type GenesisAccount,
} from "../domain/genesis.ts";
import { upsertAccounts } from "./accounts.ts";
import type { AuditStore } from "./audit.ts";
import { applyBaseEvent } from "./base-ledger.ts";
import { EMPTY_GENESIS, GenesisUnreadable, type GenesisSource } from "./genesis-file.ts";
import { readGenesisProgress, saveGenesisProgress, type GenesisProgress } from "./genesis-progress.ts";
import { BASE_LEDGER_STREAM, encodeTransferCreated } from "./journal.ts";
import type { Pool } from "./schema.ts";

const GENESIS_STREAM = "genesis";
/** As new accounts have it: exempt from rent for ever. */
const RENT_EXEMPT = 2n ** 64n - 1n;
/** Chunks closed by NetworkBegun of version 2; version 1 was the whole genesis in one event. */
const WHOLE_VERSION = 1;

export class GenesisMismatch extends Error {
  constructor(needed: string, got: string) {
    super(`this database began with genesis ${needed}; the configured one is ${got}`);
    this.name = "GenesisMismatch";
  }
}

/** Chunks of a genesis are there, the rest is not, and it is not known where to go on. */
export class GenesisIncomplete extends Error {
  constructor(chunks: number, needed: string) {
    super(`${chunks} chunks of a genesis are written and more are missing: start again with ${needed}`);
    this.name = "GenesisIncomplete";
  }
}

export type GenesisParts = {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly audit: AuditStore;
  readonly fence: Fence;
  readonly networkId: string;
};

/**
 * True when it was finished now. Without a configured genesis, an existing one is kept and a new network begins empty. A caller MUST NOT
 * open the network before this resolves: until then the accounts are not all there.
 */
export async function ensureGenesis(
  parts: GenesisParts,
  configured: GenesisSource | undefined,
  at: UnixMs,
): Promise<boolean> {
  const progress = await readGenesisProgress(parts.pool);
  if (progress === undefined) {
    const whole = await readWhole(parts.store);
    if (whole !== undefined) {
      await checkWhole(whole, configured);
      return false;
    }
  }
  if (progress?.isClosed === true) {
    if (configured !== undefined) await checkClosed(parts, progress, configured);
    return false;
  }
  await writeGenesis(parts, progress, configured, at);
  return true;
}

async function readWhole(store: EventStore): Promise<Uint8Array | undefined> {
  const [event] = await store.readStream(GENESIS_STREAM, { limit: 1 });
  return event?.type === "NetworkBegun" && event.schemaVersion === WHOLE_VERSION ? event.payload : undefined;
}

async function checkWhole(stored: Uint8Array, configured: GenesisSource | undefined): Promise<void> {
  if (configured === undefined) return;
  const accounts: GenesisAccount[] = [];
  for await (const account of configured.accounts()) accounts.push(account);
  const payload = encodeWholeGenesis({ accounts, allocations: configured.allocations });
  if (!bytesEqual(stored, payload)) throw mismatch(stored, payload);
}

/** A file that is known is not read again; another one may still say the same. */
async function checkClosed(
  { pool, store }: GenesisParts,
  progress: GenesisProgress,
  configured: GenesisSource,
): Promise<void> {
  const digest = await configured.digest();
  if (bytesEqual(digest, progress.digest)) return;
  const [closing] = await store.readStream(GENESIS_STREAM, { fromVersion: progress.chunks + 1, limit: 1 });
  const stored = closing?.payload ?? new Uint8Array(0);
  const payload = encodeTotal(await addUp(configured), configured.allocations);
  if (!bytesEqual(stored, payload)) throw mismatch(stored, payload);
  await saveGenesisProgress(pool, { ...progress, digest });
}

function mismatch(stored: Uint8Array, payload: Uint8Array): GenesisMismatch {
  return new GenesisMismatch(encodeHex(sha256(stored)), encodeHex(sha256(payload)));
}

/** Nothing is written from a file that is wrong somewhere: it is read to its end first. */
async function writeGenesis(
  parts: GenesisParts,
  progress: GenesisProgress | undefined,
  configured: GenesisSource | undefined,
  at: UnixMs,
): Promise<void> {
  const source = configured ?? EMPTY_GENESIS;
  const digest = await source.digest();
  if (progress !== undefined && (configured === undefined || !bytesEqual(digest, progress.digest)))
    throw new GenesisIncomplete(
      progress.chunks,
      `the file whose digest is ${encodeHex(progress.digest)}, not ${encodeHex(digest)}`,
    );
  const total = await addUp(source);
  let chunks = 0;
  for await (const accounts of splitIntoChunks(source)) {
    chunks += 1;
    if (chunks > (progress?.chunks ?? 0)) await writeChunk(parts, accounts, { digest, chunks });
  }
  await close(parts, { total, source, at, digest, chunks });
}

async function addUp(source: GenesisSource): Promise<GenesisTotal> {
  const tally = new GenesisTally();
  const check = createAccountCheck();
  for await (const account of source.accounts()) {
    const wrong = check(account);
    if (wrong !== undefined)
      throw new GenesisUnreadable(`${wrong.message}: needed ${wrong.details["needed"] ?? ""}`);
    tally.add(account);
  }
  const total = tally.total();
  if (total.accounts !== source.accountCount)
    throw new GenesisUnreadable(`it announces ${source.accountCount} accounts and has ${total.accounts}`);
  return total;
}

async function* splitIntoChunks(source: GenesisSource): AsyncGenerator<GenesisAccount[]> {
  let chunk: GenesisAccount[] = [];
  for await (const account of source.accounts()) {
    if (chunk.push(account) < CHUNK_ACCOUNTS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The event, the accounts' rows and how far it came commit together. */
async function writeChunk(
  { store, fence }: GenesisParts,
  accounts: readonly GenesisAccount[],
  { digest, chunks }: { readonly digest: Uint8Array; readonly chunks: number },
): Promise<void> {
  const also = async (client: PoolClient): Promise<void> => {
    await upsertAccounts(client, accounts.map(toRow));
    await saveGenesisProgress(client, { digest, chunks, isClosed: false });
  };
  const events = [toEvent("GenesisChunk", 1, encodeChunk(accounts))];
  unwrap(await store.append({ stream: GENESIS_STREAM, expectedVersion: chunks - 1, events, fence, also }));
}

function toRow({ key, lamports, owner, executable, data }: GenesisAccount): AccountRow {
  const value = { lamports: lamports as Lamports, owner, executable, rentEpoch: RENT_EXEMPT, data };
  return { key, version: 0, value };
}

type Closing = {
  readonly total: GenesisTotal;
  readonly source: GenesisSource;
  readonly at: UnixMs;
  readonly digest: Uint8Array;
  readonly chunks: number;
};

async function close(
  { store, fence, audit, networkId }: GenesisParts,
  { total, source: { allocations }, at, digest, chunks }: Closing,
): Promise<void> {
  const payload = encodeTotal(total, allocations);
  const transfers = createTransfers(total.lamports, allocations, at);
  const begun: Append = {
    stream: GENESIS_STREAM,
    expectedVersion: chunks,
    events: [toEvent("NetworkBegun", 2, payload)],
  };
  const posted: Append = {
    stream: BASE_LEDGER_STREAM,
    expectedVersion: 0,
    events: transfers.map(({ transfer }) =>
      toEvent("TransferCreated", 1, encodeTransferCreated(transfer, transfer.transferId)),
    ),
  };
  const also = async (client: PoolClient): Promise<void> => {
    for (const transfer of transfers) await applyBaseEvent(client, transfer);
    await audit.append(client, [describeGenesis(networkId, { ...total, hash: sha256(payload), at })]);
    await saveGenesisProgress(client, { digest, chunks, isClosed: true });
  };
  unwrap(await store.appendBatch(transfers.length === 0 ? [begun] : [begun, posted], { fence, also }));
}

function createTransfers(
  lamports: bigint,
  allocations: GenesisSource["allocations"],
  at: UnixMs,
): BaseEvent[] {
  return listGenesisTransfers(lamports, allocations).map(({ debit, credit, amount }) => ({
    type: "TransferCreated",
    transfer: {
      transferId: `genesis/${credit}`,
      debit,
      credit,
      amount: amount as BaseUnits,
      state: "posted",
      reason: "genesis",
      at,
      expiresAt: 0 as UnixMs,
    },
  }));
}

function toEvent(type: string, schemaVersion: number, payload: Uint8Array): NewEvent {
  return { id: randomUUID(), type, schemaVersion, payload };
}
