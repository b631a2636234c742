/** What settlement holds in memory, rebuilt from Postgres at every start. Nothing here is true before it is committed there. */
import { encodeBase58, type UnixMs } from "@mira/primitives";
import type { AccountValue, SettledBatch } from "@mira/runtime/wire";
import { toSettledEntry } from "../codec/account-record.ts";
import type { AccountTable } from "../domain/account-table.ts";
import type { FinalityState } from "../domain/finality.ts";
import { NO_OUTFLOW, type VelocityState } from "../domain/velocity.ts";
import type { Executors } from "./executors.ts";
import type { PendingBatches } from "./pending-batches.ts";
import type { Progress } from "./progress.ts";
import type { RecentBatches } from "./recent-batches.ts";

export type Halt = { readonly what: "settling" | "finality"; readonly reason: string };

export type Ledger = {
  readonly accounts: AccountTable<AccountValue>;
  readonly pending: PendingBatches;
  readonly recent: RecentBatches;
  readonly progress: Progress;
  readonly executors: Executors;
  /** Of every settled batch that is not finalized. */
  readonly finality: Map<number, FinalityState>;
  /** By batch, the reason: nothing from the lowest on is finalized. */
  readonly holds: Map<number, string>;
  /** Number of batches whose effects are in the projection. */
  projectedBatches: number;
  /** Sum of lamports inside the runtime; equals its escrow on the base ledger. */
  runtimeLamports: bigint;
  velocity: VelocityState;
  halt: Halt | undefined;
  quarantinedCount: number;
  /** Hashes, in hexadecimal, of results that a former leader refused: what followed from that is committed. */
  readonly refusedBefore: Set<string>;
};

export type LedgerParts = Pick<Ledger, "accounts" | "pending" | "recent" | "progress" | "executors">;

export function createLedger(parts: LedgerParts): Ledger {
  return {
    ...parts,
    finality: new Map(),
    holds: new Map(),
    projectedBatches: 0,
    runtimeLamports: 0n,
    velocity: NO_OUTFLOW,
    halt: undefined,
    quarantinedCount: 0,
    refusedBefore: new Set(),
  };
}

/** A batch that is committed becomes visible: accounts first, then the number that says as of which batch they are. */
export function applySettled(ledger: Ledger, packed: SettledBatch, receiptIds: Uint8Array): void {
  const { header, writes } = packed;
  for (let index = 0; index < writes.count; index++)
    ledger.accounts.putSettled(toSettledEntry(writes, index), header.batchNumber);
  ledger.recent.add({ packed, receiptIds });
  ledger.runtimeLamports -= header.fees;
  ledger.finality.set(header.batchNumber, createFinality(packed));
}

function createFinality({ header, executors }: SettledBatch): FinalityState {
  return {
    settledAt: header.settledAt,
    resultHash: header.resultHash,
    executors: executors.map(encodeBase58),
    agreedBy: undefined,
    hold: undefined,
    finalizedAt: undefined,
  };
}

export function applyFinalized(ledger: Ledger, batchNumber: number, at: UnixMs): void {
  ledger.finality.delete(batchNumber);
  ledger.recent.markFinalized(batchNumber, at);
}

/** The lowest batch that a hold lies on; Infinity when there is none. */
export function findFirstHeld(ledger: Ledger): number {
  return Math.min(Infinity, ...ledger.holds.keys());
}
