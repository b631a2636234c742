import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createMemoryHashStore,
  decodeEntryBundle,
  decodeTile,
  encodeEntryBundle,
  encodeTile,
  formatTilePath,
  hashLeaf,
  listNewTiles,
  LogTree,
  parseTilePath,
  type Tile,
} from "./index.ts";

const paths: ReadonlyArray<readonly [Tile, string]> = [
  [{ level: 0, index: 1234067, width: 256 }, "tile/0/x001/x234/067"],
  [{ level: 0, index: 0, width: 1 }, "tile/0/000.p/1"],
  [{ level: 63, index: 999, width: 255 }, "tile/63/999.p/255"],
  [{ level: "entries", index: 1000, width: 256 }, "tile/entries/x001/000"],
];
for (const [tile, path] of paths)
  test(`${path} is printed and read`, () => {
    assert.equal(formatTilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  });

for (const path of [
  "",
  "tile/0/0",
  "tile/00/000",
  "tile/64/000",
  "tile/0/000.p/0",
  "tile/0/000.p/256",
  "tile/0/000.p/01",
  "tile/0/001/000",
  "tile/0/x000/001",
  "tile/0/../000",
  "/tile/0/000",
])
  test(`"${path}" is no path of a tile`, () => assert.equal(parseTilePath(path), undefined));

test("a tree of 70,000 has the tiles that the specification counts", () => {
  const tiles = listNewTiles(0, 70_000);
  const count = (level: Tile["level"], isFull: boolean) =>
    tiles.filter((tile) => tile.level === level && (tile.width === 256) === isFull);
  assert.equal(count(0, true).length, 273);
  assert.deepEqual(count(0, false), [{ level: 0, index: 273, width: 112 }]);
  assert.equal(count(1, true).length, 1);
  assert.deepEqual(count(1, false), [{ level: 1, index: 1, width: 17 }]);
  assert.deepEqual(count(2, false), [{ level: 2, index: 0, width: 1 }]);
  assert.equal(count("entries", true).length, 273);
});

test("growing asks only for tiles that changed", () => {
  assert.deepEqual(listNewTiles(5, 5), []);
  assert.deepEqual(listNewTiles(255, 256).map(formatTilePath), [
    "tile/entries/000",
    "tile/0/000",
    "tile/1/000.p/1",
  ]);
  assert.deepEqual(listNewTiles(256, 257).map(formatTilePath), ["tile/entries/001.p/1", "tile/0/001.p/1"]);
});

test("a tile holds the hashes of its level", () => {
  const store = createMemoryHashStore();
  const tree = new LogTree(store);
  for (let index = 0; index < 300; index++) tree.appendLeaf(hashLeaf(Uint8Array.of(index & 255)));
  const bytes = encodeTile({ level: 1, index: 0, width: 1 }, store);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(tree.root(256)));
  const partial = encodeTile({ level: 0, index: 1, width: 44 }, store);
  assert.equal(decodeTile(partial, 44)?.length, 44);
  assert.equal(decodeTile(partial, 43), undefined);
  assert.throws(() => encodeTile({ level: 0, index: 1, width: 45 }, store), /is missing/);
});

test("entry bundles are read back, and damage is noticed", () => {
  const entries = [new Uint8Array(0), Uint8Array.of(1, 2), new Uint8Array(65_535).fill(9)];
  const bytes = encodeEntryBundle(entries);
  assert.deepEqual(
    decodeEntryBundle(bytes, 3)?.map((entry) => entry.length),
    [0, 2, 65_535],
  );
  assert.equal(decodeEntryBundle(bytes, 2), undefined);
  assert.equal(decodeEntryBundle(bytes, 4), undefined);
  assert.equal(decodeEntryBundle(bytes.subarray(0, -1), 3), undefined);
  assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), /at most 65535/);
});
