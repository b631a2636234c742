/** Postgres refuses to run as root: finds, or creates, the unprivileged user it runs as. */
import { chown, stat } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "./command.ts";

export type UnixUser = {
  readonly uid: number;
  readonly gid: number;
  /** True when a path it needs lies under a directory that it may not enter by itself. */
  readonly passesEveryDirectory: boolean;
};

const USER = "postgres";
const OTHERS_MAY_ENTER = 0o001;

/** Undefined when this process is not root: then the child simply runs as the same user. */
export async function findUnprivilegedUser(neededPaths: readonly string[]): Promise<UnixUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ids = (await readIds()) ?? (await createUser());
  const closed = await Promise.all(neededPaths.map(isClosedToOthers));
  return { ...ids, passesEveryDirectory: closed.includes(true) };
}

export async function giveTo(user: UnixUser | undefined, file: string): Promise<void> {
  if (user) await chown(file, user.uid, user.gid);
}

async function readIds(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([runCommand("id", ["-u", USER]), runCommand("id", ["-g", USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(): Promise<{ uid: number; gid: number }> {
  await runCommand("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    USER,
  ]);
  const ids = await readIds();
  if (ids === undefined) throw new Error(`the system user ${USER} was created but cannot be found`);
  return ids;
}

async function isClosedToOthers(file: string): Promise<boolean> {
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    const mode = (await stat(folder).catch(() => undefined))?.mode;
    if (mode !== undefined && (mode & OTHERS_MAY_ENTER) === 0) return true;
    if (folder === path.dirname(folder)) return false;
  }
}
