import { test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, lstat, mkdtemp, readFile, rm, symlink, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { createTemporaryFolder, startPostgres } from "../src/infra/index.ts";
import { linkLibraries } from "../src/infra/postgres-binaries.ts";
import { isRunning } from "../src/infra/wait-until-gone.ts";

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test("Postgres starts with fsync on, the settings asked for, on loopback, and not without a password", async () => {
  const postgres = await startPostgres({ settings: { max_wal_size: "2GB", fsync: "off" } });
  const rows = await query(
    postgres.superuserUrl,
    "select current_setting('fsync') as fsync, current_setting('max_wal_size') as wal, current_setting('listen_addresses') as address, current_setting('unix_socket_directories') as sockets",
  );
  assert.deepEqual(rows, [{ fsync: "on", wal: "2GB", address: "127.0.0.1", sockets: "" }]);
  await assert.rejects(
    query(postgres.url("postgres", { user: "postgres", password: "wrong" }), "select 1"),
    /password/,
  );
  await postgres.stop();
  assert.equal(isRunning(postgres.pid), false);
  await assert.rejects(access(postgres.dataDir));
});

test("what was committed survives kill -9 and a restart on the same folder and port", async () => {
  const folder = await createTemporaryFolder("postgres-restart");
  const dataDir = path.join(folder.path, "data");
  const first = await startPostgres({ dataDir });
  await query(first.superuserUrl, "create table kept as select 42 as answer");
  first.kill("SIGKILL");
  await first.stop();
  const second = await startPostgres({ dataDir, port: first.port });
  assert.equal(second.superuserUrl, first.superuserUrl);
  assert.deepEqual(await query(second.superuserUrl, "select answer from kept"), [{ answer: 42 }]);
  await second.stop();
  await access(dataDir);
  await folder.remove();
});

test("Postgres runs in a folder that only this user may enter", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-closed-"));
  const postgres = await startPostgres({ dataDir: path.join(folder, "data") });
  assert.equal((await query(postgres.superuserUrl, "select 1 as one")).length, 1);
  await postgres.stop();
  await rm(folder, { recursive: true });
});

test("a folder with somebody else's files in it is refused", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-taken-"));
  await writeFile(path.join(folder, "thesis.txt"), "years of work");
  await assert.rejects(startPostgres({ dataDir: folder }), /ENOTEMPTY/);
  assert.equal(await readFile(path.join(folder, "thesis.txt"), "utf8"), "years of work");
  await rm(folder, { recursive: true });
});

test("library links are made where the install script did not run, and left alone where it did", async () => {
  const root = await mkdtemp(path.join(tmpdir(), "mira-links-"));
  await mkdir(path.join(root, "native/lib"), { recursive: true });
  const links = ["a", "b"].map((name) => ({
    source: `native/lib/${name}.so.1`,
    target: `native/lib/${name}.so`,
  }));
  await writeFile(path.join(root, "native/pg-symlinks.json"), JSON.stringify(links));
  await writeFile(path.join(root, "native/lib/b.so.1"), "library");
  await symlink("b.so.1", path.join(root, "native/lib/b.so"));
  await linkLibraries(root);
  assert.ok((await lstat(path.join(root, "native/lib/a.so"))).isSymbolicLink());
  assert.equal(await readFile(path.join(root, "native/lib/b.so"), "utf8"), "library");
  await rm(root, { recursive: true });
});

test("servers die with a parent that is killed", { skip: process.platform !== "linux" }, async () => {
  const index = new URL("../src/infra/index.ts", import.meta.url).href;
  const script = `
    const { startPostgres, startNats } = await import(${JSON.stringify(index)});
    const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
    console.log(JSON.stringify([postgres.pid, nats.pid]));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  assert.deepEqual(pids.map(isRunning), [true, true]);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  const until = Date.now() + 5_000;
  while (pids.some(isRunning) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(pids.map(isRunning), [false, false]);
});
