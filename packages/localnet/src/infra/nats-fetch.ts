/** The ways of fetching a nats-server. Each leaves a binary in the staging folder it is given and returns its path. */
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "./command.ts";
import { NATS_GO_MODULE, NATS_VERSION, findArchive, verifyArchive } from "./nats-release.ts";

export type FetchMethod = {
  readonly how: string;
  /** Its folder in the cache: the pinned version, or whatever version the distribution has. */
  readonly folder: string;
  readonly fetch: (staging: string) => Promise<string>;
};

/** Where the network lets nothing through, waiting longer does not help. */
const DOWNLOAD_TIMEOUT_MS = 20_000;
const ARCHIVE_BYTES_MAX = 64 * 1024 * 1024;
/** A first build compiles some dozens of modules; on a slow machine that takes minutes. */
const GO_TIMEOUT_MS = 10 * 60_000;
const APT_TIMEOUT_MS = 120_000;

export const FETCH_METHODS: readonly FetchMethod[] = [
  { how: `release archive ${NATS_VERSION}`, folder: NATS_VERSION, fetch: fetchArchive },
  { how: `go install ${NATS_GO_MODULE}`, folder: NATS_VERSION, fetch: buildWithGo },
  { how: "Debian package, unpacked without installing", folder: "debian", fetch: unpackDebianPackage },
];

async function fetchArchive(staging: string): Promise<string> {
  const archive = findArchive(process.platform, process.arch);
  if (archive === undefined) {
    throw new Error(`no verified checksum is known for ${process.platform}-${process.arch}`);
  }
  const response = await fetch(archive.url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${archive.url}: HTTP ${response.status}`);
  const bytes = await readAtMost(response, ARCHIVE_BYTES_MAX);
  verifyArchive(archive, bytes);
  const file = path.join(staging, "archive.tar.gz");
  await writeFile(file, bytes);
  await runCommand("tar", ["-xzf", file, "-C", staging]);
  return path.join(staging, archive.name, "nats-server");
}

async function readAtMost(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw new Error(`${response.url}: more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function buildWithGo(staging: string): Promise<string> {
  await runCommand("go", ["install", NATS_GO_MODULE], {
    cwd: staging,
    env: { ...process.env, GOBIN: staging, CGO_ENABLED: "0", GOFLAGS: "" },
    timeoutMs: GO_TIMEOUT_MS,
  });
  return path.join(staging, "nats-server");
}

async function unpackDebianPackage(staging: string): Promise<string> {
  const download = (): Promise<unknown> =>
    runCommand("apt-get", ["download", "nats-server"], { cwd: staging, timeoutMs: APT_TIMEOUT_MS });
  try {
    await download();
  } catch (error) {
    // A fresh container has no package lists, and only root may fetch them.
    if (process.getuid?.() !== 0) throw error;
    await runCommand("apt-get", ["update"], { timeoutMs: APT_TIMEOUT_MS });
    await download();
  }
  const name = (await readdir(staging)).find((file) => file.endsWith(".deb"));
  if (name === undefined) throw new Error("apt-get download left no package");
  await runCommand("dpkg", ["-x", path.join(staging, name), path.join(staging, "package")]);
  return path.join(staging, "package/usr/sbin/nats-server");
}
