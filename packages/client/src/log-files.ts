/** A log's files (C2SP tlog-tiles) from a web server or a folder, and a copy of them in a folder. */
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  formatTilePath,
  listNewTiles,
  parseCheckpoint,
  TILE_WIDTH,
  type LogFiles,
  type Tile,
} from "@mira/merkle";
import { refuse, succeed, type Result } from "@mira/primitives";

/** A full bundle of the longest entries is 16 MiB and a little. */
const FILE_BYTES_MAX = 17 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const CHECKPOINT = "checkpoint";

/** Where a log lies: `http://host:port/audit`, or a folder. */
export function openLog(place: string, signal?: AbortSignal): LogFiles {
  const read = /^https?:\/\//.test(place) ? readOverHttp(place, signal) : readFromFolder(place);
  return { readCheckpoint: () => read(CHECKPOINT), readTile: (tile) => read(formatTilePath(tile)) };
}

type ReadFile = (file: string) => Promise<Uint8Array | undefined>;

function readFromFolder(folder: string): ReadFile {
  return async (file) => {
    try {
      return await readFile(join(folder, file));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
}

function readOverHttp(prefix: string, signal?: AbortSignal): ReadFile {
  const base = prefix.replace(/\/+$/, "");
  return async (file) => {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(`${base}/${file}`, {
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${base}/${file}: the server answers ${response.status}`);
    return readBounded(response, `${base}/${file}`);
  };
}

async function readBounded(response: Response, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    length += bytes.length;
    if (length > FILE_BYTES_MAX) throw new Error(`${url}: longer than ${FILE_BYTES_MAX} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

export type ExportedLog = { readonly size: number; readonly written: number };

/**
 * Copies the log under its present checkpoint into a folder, which any static file server can serve as it is. What is there from
 * an earlier copy is kept: full tiles never change. The checkpoint is written last, so it never names a file that is not there.
 * Checks nothing: see checkLog.
 */
export async function exportLog(
  log: LogFiles,
  folder: string,
  { hasEntries = true }: { readonly hasEntries?: boolean } = {},
): Promise<Result<ExportedLog, "PROOF_INVALID">> {
  const note = await log.readCheckpoint();
  if (note === undefined) return refuse("PROOF_INVALID", "checkpoint: is missing", { file: CHECKPOINT });
  const [text = ""] = Buffer.from(note).toString("utf8").split("\n\n");
  const head = parseCheckpoint(`${text}\n`);
  if (!head.ok) return head;
  let written = 0;
  for (const tile of listNewTiles(0, head.value.size)) {
    if (tile.level === "entries" && !hasEntries) continue;
    const path = join(folder, formatTilePath(tile));
    if (tile.width === TILE_WIDTH && (await exists(path))) continue;
    const bytes = await log.readTile(tile);
    if (bytes === undefined) return refuseMissing(tile);
    await writeWhole(path, bytes);
    written++;
  }
  await writeWhole(join(folder, CHECKPOINT), note);
  return succeed({ size: head.value.size, written });
}

function refuseMissing(tile: Tile): Result<never, "PROOF_INVALID"> {
  const file = formatTilePath(tile);
  return refuse("PROOF_INVALID", `${file}: is missing`, { file });
}

/** Never half a file, also when the process is killed. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
