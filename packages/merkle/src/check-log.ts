/** Checks a whole log served as files: recomputes every hash and names the first file, and entry, that is not what was signed. */
import { bytesEqual, refuse, succeed, type Refusal, type Result } from "@mira/primitives";
import { verifyCheckpoint } from "./checkpoint.ts";
import { CompactRange } from "./compact-range.ts";
import { hashLeaf } from "./hashing.ts";
import { decodeTile, formatTilePath, TILE_WIDTH, type Tile } from "./tiles.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** A log's files wherever they lie: a folder, a web server. Undefined for a file that is not there. */
export type LogFiles = {
  readonly readCheckpoint: () => Promise<Uint8Array | undefined>;
  readonly readTile: (tile: Tile) => Promise<Uint8Array | undefined>;
};

export type CheckLogOptions = {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
  /** False for a log that keeps no entries, only their hashes. */
  readonly hasEntries?: boolean;
  /** Every entry in turn, before the log is known to hold. Throw, or use nothing of it, until the result is there. */
  readonly onEntry?: (index: number, entry: Uint8Array) => void;
};

export type CheckedLog = { readonly size: number; readonly root: Uint8Array };

/** Refusals carry `file` (as served, relative to the log), and `entry` where one entry is at fault. */
export async function checkLog(
  files: LogFiles,
  options: CheckLogOptions,
): Promise<Result<CheckedLog, "PROOF_INVALID">> {
  const note = await files.readCheckpoint();
  if (note === undefined) return fault("checkpoint", "is missing");
  const head = verifyCheckpoint(note, options);
  if (!head.ok) return fault("checkpoint", head.message);
  const { size, root } = head.value;
  const leaves = await readLeaves(files, size, options);
  if (!leaves.ok) return leaves;
  const { fromTiles, fromEntries, first, tileRoots } = leaves.value;
  const tilesHold = bytesEqual(fromTiles.root(), root);
  if (first !== undefined) return nameDifference(first, tilesHold, fromEntries, root);
  if (!tilesHold) return fault("checkpoint", "names another root than the entries lead to", { size });
  const upper = await checkUpperTiles(files, tileRoots, size);
  return upper ?? succeed({ size, root });
}

/** Where a bundle and the tile of its hashes part. */
type Difference = { readonly index: number; readonly tile: Tile; readonly why: string };

type Leaves = {
  readonly fromTiles: CompactRange;
  /** Undefined from the first entry on that cannot be read. */
  readonly fromEntries: CompactRange | undefined;
  readonly first: Difference | undefined;
  /** Roots of the full tiles of level 0, in order. */
  readonly tileRoots: readonly Uint8Array[];
};

async function readLeaves(
  files: LogFiles,
  size: number,
  { hasEntries = true, onEntry }: CheckLogOptions,
): Promise<Result<Leaves, "PROOF_INVALID">> {
  const fromTiles = new CompactRange();
  let fromEntries: CompactRange | undefined = new CompactRange();
  let first: Difference | undefined;
  const tileRoots: Uint8Array[] = [];
  for (const tile of listTiles(0, size)) {
    const hashes = await readHashes(files, tile);
    if (!hashes.ok) return hashes;
    const own = new CompactRange();
    for (const hash of hashes.value) {
      fromTiles.append(hash);
      own.append(hash);
    }
    if (tile.width === TILE_WIDTH) tileRoots.push(own.root());
    if (!hasEntries) continue;
    const bundle = { ...tile, level: "entries" as const };
    const bytes = await files.readTile(bundle);
    if (bytes === undefined) return fault(formatTilePath(bundle), "is missing");
    const compared = compareBundle(bytes, tile, hashes.value, onEntry);
    first ??= compared.first;
    for (const hash of compared.leafHashes) fromEntries?.append(hash);
    if (compared.leafHashes.length < tile.width) fromEntries = undefined;
  }
  return succeed({ fromTiles, fromEntries, first, tileRoots });
}

