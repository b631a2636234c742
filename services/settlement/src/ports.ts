/** What settlement needs from others, as narrowly as it needs it. */
import type { Refusal, UnixMs } from "@mira/primitives";
import type { SettledBatch } from "@mira/runtime/wire";
import type { AuditEntry } from "./domain/audit-kinds.ts";
import type { BaseEvent } from "./domain/base-ledger.ts";
import type { SessionOutcome } from "./domain/check-sessions.ts";
import type { AccountRow } from "./codec/account-record.ts";

export type Clock = { readonly now: () => UnixMs };

/** As pino has it. */
export type Logger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The sequencer: the sealed batch as bytes, undefined when it has none of that number. */
export type SealedBatchSource = {
  readonly fetch: (batchNumber: number, signal: AbortSignal) => Promise<Uint8Array | undefined>;
};

/** The projection of accounts, for what memory does not hold. */
export type AccountSource = { readonly read: (keys: readonly Uint8Array[]) => Promise<AccountRow[]> };

export type SettledCommit = {
  readonly packed: SettledBatch;
  readonly sealedAt: UnixMs;
  readonly runtimeId: Uint8Array;
  readonly sessions: readonly SessionOutcome[];
  /** Sequence numbers whose receipt is a no-op made by settlement. */
  readonly quarantined: readonly number[];
  readonly outflowLamports: bigint;
  /** Packed index of the transaction ids. */
  readonly receiptIds: Uint8Array;
};

export type FollowedPositions = { readonly batches: number; readonly results: number };

export type RefusedCommit = {
  readonly batchNumber: number;
  readonly partition: number;
  readonly executorId: string;
  readonly refusal: Refusal;
  readonly resultHash: Uint8Array;
  readonly resultBytes: Uint8Array;
  readonly sequences: readonly number[];
  readonly setAside: boolean;
  readonly at: UnixMs;
  /** Work handed out again. */
  readonly publish: readonly Publication[];
};

export type Publication = {
  readonly id: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

export type FinalizedCommit = {
  readonly batchNumber: number;
  readonly resultHash: Uint8Array;
  readonly reexecutorId: string;
  readonly at: UnixMs;
};

export type HeldCommit = {
  readonly batchNumber: number;
  readonly executorId: string;
  readonly reason: string;
  readonly at: UnixMs;
};

/** Where things become true: each call is one fenced Postgres transaction. All throw LeaseLost when another leads. */
export type Journal = {
  /** Nobody MUST be told that the batches are settled before this resolves. */
  readonly commitSettled: (
    batches: readonly SettledCommit[],
    after: {
      readonly runtimeLamports: bigint;
      readonly followed: FollowedPositions;
      readonly keepOutflow: boolean;
    },
  ) => Promise<void>;
  readonly commitRefused: (refused: RefusedCommit) => Promise<void>;
  readonly commitFinalized: (batches: readonly FinalizedCommit[]) => Promise<void>;
  readonly commitPublications: (publications: readonly Publication[]) => Promise<void>;
};

/** Thrown by the journal when Postgres says that the lease is another's: the process must stop acting as the leader. */
export class LeaseLost extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LeaseLost";
  }
}

export type { AuditEntry, BaseEvent };
