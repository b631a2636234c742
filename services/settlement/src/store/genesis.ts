/** Writes what the network begins with, once; later starts must name the same genesis. */
import { randomUUID } from "node:crypto";
import type { EventStore, Fence } from "@mira/event-store";
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
import { describeGenesis } from "../domain/audit-kinds.ts";
import type { BaseEvent } from "../domain/base-ledger.ts";
import { encodeGenesis, listGenesisTransfers, sumLamports, type Genesis } from "../domain/genesis.ts";
import { upsertAccounts } from "./accounts.ts";
import type { AuditStore } from "./audit.ts";
import { applyBaseEvent } from "./base-ledger.ts";
import { BASE_LEDGER_STREAM, encodeTransferCreated } from "./journal.ts";

const GENESIS_STREAM = "genesis";
/** As new accounts have it: exempt from rent for ever. */
const RENT_EXEMPT = 2n ** 64n - 1n;

export class GenesisMismatch extends Error {
  constructor(needed: string, got: string) {
    super(`this database began with genesis ${needed}; the configured one is ${got}`);
    this.name = "GenesisMismatch";
  }
}

export type GenesisParts = {
  readonly store: EventStore;
  readonly audit: AuditStore;
  readonly fence: Fence;
  readonly networkId: string;
};

/** True when it was written now. Without a configured genesis, an existing one is kept and a new network begins empty. */
export async function ensureGenesis(
  parts: GenesisParts,
  genesis: Genesis | undefined,
  at: UnixMs,
): Promise<boolean> {
  const [stored] = await parts.store.readStream(GENESIS_STREAM, { limit: 1 });
  const payload = encodeGenesis(genesis ?? { accounts: [], allocations: [] });
  if (stored !== undefined) {
    if (genesis !== undefined && !bytesEqual(stored.payload, payload))
      throw new GenesisMismatch(encodeHex(sha256(stored.payload)), encodeHex(sha256(payload)));
    return false;
  }
  await writeGenesis(parts, genesis ?? { accounts: [], allocations: [] }, payload, at);
  return true;
}

async function writeGenesis(
  parts: GenesisParts,
  genesis: Genesis,
  payload: Uint8Array,
  at: UnixMs,
): Promise<void> {
  const transfers = createTransfers(genesis, at);
  const entry = describeGenesis(parts.networkId, {
    hash: sha256(payload),
    lamports: sumLamports(genesis),
    accounts: genesis.accounts.length,
    at,
  });
  const appends = [
    {
      stream: GENESIS_STREAM,
      expectedVersion: 0,
      events: [{ id: randomUUID(), type: "NetworkBegun", schemaVersion: 1, payload }],
    },
    ...(transfers.length === 0
      ? []
      : [{ stream: BASE_LEDGER_STREAM, expectedVersion: 0, events: transfers.map(toEvent) }]),
  ];
  const also = async (client: PoolClient): Promise<void> => {
    await upsertAccounts(client, genesis.accounts.map(toRow));
    for (const transfer of transfers) await applyBaseEvent(client, transfer);
    await parts.audit.append(client, [entry]);
  };
  unwrap(await parts.store.appendBatch(appends, { fence: parts.fence, also }));
}

function createTransfers(genesis: Genesis, at: UnixMs): BaseEvent[] {
  return listGenesisTransfers(genesis).map(({ debit, credit, amount }) => ({
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

function toEvent({ transfer }: BaseEvent): {
  id: string;
  type: string;
  schemaVersion: number;
  payload: Uint8Array;
} {
  const payload = encodeTransferCreated(transfer, transfer.transferId);
  return { id: randomUUID(), type: "TransferCreated", schemaVersion: 1, payload };
}

function toRow({
  key,
  lamports,
  owner,
  executable,
  data,
}: Genesis["accounts"][number]): Parameters<typeof upsertAccounts>[1][number] {
  return {
    key,
    version: 0,
    value: { lamports: lamports as Lamports, owner, executable, rentEpoch: RENT_EXEMPT, data },
  };
}
