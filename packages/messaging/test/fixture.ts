/** What the tests of messaging share: a connection to a NATS of their own, and an outbox in memory. */
import { randomUUID } from "node:crypto";
import { useTestNats } from "@mira/testing";
import type { TestNats } from "@mira/testing";
import { connectMessaging } from "../src/index.ts";
import type {
  ConsumerDeclaration,
  Logger,
  Messaging,
  OutboxStore,
  OutgoingMessage,
  StoredOutboxMessage,
  StreamDeclaration,
} from "../src/index.ts";

export const WORK: StreamDeclaration = {
  name: "WORK",
  subjects: ["test.work.done.v1"],
  retention: "workqueue",
};
export const FACTS: StreamDeclaration = { name: "FACTS", subjects: ["test.fact.>"], retention: "limits" };
export const WORKERS: ConsumerDeclaration = {
  stream: "WORK",
  durable: "workers",
  ackWaitMs: 2_000,
  maxDeliver: 3,
  maxAckPending: 64,
};

export type Rig = {
  readonly nats: TestNats;
  readonly messaging: Messaging;
  readonly signal: AbortSignal;
  readonly warnings: string[];
  connect(name: string): Promise<Messaging>;
  /** Stops everything that takes the rig's signal, then closes. */
  close(): Promise<void>;
};

export async function createRig(): Promise<Rig> {
  const nats = await useTestNats();
  const stop = new AbortController();
  const warnings: string[] = [];
  const record = (fields: object, message: string): void =>
    void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { info: () => undefined, warn: record, error: record };
  const opened: Messaging[] = [];
  const connect = async (name: string): Promise<Messaging> => {
    const messaging = await connectMessaging({ url: nats.url, name, signal: stop.signal, logger });
    opened.push(messaging);
    return messaging;
  };
  return {
    nats,
    messaging: await connect("test"),
    signal: stop.signal,
    warnings,
    connect,
    close: async () => {
      stop.abort();
      await Promise.all(opened.map((messaging) => messaging.close()));
      await nats.close();
    },
  };
}

export function message(subject: string, text: string, id: string = randomUUID()): OutgoingMessage {
  return { subject, id, payload: Buffer.from(text) };
}

export function textOf({ payload }: { readonly payload: Uint8Array }): string {
  return Buffer.from(payload).toString();
}

/** An outbox with the contract of the event store's: what the relay does on a crash of NATS does not depend on Postgres. */
export function createMemoryOutbox(): OutboxStore & { append(...messages: OutgoingMessage[]): void } {
  const rows: StoredOutboxMessage[] = [];
  const cursors = new Map<string, bigint>();
  const listeners = new Set<() => void>();
  let published = 0n;
  return {
    append: (...messages) => {
      for (const added of messages) rows.push({ ...added, position: BigInt(rows.length + 1) });
      for (const listener of listeners) queueMicrotask(listener);
    },
    readOutbox: ({ afterPosition, limit }) =>
      Promise.resolve(rows.filter(({ position }) => position > afterPosition).slice(0, limit)),
    getPublished: () => Promise.resolve(published),
    markPublished: (position) => {
      published = position > published ? position : published;
      return Promise.resolve();
    },
    onAppended: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    getCursor: (name) => Promise.resolve(cursors.get(name) ?? 0n),
    withCursor: async (name, effect) => {
      const next = await effect(undefined, cursors.get(name) ?? 0n);
      cursors.set(name, next);
      return next;
    },
  };
}
