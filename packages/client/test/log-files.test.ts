/** A copy of a log in a folder is the log: it is checked like it, grows with it, and never names what is not there. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createKeyPair, encodeUtf8 } from "@mira/primitives";
import {
  checkLog,
  createMemoryHashStore,
  createVerifierKey,
  encodeCheckpoint,
  encodeEntryBundle,
  encodeTile,
  hashLeaf,
  LogTree,
  signNote,
  type LogFiles,
} from "@mira/merkle";
import { exportLog, openLog } from "../src/log-files.ts";

const ORIGIN = "log.example/copy";
const signer = createKeyPair(new Uint8Array(32).fill(4));
const trust = { origin: ORIGIN, keys: [createVerifierKey(ORIGIN, signer.publicKey)] };

test("a copy holds like the log, and a second copy writes only what is new", async (t) => {
  const folder = await useFolder(t);
  const first = await exportLog(createLog(300), folder);
  assert.ok(first.ok);
  assert.equal((await checkLog(openLog(folder), trust)).ok, true);
  const tile = await stat(join(folder, "tile/0/000"));
  const second = await exportLog(createLog(600), folder);
  assert.ok(second.ok);
  assert.equal((await stat(join(folder, "tile/0/000"))).mtimeMs, tile.mtimeMs);
  assert.ok(second.value.written < first.value.written + 6);
  const checked = await checkLog(openLog(folder), trust);
  assert.ok(checked.ok && checked.value.size === 600);
});

test("a copy that could not be finished keeps the checkpoint it had", async (t) => {
  const folder = await useFolder(t);
  await exportLog(createLog(300), folder);
  const before = await readFile(join(folder, "checkpoint"), "utf8");
  const longer = createLog(600);
  const failing: LogFiles = {
    readCheckpoint: longer.readCheckpoint,
    readTile: (tile) => (tile.level === 1 ? Promise.resolve(undefined) : longer.readTile(tile)),
  };
  const outcome = await exportLog(failing, folder);
  assert.ok(!outcome.ok && outcome.message.startsWith("tile/1/"));
  assert.equal(await readFile(join(folder, "checkpoint"), "utf8"), before);
  assert.equal((await checkLog(openLog(folder), trust)).ok, true);
});

test("over HTTP: a file that is missing, a server that fails and a file without end are told apart", async (t) => {
  const server = createServer((request, response) => {
    if (request.url === "/log/checkpoint") return void response.writeHead(500).end();
    if (request.url !== "/log/tile/0/000") return void response.writeHead(404).end();
    const chunk = Buffer.alloc(1 << 20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const log = openLog(`http://127.0.0.1:${(server.address() as AddressInfo).port}/log/`);
  assert.equal(await log.readTile({ level: 0, index: 1, width: 256 }), undefined);
  await assert.rejects(log.readCheckpoint(), /answers 500/);
  await assert.rejects(log.readTile({ level: 0, index: 0, width: 256 }), /longer than/);
});

async function useFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mira-log-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

function createLog(size: number): LogFiles {
  const store = createMemoryHashStore();
  const tree = new LogTree(store);
  const entries = Array.from({ length: size }, (_, index) => encodeUtf8(`entry ${index}`));
  tree.appendLeaves(entries.map(hashLeaf));
  const text = encodeCheckpoint({ origin: ORIGIN, size, root: tree.root() });
  return {
    readCheckpoint: () => Promise.resolve(encodeUtf8(signNote(text, ORIGIN, signer))),
    readTile: (tile) => {
      const from = tile.index * 256;
      return Promise.resolve(
        tile.level === "entries"
          ? encodeEntryBundle(entries.slice(from, from + tile.width))
          : encodeTile(tile, store),
      );
    },
  };
}
