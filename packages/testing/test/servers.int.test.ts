import { test } from "node:test";
import assert from "node:assert/strict";
import pg from "pg";
import { useTestDatabase, useTestNats } from "../src/index.ts";

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test("two test databases share a server and nothing else", async () => {
  const [one, two] = await Promise.all([useTestDatabase(), useTestDatabase()]);
  assert.equal(new URL(one.url).host, new URL(two.url).host);
  await query(one.url, "create table mine (id int)");
  await assert.rejects(query(two.url, "select * from mine"), /does not exist/);
  await Promise.all([one.close(), two.close()]);
  await assert.rejects(query(one.url, "select 1"), /does not exist/);
});

test("a test NATS can be killed, restarted and wiped at one address", async () => {
  const nats = await useTestNats();
  const healthy = async (): Promise<boolean> => (await fetch(`${nats.monitorUrl}/healthz`)).ok;
  assert.ok(await healthy());
  await nats.kill();
  await assert.rejects(healthy());
  await nats.restart();
  assert.ok(await healthy());
  await nats.wipe();
  assert.ok(await healthy());
  await nats.close();
  await assert.rejects(healthy());
});
