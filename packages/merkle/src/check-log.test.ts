/** A served log holds as it is, and for any byte of any of its files that is changed, that file and its entry are named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyPair, encodeUtf8 } from "@mira/primitives";
import { checkLog, type LogFiles } from "./check-log.ts";
import { encodeCheckpoint } from "./checkpoint.ts";
import { CompactRange } from "./compact-range.ts";
import { hashLeaf } from "./hashing.ts";
import { createMemoryHashStore, LogTree } from "./log-tree.ts";
import { signNote } from "./note.ts";
import { encodeEntryBundle, encodeTile, formatTilePath, listNewTiles, parseTilePath } from "./tiles.ts";
import { computeRoot } from "./tree.ts";
import { createVerifierKey } from "./verifier-key.ts";

const ORIGIN = "log.example/test";
const signer = createKeyPair(new Uint8Array(32).fill(3));
const keys = [createVerifierKey(ORIGIN, signer.publicKey)];

type Files = Map<string, Uint8Array>;

test("a compact range has the root of the tree", () => {
  const range = new CompactRange();
  const leaves: Uint8Array[] = [];
  assert.deepEqual(range.root(), computeRoot(leaves));
  for (let size = 1; size <= 70; size++) {
    leaves.push(hashLeaf(encodeUtf8(String(size))));
    range.append(leaves.at(-1) ?? new Uint8Array());
    assert.deepEqual(range.root(), computeRoot(leaves), `size ${size}`);
  }
});

for (const size of [0, 1, 255, 256, 257, 1_000, 65_536 + 300])
  test(`a log of ${size} entries holds, and every entry is shown in turn`, async () => {
    const files = writeLog(size);
    const seen: number[] = [];
    const checked = await checkLog(toLogFiles(files), {
      origin: ORIGIN,
      keys,
      onEntry: (index, entry) => {
        assert.deepEqual([...entry], [...createEntry(index)]);
        seen.push(index);
      },
    });
    assert.ok(checked.ok, checked.ok ? "" : checked.message);
    assert.equal(checked.value.size, size);
    assert.equal(seen.length, size);
  });

test("any single byte changed is found, in its file and at its entry", async () => {
  const files = writeLog(260);
  for (const [file, bytes] of files)
    for (let at = 0; at < bytes.length; at += file === "checkpoint" || bytes.length < 200 ? 1 : 13) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const checked = await check(new Map(files).set(file, changed));
      assert.ok(!checked.ok, `byte ${at} of ${file} is not missed`);
      assert.equal(checked.details["file"], file, `byte ${at} of ${file}: ${checked.message}`);
      if (file.startsWith("tile/0/")) assert.equal(Number(checked.details["entry"]), entryOfHash(file, at));
      if (file.startsWith("tile/entries/"))
        assert.equal(Number(checked.details["entry"]), entryOfByte(file, at));
    }
});

test("a missing file, a file cut short and a file too long are named", async () => {
  const files = writeLog(260);
  for (const [file, bytes] of files) {
    const missing = new Map(files);
    missing.delete(file);
    const longer = Uint8Array.from([...bytes, 0]);
    for (const change of [missing, set(files, file, bytes.slice(0, -1)), set(files, file, longer)]) {
      const checked = await check(change);
      assert.ok(!checked.ok, file);
      assert.equal(checked.details["file"], file, checked.message);
    }
  }
});

test("a head that was signed for other entries is refused, whoever signed it", async () => {
  const files = writeLog(260);
  const text = encodeCheckpoint({ origin: ORIGIN, size: 260, root: new Uint8Array(32) });
  const forked = await check(set(files, "checkpoint", encodeUtf8(signNote(text, ORIGIN, signer))));
  assert.ok(!forked.ok && forked.message.includes("another root"));
  const stranger = createKeyPair(new Uint8Array(32).fill(9));
  const strange = await check(set(files, "checkpoint", encodeUtf8(signNote(text, ORIGIN, stranger))));
  assert.ok(!strange.ok && strange.message.includes("no known key"));
});

test("a log without entries is checked by its tiles alone", async () => {
  const files = new Map([...writeLog(300)].filter(([file]) => !file.startsWith("tile/entries/")));
  const options = { origin: ORIGIN, keys, hasEntries: false };
  assert.ok((await checkLog(toLogFiles(files), options)).ok);
  const tile = files.get("tile/0/000") ?? new Uint8Array();
  const bad = set(
    files,
    "tile/0/000",
    Uint8Array.from(tile, (byte, at) => (at === 40 ? byte ^ 1 : byte)),
  );
  assert.ok(!(await checkLog(toLogFiles(bad), options)).ok);
});

function check(files: Files): ReturnType<typeof checkLog> {
  return checkLog(toLogFiles(files), { origin: ORIGIN, keys });
}

function createEntry(index: number): Uint8Array {
  return encodeUtf8(`entry ${index} ${"x".repeat(index % 5)}`);
}

function writeLog(size: number): Files {
  const store = createMemoryHashStore();
  const tree = new LogTree(store);
  const entries = Array.from({ length: size }, (_, index) => createEntry(index));
  tree.appendLeaves(entries.map(hashLeaf));
  const files: Files = new Map();
  for (const tile of listNewTiles(0, size)) {
    const from = tile.index * 256;
    const bytes =
      tile.level === "entries"
        ? encodeEntryBundle(entries.slice(from, from + tile.width))
        : encodeTile(tile, store);
    files.set(formatTilePath(tile), bytes);
  }
  const text = encodeCheckpoint({ origin: ORIGIN, size, root: tree.root() });
  return files.set("checkpoint", encodeUtf8(signNote(text, ORIGIN, signer)));
}

function toLogFiles(files: Files): LogFiles {
  return {
    readCheckpoint: () => Promise.resolve(files.get("checkpoint")),
    readTile: (tile) => Promise.resolve(files.get(formatTilePath(tile))),
  };
}

function set(files: Files, file: string, bytes: Uint8Array): Files {
  return new Map(files).set(file, bytes);
}

function entryOfHash(file: string, at: number): number {
  return (parseTilePath(file)?.index ?? 0) * 256 + Math.floor(at / 32);
}

/** The entry whose length or bytes stand at this place of its bundle. */
function entryOfByte(file: string, at: number): number {
  let index = (parseTilePath(file)?.index ?? 0) * 256;
  for (let end = 0; ; index++) {
    end += 2 + createEntry(index).length;
    if (at < end) return index;
  }
}
