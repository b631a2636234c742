/** Wraps a command so that the kernel signals it when its parent dies, even by SIGKILL. Linux with util-linux's setpriv. */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import type { UnixUser } from "./unix-user.ts";

type Command = {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: UnixUser | undefined;
  readonly deathSignal: NodeJS.Signals;
};

export type WrappedCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly identity: { uid?: number; gid?: number };
};

/** Where setpriv is missing, the child is only stopped when this process ends in order. */
export function wrapWithDeathSignal(spec: Command, setpriv = findSetpriv()): WrappedCommand {
  const { user } = spec;
  if (setpriv === undefined) {
    return { command: spec.command, args: spec.args, identity: user ? { uid: user.uid, gid: user.gid } : {} };
  }
  const identity = user
    ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", ...reach(user)]
    : [];
  const signal = `--pdeathsig=${spec.deathSignal.slice("SIG".length)}`;
  return { command: setpriv, args: [...identity, signal, "--", spec.command, ...spec.args], identity: {} };
}

/** Lets an unprivileged child pass through directories that only root may enter, such as a checkout under /root. The secure bit is for
 *  initdb, which asks access(2) about its own binaries: without it the kernel answers as if the capability were not there. */
function reach(user: UnixUser): string[] {
  if (!user.passesEveryDirectory) return [];
  return ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
}

export function findSetpriv(): string | undefined {
  if (process.platform !== "linux") return undefined;
  return findOnPath("setpriv");
}

export function findOnPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
