/** Makes a Postgres data folder, whole or not at all. */
import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ChildFailed, startChild } from "./child.ts";
import { giveTo } from "./unix-user.ts";
import type { UnixUser } from "./unix-user.ts";

type DataFolderSpec = {
  readonly initdb: string;
  readonly dataDir: string;
  readonly superuser: string;
  readonly user: UnixUser | undefined;
};

const PASSWORD_FILE = "mira-superuser-password";

/** Initialised beside its final place and renamed into it, so that a folder with a PG_VERSION is always a complete one. */
export async function initialiseDataFolder(spec: DataFolderSpec): Promise<void> {
  if (await exists(path.join(spec.dataDir, "PG_VERSION"))) return;
  const unfinished = `${spec.dataDir}.unfinished-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await giveTo(spec.user, unfinished);
  try {
    await runInitdb(spec, unfinished);
    // rename replaces an empty folder, and refuses one with somebody's files in it.
    if (await exists(spec.dataDir)) await rmdir(spec.dataDir);
    await rename(unfinished, spec.dataDir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

export async function readSuperuserPassword(dataDir: string): Promise<string> {
  return (await readFile(path.join(dataDir, PASSWORD_FILE), "utf8")).trim();
}

async function runInitdb(spec: DataFolderSpec, folder: string): Promise<void> {
  const password = `${folder}.password`;
  await writeFile(password, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  await giveTo(spec.user, password);
  try {
    const child = startChild({
      name: "initdb",
      command: spec.initdb,
      args: initdbArguments(spec, folder, password),
      cwd: path.dirname(folder),
      env: { ...process.env, LC_ALL: "C" },
      user: spec.user,
      stopSignal: "SIGTERM",
      deathSignal: "SIGTERM",
    });
    const exitCode = await child.waitForExit();
    if (exitCode !== 0) throw new ChildFailed(`initdb failed:\n${child.lastLines()}`);
    await rename(password, path.join(folder, PASSWORD_FILE));
  } finally {
    await rm(password, { force: true });
  }
}

function initdbArguments(spec: DataFolderSpec, folder: string, passwordFile: string): string[] {
  return [
    `--pgdata=${folder}`,
    `--username=${spec.superuser}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
  ];
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
