/** Finds a nats-server, or fetches one into a cache of its own, by the first way that works. */
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { runCommand } from "./command.ts";
import { findOnPath, isExecutable } from "./death-signal.ts";
import { withFileLock } from "./file-lock.ts";
import { FETCH_METHODS } from "./nats-fetch.ts";
import type { FetchMethod } from "./nats-fetch.ts";
import { NATS_VERSION_MIN } from "./nats-release.ts";
import { NatsServerMissing } from "./nats-server-missing.ts";
import type { FailedAttempt } from "./nats-server-missing.ts";

export type NatsServerBinary = { readonly path: string; readonly version: string; readonly how: string };

export type FindNatsOptions = {
  readonly log?: ((line: string) => void) | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly fetchMethods?: readonly FetchMethod[];
};

/** In this order: MIRA_NATS_SERVER, PATH, Mira's cache; then into the cache: the official release archive, `go install`, the Debian
 *  package. Throws NatsServerMissing, which says what to do. */
export async function findNatsServer(options: FindNatsOptions = {}): Promise<NatsServerBinary> {
  const { log, env = process.env, fetchMethods = FETCH_METHODS } = options;
  const attempts: FailedAttempt[] = [];
  const fail = (attempt: FailedAttempt): void => {
    attempts.push(attempt);
    log?.(`nats-server: ${attempt.how}: ${attempt.reason}`);
  };
  const cache = cacheFolder(env);
  const installed = (await findInstalled(env, fail)) ?? (await findCached(cache, fetchMethods));
  const found = installed ?? (await fetchIntoCache(cache, fetchMethods, fail, log));
  if (found === undefined) throw new NatsServerMissing(attempts);
  log?.(`nats-server ${found.version}: ${found.how} (${found.path})`);
  return found;
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env["XDG_CACHE_HOME"];
  return path.join(
    base === undefined || base === "" ? path.join(homedir(), ".cache") : base,
    "mira/nats-server",
  );
}

type Fail = (attempt: FailedAttempt) => void;

async function findInstalled(env: NodeJS.ProcessEnv, fail: Fail): Promise<NatsServerBinary | undefined> {
  const named = env["MIRA_NATS_SERVER"];
  const candidates = [
    { how: "MIRA_NATS_SERVER", file: named === "" ? undefined : named },
    { how: "PATH", file: findOnPath("nats-server", env) },
  ];
  for (const { how, file } of candidates) {
    if (file === undefined) {
      fail({ how, reason: "not set or not there" });
      continue;
    }
    try {
      return { path: file, version: await readVersion(file), how };
    } catch (error) {
      fail({ how, reason: messageOf(error) });
    }
  }
  return undefined;
}

async function findCached(
  cache: string,
  methods: readonly FetchMethod[],
): Promise<NatsServerBinary | undefined> {
  for (const method of methods) {
    const file = path.join(cache, method.folder, "nats-server");
    if (!isExecutable(file)) continue;
    const version = await readVersion(file).catch(() => undefined);
    if (version !== undefined) return { path: file, version, how: `cache (${method.how})` };
  }
  return undefined;
}

/** One process fetches; the others wait for it and then find its work in the cache. */
async function fetchIntoCache(
  cache: string,
  methods: readonly FetchMethod[],
  fail: Fail,
  log: ((line: string) => void) | undefined,
): Promise<NatsServerBinary | undefined> {
  await mkdir(cache, { recursive: true });
  return withFileLock(path.join(cache, "fetch.lock"), async () => {
    const cached = await findCached(cache, methods);
    if (cached !== undefined) return cached;
    for (const method of methods) {
      log?.(`nats-server: trying ${method.how}`);
      try {
        return await fetchBy(method, cache);
      } catch (error) {
        fail({ how: method.how, reason: messageOf(error) });
      }
    }
    return undefined;
  });
}

/** Fetched and run once in a staging folder, then renamed: what the cache holds is whole and works. */
async function fetchBy(method: FetchMethod, cache: string): Promise<NatsServerBinary> {
  const staging = await mkdtemp(path.join(cache, "staging-"));
  try {
    const fetched = await method.fetch(staging);
    const version = await readVersion(fetched);
    const file = path.join(cache, method.folder, "nats-server");
    await mkdir(path.dirname(file), { recursive: true });
    await rename(fetched, file);
    return { path: file, version, how: method.how };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function readVersion(file: string): Promise<string> {
  const { stdout } = await runCommand(file, ["--version"]);
  const [, version, major, minor] = /v?((\d+)\.(\d+)[\w.-]*)/.exec(stdout) ?? [];
  const { major: majorMin, minor: minorMin } = NATS_VERSION_MIN;
  const isNewEnough = Number(major) > majorMin || (Number(major) === majorMin && Number(minor) >= minorMin);
  if (version === undefined || !isNewEnough) {
    throw new Error(`${file}: needed nats-server ${majorMin}.${minorMin} or later, got ${stdout}`);
  }
  return version;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return error.name === "CommandFailed" ? error.message : `${error.message}${cause}`;
}
