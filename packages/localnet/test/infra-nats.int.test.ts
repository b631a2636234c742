import { test } from "node:test";
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  createTemporaryFolder,
  findFreePort,
  findNatsServer,
  NatsServerMissing,
  startNats,
} from "../src/infra/index.ts";
import { withFileLock } from "../src/infra/file-lock.ts";
import { findArchive, verifyArchive } from "../src/infra/nats-release.ts";
import type { FetchMethod } from "../src/infra/nats-fetch.ts";

async function writeFake(file: string, version: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
  await chmod(file, 0o755);
  return file;
}

function fetchFake(version: string): FetchMethod & { calls: number } {
  const method = {
    how: `fake ${version}`,
    folder: version,
    calls: 0,
    fetch: async (staging: string) => {
      method.calls += 1;
      return writeFake(path.join(staging, "nats-server"), version);
    },
  };
  return method;
}

const broken: FetchMethod = {
  how: "broken",
  folder: "broken",
  fetch: () => Promise.reject(new Error("no network")),
};

test("the named binary comes before PATH, and PATH before the cache", async () => {
  const folder = await createTemporaryFolder("find-nats");
  const named = await writeFake(path.join(folder.path, "named/nats-server"), "2.10.1");
  await writeFake(path.join(folder.path, "path/nats-server"), "2.10.2");
  const env = { PATH: path.join(folder.path, "path"), XDG_CACHE_HOME: folder.path };
  const fetchMethods = [fetchFake("2.10.3")];
  assert.equal(
    (await findNatsServer({ env: { ...env, MIRA_NATS_SERVER: named }, fetchMethods })).version,
    "2.10.1",
  );
  assert.equal((await findNatsServer({ env, fetchMethods })).how, "PATH");
  assert.equal((await findNatsServer({ env: { ...env, PATH: "" }, fetchMethods })).version, "2.10.3");
  assert.equal(
    (await findNatsServer({ env: { ...env, PATH: "" }, fetchMethods })).how,
    "cache (fake 2.10.3)",
  );
  await folder.remove();
});

test("a binary that is too old, or does not run, is passed over for the next way", async () => {
  const folder = await createTemporaryFolder("find-nats");
  const old = await writeFake(path.join(folder.path, "old/nats-server"), "2.8.4");
  const env = { PATH: "", MIRA_NATS_SERVER: old, XDG_CACHE_HOME: folder.path };
  const halfFetched: FetchMethod = {
    how: "half",
    folder: "half",
    fetch: async (staging) => {
      const file = path.join(staging, "nats-server");
      await writeFile(file, "\u007fELF");
      await chmod(file, 0o755);
      return file;
    },
  };
  const found = await findNatsServer({ env, fetchMethods: [broken, halfFetched, fetchFake("2.9.10")] });
  assert.equal(found.how, "fake 2.9.10");
  assert.deepEqual(await readdir(path.join(folder.path, "mira/nats-server")), ["2.9.10"]);
  await folder.remove();
});

test("when nothing works the error says what was tried and what to do", async () => {
  const folder = await createTemporaryFolder("find-nats");
  const env = { PATH: "", XDG_CACHE_HOME: folder.path };
  await assert.rejects(findNatsServer({ env, fetchMethods: [broken] }), (error) => {
    assert.ok(error instanceof NatsServerMissing);
    assert.deepEqual(error.attempts.at(-1), { how: "broken", reason: "no network" });
    assert.match(error.message, /set MIRA_NATS_SERVER/);
    return true;
  });
  await folder.remove();
});

test("of several who need it at once, one fetches and the others use its work", async () => {
  const folder = await createTemporaryFolder("find-nats");
  const method = fetchFake("2.12.0");
  const options = { env: { PATH: "", XDG_CACHE_HOME: folder.path }, fetchMethods: [method] };
  const found = await Promise.all([1, 2, 3].map(() => findNatsServer(options)));
  assert.equal(new Set(found.map((binary) => binary.path)).size, 1);
  assert.equal(method.calls, 1);
  await folder.remove();
});

test("a lock whose holder died is taken over", async () => {
  const folder = await createTemporaryFolder("lock");
  const file = path.join(folder.path, "lock");
  await writeFile(file, "999999999");
  assert.equal(await withFileLock(file, () => Promise.resolve("done")), "done");
  await folder.remove();
});

test("an archive with another checksum, or for a platform without one, is not used", () => {
  const archive = findArchive("linux", "x64");
  assert.ok(archive);
  assert.throws(() => verifyArchive(archive, Buffer.from("something else")), /expected SHA-256/);
  assert.equal(findArchive("sunos", "sparc"), undefined);
});

test("NATS starts with JetStream on loopback, keeps its store across kill -9, and stops completely", async () => {
  const folder = await createTemporaryFolder("nats-restart");
  const first = await startNats({ storeDir: folder.path });
  const readStatus = async (url: string): Promise<unknown> => (await fetch(`${url}/jsz`)).json();
  assert.ok(await readStatus(first.monitorUrl));
  first.kill("SIGKILL");
  await first.stop();
  await assert.rejects(readStatus(first.monitorUrl));
  const second = await startNats({ storeDir: folder.path, port: first.port });
  assert.equal(second.url, first.url);
  await second.stop();
  await folder.remove();
});

test("a port that is taken is an error that says so", async () => {
  const nats = await startNats();
  await assert.rejects(
    startNats({ port: nats.port, monitorPort: await findFreePort() }),
    /address already in use/,
  );
  await nats.stop();
});
