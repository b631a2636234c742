/**
 * Message DB, at its best: its own SQL, installed in the order of its install.sh; each worker writes a category of its own, since writes
 * to one category exclude one another; a prepared call of write_message for one event. Its documented way to write many is many calls in
 * one transaction; here they are one statement, one round trip and one commit, which is faster. It writes no outbox.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import pg from "pg";
import { EVENT_TYPE, openPool, PAYLOAD_JSON, type Contestant, type Server } from "./contestant.ts";

const FILES = [
  "roles/message-store",
  "schema/message-store",
  "extensions/pgcrypto",
  "tables/messages",
  "types/message",
  ...["message-store-version", "hash-64", "acquire-lock", "category", "is-category", "id", "cardinal-id"].map(
    toFunction,
  ),
  ...[
    "stream-version",
    "write-message",
    "get-stream-messages",
    "get-category-messages",
    "get-last-stream-message",
  ].map(toFunction),
  ...["messages-id", "messages-stream", "messages-category"].map((name) => `indexes/${name}`),
  ...["stream-summary", "type-summary", "stream-type-summary", "type-stream-summary"].map(
    (name) => `views/${name}`,
  ),
  ...["category-type-summary", "type-category-summary"].map((name) => `views/${name}`),
  ...["schema", "table", "sequence", "functions", "views"].map((name) => `privileges/${name}`),
];

function toFunction(name: string): string {
  return `functions/${name}`;
}

const JSON_TEXT = JSON.stringify(PAYLOAD_JSON);

export async function openMessageDb(server: Server): Promise<Contestant> {
  await install(server.url);
  const url = new URL(server.url);
  url.searchParams.set("options", "-c search_path=message_store,public");
  const pool = await openPool({ ...server, url: url.href });
  return {
    name: "message-db",
    async append({ category, id }, version, count) {
      const stream = `${category.replaceAll("-", "")}-${id}`;
      if (count === 1)
        await pool.query({
          name: "write_message",
          text: "SELECT write_message($1, $2, $3, $4, NULL, $5)",
          values: [randomUUID(), stream, EVENT_TYPE, JSON_TEXT, version - 1],
        });
      else
        await pool.query({
          name: "write_messages",
          text: `SELECT max(write_message(m.id, $2, $3, m.data, NULL, $5 + m.n - 1))
                 FROM unnest($1::varchar[], $4::jsonb[]) WITH ORDINALITY AS m(id, data, n)`,
          values: [
            Array.from({ length: count }, () => randomUUID()),
            stream,
            EVENT_TYPE,
            Array.from({ length: count }, () => JSON_TEXT),
            version - 1,
          ],
        });
    },
    close: () => pool.end(),
  };
}

/** Runs the package's SQL files through the driver. psql sets client_min_messages likewise. */
async function install(url: string): Promise<void> {
  const folder = path.join(
    path.dirname(createRequire(import.meta.url).resolve("@eventide/message-db/package.json")),
    "database",
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SET client_min_messages = warning");
  for (const file of FILES) {
    await client.query("SET search_path = message_store, public");
    await client.query(await readFile(path.join(folder, `${file}.sql`), "utf8"));
  }
  await client.end();
}
