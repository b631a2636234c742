/** C2SP tlog-tiles: a log as static files, so that other people's readers can fetch and check it. */
import { concatBytes, invariant } from "@mira/primitives";
import { HASH_BYTES } from "./hashing.ts";
import type { HashStore } from "./log-tree.ts";

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Height of the subtree that a tile stands for: 256 = 2^8. */
const TILE_HEIGHT = 8;
const ENTRY_BYTES_MAX = 0xffff;

/** A tile, or, at level "entries", a bundle. `width` 256 is full, 1..255 partial; empty ones are never served. */
export type Tile = { readonly level: number | "entries"; readonly index: number; readonly width: number };

/** `tile/<level>/x001/x234/067[.p/<width>]`, to be put after the log's prefix. */
export function formatTilePath({ level, index, width }: Tile): string {
  invariant(width >= 1 && width <= TILE_WIDTH, () => `tile width: needed 1..256, got ${width}`);
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/** Undefined for every text that is not exactly what formatTilePath prints. */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, levelText, indexText = "", widthText] = match;
  const level = levelText === "entries" ? ("entries" as const) : Number(levelText);
  const tile = {
    level,
    index: Number(indexText.replaceAll(/[x/]/g, "")),
    width: Number(widthText ?? TILE_WIDTH),
  };
  const isRange = tile.width >= 1 && tile.width <= TILE_WIDTH && Number.isSafeInteger(tile.index);
  return isRange && (level === "entries" || level <= 63) && formatTilePath(tile) === path ? tile : undefined;
}

/** Tiles and bundles that a tree of `newSize` needs and one of `oldSize` did not have; partial ones included. */
export function listNewTiles(oldSize: number, newSize: number): Tile[] {
  const entries = listNewAtLevel(oldSize, newSize).map((part) => ({ level: "entries" as const, ...part }));
  const tiles: Tile[] = [];
  for (let level = 0, [before, after] = [oldSize, newSize]; after > 0; level++) {
    tiles.push(...listNewAtLevel(before, after).map((part) => ({ level, ...part })));
    [before, after] = [Math.floor(before / TILE_WIDTH), Math.floor(after / TILE_WIDTH)];
  }
  return [...entries, ...tiles];
}

function listNewAtLevel(before: number, after: number): Array<{ index: number; width: number }> {
  const parts: Array<{ index: number; width: number }> = [];
  if (before === after) return parts;
  for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index++)
    parts.push({ index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) });
  return parts;
}

/** Bytes of a hash tile: the hashes of its complete subtrees, side by side. */
export function encodeTile({ level, index, width }: Tile, store: Pick<HashStore, "get">): Uint8Array {
  invariant(level !== "entries", "a bundle is encoded from its entries");
  const hashes = Array.from({ length: width }, (_, at) => {
    const hash = store.get(level * TILE_HEIGHT, index * TILE_WIDTH + at);
    invariant(
      hash?.length === HASH_BYTES,
      () => `hash store: tile level ${level}, hash ${index * TILE_WIDTH + at} is missing`,
    );
    return hash;
  });
  return concatBytes(...hashes);
}

/** Undefined unless the bytes are exactly `width` hashes. */
export function decodeTile(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  if (bytes.length !== width * HASH_BYTES) return undefined;
  return Array.from({ length: width }, (_, at) => bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** Entries with a big-endian u16 length before each: none may be longer than 65,535 bytes. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      invariant(
        entry.length <= ENTRY_BYTES_MAX,
        () => `entry: needed at most 65535 bytes, got ${entry.length}`,
      );
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** Undefined unless the bytes are exactly `width` entries. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) return undefined;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return at === bytes.length && entries.length === width ? entries : undefined;
}
