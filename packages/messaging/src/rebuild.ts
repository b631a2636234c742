/** Refills streams that NATS has lost from the history of the outbox: Postgres is the truth. */
import type { Messaging } from "./connect.ts";
import type { OutboxStore, StoredOutboxMessage } from "./ports.ts";

export type RebuildOptions = {
  readonly store: OutboxStore;
  readonly messaging: Messaging;
  readonly signal?: AbortSignal;
  /** Which streams; every stream that the outbox publishes into when absent. */
  readonly streams?: readonly string[];
  readonly rebuildFrom?: (stream: string) => Promise<bigint>;
};

export type Rebuilt = { readonly messages: number };

const PAGE = 512;
/** Subjects carry no ids, so there are few. */
const REMEMBERED_MAX = 1_000;

/**
 * Declares the streams again and publishes into them every message the outbox has marked as published, in order and with its old id.
 * Consumers see old messages again and MUST be idempotent. Rebuild before the relay starts, or let the relay do it: new messages
 * published meanwhile would stand between old ones.
 */
export async function rebuildStreams(options: RebuildOptions): Promise<Rebuilt> {
  const { store, messaging, signal = new AbortController().signal } = options;
  await messaging.redeclare();
  const until = await store.getPublished();
  const isChosen = chooseMessages(options, until);
  let messages = 0;
  for (let position = 0n; position < until && !signal.aborted;) {
    const page = await store.readOutbox({ afterPosition: position, limit: PAGE });
    const chosen: StoredOutboxMessage[] = [];
    for (const message of page) if (await isChosen(message)) chosen.push(message);
    await messaging.publishMany(chosen, { signal });
    messages += chosen.length;
    position = page.at(-1)?.position ?? until;
  }
  return { messages };
}

/** A message that is to be published again: marked, of one of the streams, and not before that stream's start. */
function chooseMessages(
  options: RebuildOptions,
  until: bigint,
): (message: StoredOutboxMessage) => Promise<boolean> {
  const findStream = remember((subject) => options.messaging.findStreamOf(subject));
  const findStart = remember((stream) => options.rebuildFrom?.(stream) ?? Promise.resolve(0n));
  return async ({ subject, position }) => {
    if (position > until) return false;
    const stream = await findStream(subject);
    if (stream === undefined || !(options.streams?.includes(stream) ?? true)) return false;
    return position > (await findStart(stream));
  };
}

function remember<T>(find: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const found = new Map<string, Promise<T>>();
  return (key) => {
    const value = found.get(key) ?? find(key);
    if (found.size < REMEMBERED_MAX) found.set(key, value);
    return value;
  };
}

/**
 * Rebuilds the streams that are not the ones this outbox last published into. When each was created is kept in the store's cursors, so that
 * the loss is noticed whoever declares the stream again first, and across restarts.
 */
export async function rebuildLostStreams(
  options: RebuildOptions & { readonly name: string },
): Promise<Rebuilt> {
  const { store, messaging } = options;
  await messaging.redeclare();
  const streams = await readLives(options);
  const lost = streams
    .filter(({ createdAt, known }) => known !== 0n && createdAt > known)
    .map(({ name }) => name);
  const rebuilt = lost.length === 0 ? { messages: 0 } : await rebuildStreams({ ...options, streams: lost });
  if (options.signal?.aborted === true) return rebuilt;
  for (const { cursor, createdAt, known } of streams) {
    if (createdAt > known)
      await store.withCursor(cursor, (_client, before) => Promise.resolve(max(before, createdAt)));
  }
  return rebuilt;
}

/** `createdAt` now, and `known` from last time (0 before the first), both Unix ms. */
type StreamLife = {
  readonly name: string;
  readonly cursor: string;
  readonly createdAt: bigint;
  readonly known: bigint;
};

async function readLives(options: RebuildOptions & { readonly name: string }): Promise<StreamLife[]> {
  const lives: StreamLife[] = [];
  for (const name of options.messaging.listDeclaredStreams()) {
    const state = await options.messaging.readStreamState(name);
    if (state === undefined) continue;
    const cursor = `relay.${options.name}.created.${name}`;
    lives.push({
      name,
      cursor,
      createdAt: BigInt(state.createdAt),
      known: await options.store.getCursor(cursor),
    });
  }
  return lives;
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
