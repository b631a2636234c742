/** The audit log as files over HTTP: what is served is what was signed, as far as it was signed, and nothing more. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { checkLog, createVerifierKey, encodeCheckpoint, formatTilePath, signNote } from "@mira/merkle";
import { createKeyPair, encodeUtf8 } from "@mira/primitives";
import { useTestDatabase } from "@mira/testing";
import { openEventStore } from "@mira/event-store";
import pg from "pg";
import { startLogServer } from "../src/api/log-server.ts";
import { AuditStore } from "../src/store/audit.ts";
import { LogFilesStore } from "../src/store/log-files.ts";
import { migrateTables, SCHEMA } from "../src/store/schema.ts";

const ORIGIN = "test-network";
const signer = createKeyPair(new Uint8Array(32).fill(5));
const ENTRIES = 600;
const SIGNED = 520;

test("every file under the checkpoint is served and leads to it; what came later is not", async (t) => {
  const { url } = await serve(t);
  const read = async (file: string): Promise<Uint8Array | undefined> => {
    const response = await fetch(`${url}/audit/${file}`);
    return response.status === 404 ? undefined : new Uint8Array(await response.arrayBuffer());
  };
  let entries = 0;
  const checked = await checkLog(
    { readCheckpoint: () => read("checkpoint"), readTile: (tile) => read(formatTilePath(tile)) },
    { origin: ORIGIN, keys: [createVerifierKey(ORIGIN, signer.publicKey)], onEntry: () => entries++ },
  );
  assert.ok(checked.ok, checked.ok ? "" : checked.message);
  assert.deepEqual([checked.value.size, entries], [SIGNED, SIGNED]);
  assert.ok(await read(`tile/entries/002.p/${SIGNED - 512}`));
  assert.equal(await read(`tile/entries/002.p/${SIGNED - 511}`), undefined);
  assert.equal(await read("tile/0/002"), undefined);
  assert.equal(await read("tile/1/000.p/3"), undefined);
});

test("tiles may be kept for ever, a checkpoint may not; nothing else is there, and nothing can be written", async (t) => {
  const { url } = await serve(t);
  const tile = await fetch(`${url}/audit/tile/0/000`);
  assert.match(tile.headers.get("cache-control") ?? "", /immutable/);
  const head = await fetch(`${url}/audit/checkpoint`);
  assert.equal(head.headers.get("cache-control"), "no-cache");
  assert.equal(head.headers.get("content-type"), "text/plain; charset=utf-8");
  for (const path of [
    "/",
    "/audit",
    "/audit/",
    "/audit/tile/0/0",
    "/audit/../audit/checkpoint.x",
    "/other/checkpoint",
    "/__proto__/checkpoint",
    "/audit/tile/9/999999",
  ])
    assert.equal((await fetch(`${url}${path}`)).status, 404, path);
  assert.equal((await fetch(`${url}/audit/checkpoint`, { method: "POST", body: "x" })).status, 405);
  const asked = await fetch(`${url}/audit/tile/0/000`, { method: "HEAD" });
  assert.deepEqual(
    [asked.status, asked.headers.get("content-length"), await asked.text()],
    [200, "8192", ""],
  );
});

async function serve(t: TestContext): Promise<{ readonly url: string }> {
  const database = await useTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  t.after(async () => {
    await pool.end();
    await database.close();
  });
  await openEventStore({ pool, schema: SCHEMA }).migrate();
  await migrateTables(pool);
  const audit = new AuditStore(pool);
  await append(pool, audit, 0, SIGNED);
  const note = signNote(
    encodeCheckpoint({ origin: ORIGIN, size: SIGNED, root: await audit.computeRoot(SIGNED) }),
    ORIGIN,
    signer,
  );
  await append(pool, audit, SIGNED, ENTRIES);
  const files = new LogFilesStore(pool, "audit");
  const server = await startLogServer({
    host: "127.0.0.1",
    port: 0,
    logs: {
      audit: {
        newest: () => ({ size: SIGNED, note }),
        readTile: (tile) => files.readTile(tile),
        readEntries: (index, width) => files.readEntries(index, width),
      },
    },
    onError: (error) => assert.fail(String(error)),
  });
  t.after(() => server.stop());
  return { url: `http://${server.address}` };
}

async function append(pool: pg.Pool, audit: AuditStore, from: number, to: number): Promise<void> {
  const client = await pool.connect();
  await client.query("BEGIN");
  await audit.append(
    client,
    Array.from({ length: to - from }, (_, at) => ({
      kind: "test",
      subject: `thing/${from + at}`,
      entry: encodeUtf8(`entry ${from + at}`),
    })),
  );
  await client.query("COMMIT");
  client.release();
}
