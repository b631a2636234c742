/** What the executor needs of others, as narrow as it needs it. */
import type { UnixMs } from "@mira/primitives";
import type { AccountValue } from "@mira/runtime/wire";

export type Clock = { readonly now: () => UnixMs };

/** As pino has it. */
export type Logger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type SettledAccount = {
  readonly key: string;
  readonly version: number;
  readonly value: AccountValue | undefined;
};

/** Settlement's read API. */
export type SettledAccounts = {
  /** In the order of the request, as of what is settled; at most READ_KEYS_MAX keys. Throws when nobody answers. */
  readonly read: (keys: readonly string[], signal: AbortSignal) => Promise<readonly SettledAccount[]>;
};

/** How far the ledger has come. */
export type Progress = {
  readonly settledBatches: number;
  readonly settledSequence: number;
  readonly finalizedBatches: number;
};

/** One partition as the work queue delivers it. Answered exactly once, by ack, nak or park. */
export type WorkMessage = {
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly deliveryCount: number;
  /** Place in the work queue: stays the same when it is delivered again. */
  readonly sequence: number;
  readonly publishedAt: UnixMs;
  ack(): void;
  nak(delayMs?: number): void;
  park(reason: string): Promise<void>;
};

export type OutgoingResult = {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

export type ResultStream = {
  /** Resolves when all are in the stream. */
  readonly publish: (results: readonly OutgoingResult[]) => Promise<void>;
};

/** Whether everything that a stream held when it was asked has been read. */
export type Watermark = {
  /** Resolves when all messages published up to `publishedAt` have been read. */
  readonly reach: (publishedAt: UnixMs, signal: AbortSignal) => Promise<void>;
};

/** Bytes of sealed batches, by number; undefined when they are not there. Throws when nobody answers. */
export type SealedBatches = {
  readonly readSealed: (batchNumber: number, signal: AbortSignal) => Promise<Uint8Array | undefined>;
};

export type SnapshotPart = {
  /** How many batches the snapshot holds the effects of: the same in every part. */
  readonly finalizedBatches: number;
  readonly accounts: readonly SettledAccount[];
};

/** What a re-executor reads of the ledger. */
export type SettledLedger = {
  readonly readSnapshot: (signal: AbortSignal) => AsyncIterable<SnapshotPart>;
  /** Packed batch event; undefined when the batch is not settled. */
  readonly readSettled: (batchNumber: number, signal: AbortSignal) => Promise<Uint8Array | undefined>;
};
