/** The event store of one service: appends, reads, outbox and cursors, bound to one pool and one schema. */
import { invariant, succeed, type Result } from "@mira/primitives";
import type { Pool, PoolClient } from "pg";
import { appendAll, appendWithin, type AppendTarget } from "./append.ts";
import type { BatchResult } from "./append-result.ts";
import { forgetSeen, getCursor, once, withCursor, type CursorEffect } from "./cursors.ts";
import { DEFAULT_LIMITS, EVENTS_PER_TRANSACTION_MAX, type Limits } from "./limits.ts";
import { createListeners, type AppendListener } from "./listeners.ts";
import { createMergedAppends } from "./merged-appends.ts";
import type {
  Append,
  Appended,
  AppendOptions,
  AppendRefusalCode,
  Fence,
  StoredEvent,
  StoredOutboxMessage,
} from "./model.ts";
import { assertSchemaName } from "./names.ts";
import { getPublished, markPublished, readOutbox, rewindPublished } from "./outbox.ts";
import { readAll, readStream, type ReadAllOptions, type ReadStreamOptions } from "./read.ts";
import { grantAppendOnly } from "./roles.ts";
import { migrate } from "./schema.ts";
import { findStall, type Stall } from "./stall.ts";
import { composeUpcasters, type Upcaster } from "./upcasters.ts";

export type EventStoreOptions = {
  readonly pool: Pool;
  /** Each service owns one. */
  readonly schema: string;
  readonly upcasters?: readonly Upcaster[];
  readonly limits?: Partial<Limits>;
};

export type EventStore = {
  readonly schema: string;
  /** Creates or updates the schema; needs its owner. */
  readonly migrate: () => Promise<void>;
  /** Lets a role read and append and nothing more. */
  readonly grantAppendOnly: (role: string) => Promise<void>;

  /** One stream; durable when it resolves with a value. One round trip without `also`. See appendAll. */
  readonly append: (append: Append & AppendOptions) => Promise<Result<Appended, AppendRefusalCode>>;
  /** Several streams in one transaction, all or nothing. Versions in the order of the appends. */
  readonly appendBatch: (appends: readonly Append[], options?: AppendOptions) => Promise<BatchResult>;
  /** In the caller's transaction; see appendWithin. After its commit the caller calls `notifyAppended`. */
  readonly appendIn: (client: PoolClient, appends: readonly Append[], fence?: Fence) => Promise<BatchResult>;

  readonly readStream: (stream: string, options?: ReadStreamOptions) => Promise<StoredEvent[]>;
  readonly readAll: (options: ReadAllOptions) => Promise<StoredEvent[]>;
  readonly readOutbox: (options: {
    readonly afterPosition: bigint;
    readonly limit: number;
  }) => Promise<StoredOutboxMessage[]>;
  readonly getPublished: () => Promise<bigint>;
  readonly markPublished: (position: bigint) => Promise<void>;
  readonly rewindPublished: (position: bigint) => Promise<void>;

  /** Runs the listener after appends by this process have committed. Returns what removes it. */
  readonly onAppended: (listener: AppendListener) => () => void;
  readonly notifyAppended: () => void;

  readonly withCursor: (name: string, effect: CursorEffect) => Promise<bigint>;
  readonly getCursor: (name: string) => Promise<bigint>;
  readonly once: (client: PoolClient, consumer: string, messageId: string) => Promise<boolean>;
  readonly forgetSeen: (options: { readonly olderThanMs: number; readonly limit: number }) => Promise<number>;
  readonly findStall: (olderThanMs: number) => Promise<Stall | undefined>;
};

export function openEventStore(options: EventStoreOptions): EventStore {
  const { pool, schema } = options;
  assertSchemaName(schema);
  const source = { pool, schema, upcast: composeUpcasters(options.upcasters ?? []) };
  const listeners = createListeners();
  return {
    schema,
    migrate: () => migrate(pool, schema),
    grantAppendOnly: (role) => grantAppendOnly(pool, schema, role),
    ...bindAppends(
      { pool, schema, limits: toLimits(options.limits), appendPlain: createMergedAppends({ pool, schema }) },
      listeners.notify,
    ),
    readStream: (stream, read = {}) => readStream(source, stream, read),
    readAll: (read) => readAll(source, read),
    readOutbox: (read) => readOutbox(source, read),
    getPublished: () => getPublished(source),
    markPublished: (position) => markPublished(source, position),
    rewindPublished: (position) => rewindPublished(source, position),
    onAppended: listeners.add,
    notifyAppended: listeners.notify,
    async withCursor(name, effect) {
      const next = await withCursor(source, name, effect);
      listeners.notify();
      return next;
    },
    getCursor: (name) => getCursor(source, name),
    once: (client, consumer, messageId) => once(client, schema, consumer, messageId),
    forgetSeen: (forget) => forgetSeen(source, forget),
    findStall: (olderThanMs) => findStall(source, olderThanMs),
  };
}

type Appends = Pick<EventStore, "append" | "appendBatch" | "appendIn">;

function bindAppends(target: AppendTarget, notify: () => void): Appends {
  async function appendBatch(appends: readonly Append[], options: AppendOptions = {}): Promise<BatchResult> {
    const result = await appendAll(target, appends, options);
    if (result.ok) notify();
    return result;
  }
  async function append(request: Append & AppendOptions): Promise<Result<Appended, AppendRefusalCode>> {
    const result = await appendBatch([request], request);
    if (!result.ok) return result;
    const [version] = result.value.versions;
    invariant(version !== undefined, "one append has one version");
    return succeed({ version, lastPosition: result.value.lastPosition });
  }
  return {
    append,
    appendBatch,
    appendIn: (client, appends, fence) => appendWithin(client, target, appends, fence),
  };
}

function toLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  invariant(
    limits.eventsMax <= EVENTS_PER_TRANSACTION_MAX,
    `a transaction holds at most ${EVENTS_PER_TRANSACTION_MAX} events: ${limits.eventsMax}`,
  );
  return limits;
}
