/** The network's logs over HTTP as C2SP tlog-tiles: `/audit/checkpoint`, `/audit/tile/...`. Files that anybody may copy and a CDN may keep. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttpServer, type RunningHttpServer } from "@mira/chassis";
import { encodeEntryBundle, parseTilePath, TILE_WIDTH, type Tile } from "@mira/merkle";

/** One log: its newest signed head, and what its files hold. */
export type ServedLog = {
  readonly newest: () => { readonly size: number; readonly note: string } | undefined;
  readonly readTile: (tile: Tile & { readonly level: number }) => Promise<Uint8Array | undefined>;
  /** Absent for a log that keeps hashes only. */
  readonly readEntries?: (index: number, width: number) => Promise<readonly Uint8Array[] | undefined>;
};

export type LogServerOptions = {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** By the first part of the path. */
  readonly logs: Readonly<Record<string, ServedLog>>;
  readonly onError: (error: unknown, path: string) => void;
};

const CONNECTIONS_MAX = 256;

export function startLogServer(options: LogServerOptions): Promise<RunningHttpServer> {
  const { host, port } = options;
  return startHttpServer({
    ...{ host, port, connectionsMax: CONNECTIONS_MAX },
    answer: (request, response) => void answer(options, request, response),
  });
}

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly cache: string;
  readonly body: string | Uint8Array;
};

async function answer(
  options: LogServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split("?")[0] ?? "";
  const { status, type, cache, body } = await find(options, request.method ?? "", path);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": cache,
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function find({ logs, onError }: LogServerOptions, method: string, path: string): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return say(405, "needed GET or HEAD");
  const [, name = "", file = ""] = /^\/([a-z]+)\/(.+)$/.exec(path) ?? [];
  const log = Object.hasOwn(logs, name) ? logs[name] : undefined;
  if (log === undefined)
    return say(
      404,
      `needed one of ${Object.keys(logs)
        .map((key) => `/${key}/`)
        .join(" ")}`,
    );
  try {
    return file === "checkpoint" ? describeHead(log) : await describeTile(log, file);
  } catch (error) {
    onError(error, path);
    return say(503, "the log cannot be read now");
  }
}

function describeHead({ newest }: ServedLog): Answer {
  const head = newest();
  if (head === undefined) return say(404, "no checkpoint is signed yet");
  return { status: 200, type: "text/plain; charset=utf-8", cache: "no-cache", body: head.note };
}

/** Of what is under the newest signed head, and nothing else: no reader may see what was never signed for. */
async function describeTile(log: ServedLog, file: string): Promise<Answer> {
  const tile = parseTilePath(file);
  if (tile === undefined) return say(404, "needed checkpoint, tile/<level>/<index> or tile/entries/<index>");
  if (!isUnder(tile, log.newest()?.size ?? 0)) return say(404, "not under the newest checkpoint");
  const body = await readBytes(log, tile);
  if (body === undefined) return say(404, "not kept");
  return {
    status: 200,
    type: "application/octet-stream",
    cache: "public, max-age=31536000, immutable",
    body,
  };
}

async function readBytes(log: ServedLog, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
  if (level !== "entries") return log.readTile({ level, index, width });
  const entries = await log.readEntries?.(index, width);
  return entries && encodeEntryBundle(entries);
}

function isUnder({ level, index, width }: Tile, size: number): boolean {
  const hashes = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  return index * TILE_WIDTH + width <= hashes;
}

function say(status: number, text: string): Answer {
  return { status, type: "text/plain; charset=utf-8", cache: "no-store", body: `${text}\n` };
}
