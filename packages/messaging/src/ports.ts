/** What messaging needs from an event store and a logger: narrow, so that it runs without knowing either. */

export type StoredOutboxMessage = {
  readonly id: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly position: bigint;
};

/** The published side of an event store. Its history of messages stays, so that lost streams can be rebuilt. */
export type OutboxStore = {
  /** In order of positions, never skipping one that commits late. */
  readonly readOutbox: (options: {
    readonly afterPosition: bigint;
    readonly limit: number;
  }) => Promise<StoredOutboxMessage[]>;
  readonly getPublished: () => Promise<bigint>;
  readonly markPublished: (position: bigint) => Promise<void>;
  /** Runs the listener after appends by this process; returns what removes it. */
  readonly onAppended: (listener: () => void) => () => void;
  readonly getCursor: (name: string) => Promise<bigint>;
  readonly withCursor: (
    name: string,
    effect: (client: unknown, cursor: bigint) => Promise<bigint>,
  ) => Promise<bigint>;
};

export type IdempotenceStore<Client> = {
  /** Runs the effect in one transaction; of two runners of one name the second waits for the first. */
  readonly withCursor: (
    name: string,
    effect: (client: Client, cursor: bigint) => Promise<bigint>,
  ) => Promise<bigint>;
  /** True the first time; false when the consumer has seen the message. */
  readonly once: (client: Client, consumer: string, messageId: string) => Promise<boolean>;
};

/** As pino has it. */
export type Logger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
