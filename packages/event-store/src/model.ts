/** What the store keeps and hands out: events, outbox messages, appends, fences. */
import type { UnixMs } from "@mira/primitives";
import type { PoolClient } from "pg";

export type NewEvent = {
  /** UUID; the relay publishes with it, so it MUST be made once and kept when the same append is tried again. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly payload: Uint8Array;
  readonly metadata?: EventMetadata;
};

export type EventMetadata = { readonly traceparent?: string };

export type StoredEvent = NewEvent & {
  readonly stream: string;
  /** Place in the stream: 1, 2, 3 without gaps. */
  readonly version: number;
  /** Place in the store: strictly increasing in the order readers see, not contiguous. */
  readonly position: bigint;
  readonly recordedAt: UnixMs;
};

export type OutboxMessage = {
  /** Becomes the deduplication id of the published message. */
  readonly id: string;
  readonly subject: string;
  /** The very array of an event of the same append is stored once, with the event. */
  readonly payload: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

export type StoredOutboxMessage = OutboxMessage & { readonly position: bigint };

export type Append = {
  readonly stream: string;
  /** The stream's version before this append: 0 for a new stream, "any" when order among writers does not matter. */
  readonly expectedVersion: number | "any";
  readonly events: readonly NewEvent[];
  readonly outbox?: readonly OutboxMessage[];
};

/** Proof of leadership: Postgres compares the epoch in the transaction of the append. */
export type Fence = { readonly name: string; readonly epoch: number };

export type AppendOptions = {
  readonly fence?: Fence;
  /** More work in the transaction of the append, after it. What it throws undoes the append. */
  readonly also?: (client: PoolClient) => Promise<void>;
};

export type Appended = { readonly version: number; readonly lastPosition: bigint };
export type AppendedBatch = { readonly versions: readonly number[]; readonly lastPosition: bigint };
export type AppendRefusalCode = "CONCURRENT_CHANGE" | "NOT_LEADER" | "APPEND_TOO_LARGE";
