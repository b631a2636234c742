/** Folders that go when their process goes, and that the next process sweeps when theirs was killed. */
import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isRunning } from "./wait-until-gone.ts";

export type TemporaryFolder = { readonly path: string; remove(): Promise<void> };

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

/** The folder's name says whose it is: `mira-<purpose>-<pid>-<random>`. */
export async function createTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  await sweep(purpose);
  const folder = await mkdtemp(path.join(tmpdir(), `mira-${purpose}-${process.pid}-`));
  const removeAtExit = (): void => {
    rmSync(folder, REMOVE);
  };
  process.once("exit", removeAtExit);
  return {
    path: folder,
    remove: async () => {
      process.off("exit", removeAtExit);
      await rm(folder, REMOVE);
    },
  };
}

async function sweep(purpose: string): Promise<void> {
  const pattern = new RegExp(`^mira-${purpose}-(\\d+)-`);
  const names = await readdir(tmpdir());
  const dead = names.filter((name) => {
    const owner = pattern.exec(name)?.[1];
    return owner !== undefined && !isRunning(Number(owner));
  });
  // Another user's folder, or one that another process sweeps at this moment, is not ours to insist on.
  await Promise.all(dead.map((name) => rm(path.join(tmpdir(), name), REMOVE).catch(() => undefined)));
}
