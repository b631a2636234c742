/** A fresh database for a test, on one Postgres per test process or on the one that the test runner started for all of them. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { startPostgres } from "@mira/localnet/infra";

export type TestDatabase = {
  /** As superuser. */
  readonly url: string;
  readonly name: string;
  close(): Promise<void>;
};

/** Set by the test runner, so that twenty test files do not start twenty servers. */
const SHARED_SERVER = "MIRA_TEST_POSTGRES_URL";
let server: Promise<string> | undefined;

/** The server starts with the first call and stops when the process ends. `close` drops the database, sessions and all. */
export async function useTestDatabase(): Promise<TestDatabase> {
  server ??= findServer();
  const serverUrl = await server;
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runOnServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    close: () => runOnServer(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

async function findServer(): Promise<string> {
  const shared = process.env[SHARED_SERVER];
  if (shared !== undefined && shared !== "") return shared;
  return (await startPostgres()).superuserUrl;
}

async function runOnServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
