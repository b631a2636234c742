/** The log as Go's own transparency-log packages see it: golang.org/x/mod/sumdb/note and tlog judge what is written here. */
import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { createKeyPair, encodeUtf8 } from "@mira/primitives";
import {
  createMemoryHashStore,
  encodeCheckpoint,
  encodeTile,
  formatTilePath,
  formatVerifierKey,
  hashLeaf,
  listNewTiles,
  LogTree,
  parseVerifierKey,
  signNote,
  verifyCheckpoint,
} from "../src/index.ts";

const ORIGIN = "mira.example/audit";
const BUILD_TIMEOUT_MS = 120_000;
const CHECK_TIMEOUT_MS = 60_000;
const INTEROP = join(import.meta.dirname, "interop");

test("Go's sumdb packages accept our checkpoints, proofs and tiles, and we accept its notes", (context) => {
  withDirectory((directory) => {
    const checker = buildChecker(context, directory);
    if (checker === undefined) return;
    for (const size of [1, 255, 256, 257, 600]) {
      const log = join(directory, `log-${size}`);
      writeLog(log, size);
      const run = runChecker(checker, log);
      assert.equal(run.status, 0, run.stderr);
      assertVerifiesGoNote(run.stdout);
    }
  });
});

test("Go's sumdb packages notice a flipped byte in a tile", (context) => {
  withDirectory((directory) => {
    const checker = buildChecker(context, directory);
    if (checker === undefined) return;
    writeLog(directory, 300);
    const path = join(directory, "tile/0/001.p/44");
    writeFileSync(
      path,
      readFileSync(path).map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
    );
    const run = runChecker(checker, directory);
    assert.equal(run.status, 1);
    assert.match(run.stderr, /interop: /);
  });
});

function buildChecker(context: TestContext, directory: string): string | undefined {
  const checker = join(directory, "interop");
  const build = spawnSync("go", ["build", "-o", checker, "."], {
    cwd: INTEROP,
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
  });
  if (build.status === 0) return checker;
  const why = build.error?.message ?? build.stderr;
  context.diagnostic(`NOT CHECKED against Go: ${why}`);
  context.skip(`needs go and the module golang.org/x/mod: ${why}`);
  return undefined;
}

function runChecker(checker: string, log: string): SpawnSyncReturns<string> {
  return spawnSync(checker, [log], { encoding: "utf8", timeout: CHECK_TIMEOUT_MS });
}

function writeLog(directory: string, size: number): void {
  const keyPair = createKeyPair(new Uint8Array(32).fill(3));
  const entries = Array.from({ length: size }, (_, index) => encodeUtf8(`entry ${index}`));
  const store = createMemoryHashStore();
  const tree = new LogTree(store);
  tree.appendLeaves(entries.map(hashLeaf));
  const oldSize = Math.ceil(size / 2);
  const sign = (at: number): string =>
    signNote(encodeCheckpoint({ origin: ORIGIN, size: at, root: tree.root(at) }), ORIGIN, keyPair);
  for (const tile of listNewTiles(0, size))
    if (tile.level !== "entries") write(join(directory, formatTilePath(tile)), encodeTile(tile, store));
  write(join(directory, "vkey"), formatVerifierKey(ORIGIN, keyPair.publicKey));
  write(join(directory, "checkpoint"), sign(size));
  write(join(directory, "old-checkpoint"), sign(oldSize));
  const proofs = {
    entries: entries.map(toBase64),
    inclusion: entries.map((_, index) => tree.inclusionPath(index).map(toBase64)),
    consistency: tree.consistencyPath(oldSize).map(toBase64),
  };
  write(join(directory, "proofs.json"), JSON.stringify(proofs));
}

function assertVerifiesGoNote(printed: string): void {
  const { vkey, note } = JSON.parse(printed) as { vkey: string; note: string };
  const key = parseVerifierKey(vkey);
  assert.ok(key.ok);
  assert.ok(verifyCheckpoint(note, { origin: "go.example/log", keys: [key.value] }).ok);
  assert.equal(
    verifyCheckpoint(note.replace("\n1\n", "\n2\n"), { origin: "go.example/log", keys: [key.value] }).ok,
    false,
  );
}

function withDirectory(use: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "mira-merkle-"));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