/** `leafHashes` of the entries up to the first that cannot be read. */
function compareBundle(
  bytes: Uint8Array,
  tile: Tile,
  hashes: readonly Uint8Array[],
  onEntry: CheckLogOptions["onEntry"],
): { readonly first: Difference | undefined; readonly leafHashes: readonly Uint8Array[] } {
  const leafHashes: Uint8Array[] = [];
  let first: Difference | undefined;
  let at = 0;
  for (const [offset, hash] of hashes.entries()) {
    const index = tile.index * TILE_WIDTH + offset;
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length)
      return { first: first ?? { index, tile, why: "goes past the end of its bundle" }, leafHashes };
    const entry = bytes.subarray(at + 2, end);
    at = end;
    onEntry?.(index, entry);
    const leafHash = hashLeaf(entry);
    leafHashes.push(leafHash);
    if (!bytesEqual(leafHash, hash)) first ??= { index, tile, why: "has another hash than its tile says" };
  }
  if (at < bytes.length) {
    const index = tile.index * TILE_WIDTH + hashes.length - 1;
    first ??= { index, tile, why: "is followed by bytes that belong to no entry" };
  }
  return { first, leafHashes };
}

/** One of the two is what was signed: the other is at fault. */
function nameDifference(
  { index, tile, why }: Difference,
  tilesHold: boolean,
  fromEntries: CompactRange | undefined,
  root: Uint8Array,
): Refusal<"PROOF_INVALID"> {
  const bundleFile = formatTilePath({ ...tile, level: "entries" });
  if (!tilesHold && fromEntries !== undefined && bytesEqual(fromEntries.root(), root))
    return fault(formatTilePath(tile), `says another hash of entry ${index} than was signed`, {
      entry: index,
    });
  return fault(bundleFile, `entry ${index} ${why}`, { entry: index });
}

/** Every tile above level 0 holds the roots of the full tiles below it. */
async function checkUpperTiles(
  files: LogFiles,
  lowest: readonly Uint8Array[],
  size: number,
): Promise<Refusal<"PROOF_INVALID"> | undefined> {
  let expected = lowest;
  for (let level = 1, span = TILE_WIDTH; expected.length > 0; level++, span *= TILE_WIDTH) {
    const roots: Uint8Array[] = [];
    for (const tile of listTiles(level, expected.length)) {
      const hashes = await readHashes(files, tile);
      if (!hashes.ok) return hashes;
      const own = new CompactRange();
      for (const [offset, hash] of hashes.value.entries()) {
        const at = tile.index * TILE_WIDTH + offset;
        if (!bytesEqual(hash, expected[at] ?? hash.subarray(0, 0)))
          return fault(formatTilePath(tile), "says another hash than its entries lead to", {
            entry: at * span,
            lastEntry: Math.min((at + 1) * span, size) - 1,
          });
        own.append(hash);
      }
      if (tile.width === TILE_WIDTH) roots.push(own.root());
    }
    expected = roots;
  }
  return undefined;
}

async function readHashes(files: LogFiles, tile: Tile): Promise<Result<Uint8Array[], "PROOF_INVALID">> {
  const file = formatTilePath(tile);
  const entry = Number(tile.level) === 0 ? { entry: tile.index * TILE_WIDTH } : {};
  const bytes = await files.readTile(tile);
  if (bytes === undefined) return fault(file, "is missing", entry);
  const hashes = decodeTile(bytes, tile.width);
  if (hashes === undefined)
    return fault(file, `is not ${tile.width} hashes of 32 bytes: it has ${bytes.length} bytes`, entry);
  return succeed(hashes);
}

/** The tiles of one level over so many hashes, in order. */
function* listTiles(level: number, hashes: number): Generator<Tile> {
  for (let index = 0; index * TILE_WIDTH < hashes; index++)
    yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
}

function fault(
  file: string,
  why: string,
  details: Readonly<Record<string, number>> = {},
): Refusal<"PROOF_INVALID"> {
  return refuse("PROOF_INVALID", `${file}: ${why}`, { file, ...details });
}
