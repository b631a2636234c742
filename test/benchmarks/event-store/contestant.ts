/** What every store under test must do: append events to a stream of its own, at the version the stream has. */
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";

export type Contestant = {
  readonly name: string;
  /** Appends `count` events to `stream`, which has `version` events; resolves when they are durable. */
  readonly append: (stream: StreamName, version: number, count: number) => Promise<void>;
  /** Appends one event to each of new streams; absent where a store has nothing better than many appends at once. */
  readonly appendToMany?: (streams: readonly StreamName[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Peers split a name into category and id; each worker has a category of its own. */
export type StreamName = { readonly category: string; readonly id: string };

export type Server = { readonly url: string; readonly connections: number };

/** About 200 bytes, as binary and as the JSON that the peers store. */
const PAYLOAD_TEXT = randomBytes(120).toString("base64");
export const PAYLOAD_JSON = { account: randomUUID(), note: PAYLOAD_TEXT };
export const PAYLOAD_BYTES = Buffer.from(JSON.stringify(PAYLOAD_JSON));
export const EVENT_TYPE = "AccountCredited";

/** A pool whose connections are all open already. */
export async function openPool({ url, connections }: Server): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: connections, idleTimeoutMillis: 0 });
  // What broke a run is thrown by the run; connections that the stopping server ends are no news.
  pool.on("error", () => undefined);
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}
