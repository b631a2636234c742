/** What the sequencer needs from others, as narrow as it needs it; main.ts supplies it. */
import type { Result } from "@mira/primitives";
import type { TransactionRecord } from "@mira/runtime/wire";
import type { Context } from "@opentelemetry/api";
import type { Cut } from "./domain/cut.ts";

export type Clock = { readonly now: () => number };

export type Logger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

// ---- settlement
export type SettledAccount = {
  readonly exists: boolean;
  readonly lamports: bigint;
  readonly owner: Uint8Array;
  readonly executable: boolean;
  /** Empty when it was not asked for. */
  readonly data: Uint8Array;
};
export type AccountsRead = {
  /** In the order of the keys. */
  readonly accounts: readonly SettledAccount[];
  /** Number of settled batches whose effects the values hold. */
  readonly settledBatches: number;
};
export type Settlement = {
  /** At most 4,096 keys of 32 bytes. */
  readonly readAccounts: (
    keys: readonly Uint8Array[],
    options: { readonly withData: boolean },
  ) => Promise<AccountsRead>;
  readonly readSettledBatches: () => Promise<number>;
  /** Programs that were there at genesis or are finalized. */
  readonly readPrograms: () => Promise<string[]>;
};

// ---- sessions
export type SessionView = {
  /** Base58 of 32 bytes. */
  readonly id: string;
  readonly owner: Uint8Array;
  readonly key: Uint8Array;
  readonly startsAt: number;
  /** The session refuses from this instant. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
};
export type BudgetRequest = {
  readonly sessionId: string;
  readonly messageHash: Uint8Array;
  readonly feeLamports: bigint;
  readonly signers: readonly Uint8Array[];
  readonly instructions: readonly {
    readonly program: Uint8Array;
    readonly accounts: readonly Uint8Array[];
    readonly data: Uint8Array;
  }[];
  readonly writable: readonly Uint8Array[];
};
export type Sessions = {
  readonly readSession: (id: string) => Promise<Result<SessionView>>;
  readonly reserveBudget: (request: BudgetRequest) => Promise<Result<undefined>>;
  readonly releaseBudget: (request: {
    readonly sessionId: string;
    readonly messageHash: Uint8Array;
    readonly reason: string;
  }) => Promise<void>;
};

// ---- the store
export type StoredBatch = { readonly bytes: Uint8Array; readonly cut: Cut };
export type SealedAppend = StoredBatch & {
  readonly batchNumber: number;
  /** UUID; the same when the append is tried again. */
  readonly id: string;
  readonly traceparent: string;
  /** Programs that the batch deploys, kept so that they are known for ever. */
  readonly deploys: readonly string[];
};
export type BatchStore = {
  /**
   * One commit, fenced by the lease. Tried again with the same id it answers as the first time, whatever became of that.
   * MUST resolve before anyone is told that the batch is sealed.
   */
  readonly append: (append: SealedAppend) => Promise<Result<undefined, "CONCURRENT_CHANGE" | "NOT_LEADER">>;
  readonly countBatches: () => Promise<number>;
  readonly findBatch: (batchNumber: number) => Promise<Uint8Array | undefined>;
  /** In order, from `first`; fewer than `limit` only at the end or where they are large, none only at the end. */
  readonly readBatches: (first: number, limit: number) => Promise<StoredBatch[]>;
  /** Every program of genesis and of any batch; undefined before those of genesis were saved. */
  readonly readPrograms: () => Promise<string[] | undefined>;
  readonly savePrograms: (programs: readonly string[]) => Promise<void>;
  /** How many batches are known to be published; stored now and then. */
  readonly readPublished: () => Promise<number>;
  readonly savePublished: (batches: number) => Promise<void>;
};

// ---- messages
export type OutgoingMessage = {
  readonly subject: string;
  /** A second publication with the same id is dropped by the stream. */
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};
export type Outlet = {
  /** Resolves when all are stored; rejects when one may not be. */
  readonly publish: (messages: readonly OutgoingMessage[]) => Promise<void>;
  /** Makes the streams exist, also after NATS has lost them. */
  readonly declare: () => Promise<void>;
};

// ---- between admission and sealing
/** One submission, waiting for its transactions to be sequenced. */
export type Ticket = {
  readonly sequences: Float64Array;
  remaining: number;
  readonly context: Context;
  readonly sequenced: (at: number) => void;
  readonly failed: (error: unknown) => void;
};
/** What the shell keeps of an admitted transaction until it is sealed. */
export type Admitted = {
  readonly record: TransactionRecord;
  /** Programs that it deploys. */
  readonly deploys: readonly string[];
  readonly ticket: Ticket;
  readonly index: number;
};
