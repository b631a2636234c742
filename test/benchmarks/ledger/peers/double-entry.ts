/** The same money in Postgres by itself: two updates and an insert per transaction, as pgbench has it, on the cluster's own server. */
import pg from "pg";
import { computeMedian, round } from "../statistics.ts";
import type { PeerEffort, PeerResult } from "./peer.ts";

const CLIENTS = 8;
const ACCOUNTS = 10_000;
const HOT = 0;
const WARM_UP_MS = 300;

type Transfer = { readonly from: number; readonly to: number };
type Choose = () => Transfer;
type Book = (client: pg.Client, transfer: Transfer) => Promise<void>;

/** Effects: a database `mira_peer` on the server, dropped at the end. */
export async function measureDoubleEntry(serverUrl: string, effort: PeerEffort): Promise<PeerResult[]> {
  const url = new URL(serverUrl);
  url.pathname = "/mira_peer";
  await queryOnce(serverUrl, "CREATE DATABASE mira_peer");
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client({ connectionString: url.href }));
  try {
    await queryOnce(url.href, SCHEMA);
    for (const client of clients) await client.connect();
    return await measureAll(clients, effort);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await queryOnce(serverUrl, "DROP DATABASE mira_peer");
  }
}

const SCHEMA = `
  CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50);
  INSERT INTO account SELECT id, 1000000000 FROM generate_series(0, ${ACCOUNTS - 1}) id;
  CREATE TABLE entry (debit int NOT NULL, credit int NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
  ANALYZE account;`;

async function measureAll(clients: readonly pg.Client[], effort: PeerEffort): Promise<PeerResult[]> {
  const contests = [
    { name: "postgres-double-entry", choose: chooseUniform, book: bookInFiveCalls },
    { name: "postgres-double-entry-hot", choose: chooseHot, book: bookInFiveCalls },
    { name: "postgres-double-entry-one-call", choose: chooseUniform, book: bookInOneCall },
    { name: "postgres-double-entry-hot-one-call", choose: chooseHot, book: bookInOneCall },
  ];
  const rates = contests.map(() => new Array<number>());
  for (let slice = -1; slice < effort.slices; slice += 1)
    for (const [index, { choose, book }] of contests.entries()) {
      const rate = await runSlice(clients, book, choose, slice < 0 ? WARM_UP_MS : effort.sliceMs);
      if (slice >= 0) rates[index]?.push(round(rate));
    }
  return contests.map(({ name, book }, index) => ({
    name,
    tps: round(computeMedian(rates[index] ?? [])),
    slices: rates[index] ?? [],
    conditions: `${CLIENTS} clients, ${ACCOUNTS} accounts, prepared, ${book === bookInFiveCalls ? "BEGIN, 2 UPDATE, INSERT, COMMIT" : "2 UPDATE and INSERT in one statement"}; no signatures; durable (fsync)`,
  }));
}

async function runSlice(
  clients: readonly pg.Client[],
  book: Book,
  choose: Choose,
  durationMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let booked = 0;
  const work = async (client: pg.Client): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      await book(client, choose());
      booked += 1;
    }
  };
  await Promise.all(clients.map(work));
  return (booked / (performance.now() - startedAt)) * 1000;
}

/** Smaller id first, or two transfers would wait for each other. */
function chooseUniform(): Transfer {
  const from = Math.floor(Math.random() * (ACCOUNTS - 1));
  return { from, to: from + 1 + Math.floor(Math.random() * (ACCOUNTS - 1 - from)) };
}

/** The hot row last: held from there to the commit only, which is the best its lock can do. */
function chooseHot(): Transfer {
  return { from: 1 + Math.floor(Math.random() * (ACCOUNTS - 1)), to: HOT };
}

async function bookInFiveCalls(client: pg.Client, { from, to }: Transfer): Promise<void> {
  await client.query({ name: "begin", text: "BEGIN" });
  await client.query({
    name: "debit",
    text: "UPDATE account SET balance = balance - $2 WHERE id = $1",
    values: [from, 1],
  });
  await client.query({
    name: "credit",
    text: "UPDATE account SET balance = balance + $2 WHERE id = $1",
    values: [to, 1],
  });
  await client.query({
    name: "entry",
    text: "INSERT INTO entry (debit, credit, amount) VALUES ($1, $2, $3)",
    values: [from, to, 1],
  });
  await client.query({ name: "commit", text: "COMMIT" });
}

async function bookInOneCall(client: pg.Client, { from, to }: Transfer): Promise<void> {
  await client.query({
    name: "book",
    text: `WITH debited AS (UPDATE account SET balance = balance - $3 WHERE id = $1 RETURNING id),
      credited AS (UPDATE account SET balance = balance + $3 WHERE id = $2 AND EXISTS (SELECT FROM debited) RETURNING id)
      INSERT INTO entry (debit, credit, amount) SELECT $1, $2, $3 FROM credited`,
    values: [from, to, 1],
  });
}

async function queryOnce(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
