/** Programs of this repository, run to their end as child processes. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type ProgramOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
};

const PROGRAM_MS = 90_000;

/** `program` is a path from the repository's root. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, input = "", cwd }: ProgramOptions = {},
): Promise<Ended> {
  const entry = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    signal: AbortSignal.timeout(PROGRAM_MS),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
