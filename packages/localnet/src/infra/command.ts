/** Runs a command to its end, with a deadline and a limit on what it may print. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
};

export class CommandFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailed";
  }
}

const execute = promisify(execFile);
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
const MESSAGE_CHARACTERS_MAX = 600;
const TIMEOUT_MS = 30_000;

export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<{ stdout: string }> {
  const { timeoutMs = TIMEOUT_MS, ...rest } = options;
  try {
    const { stdout } = await execute(command, args, {
      ...rest,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return { stdout: stdout.trim() };
  } catch (error) {
    throw new CommandFailed(`${command} ${args.join(" ")}: ${describe(error, timeoutMs)}`, { cause: error });
  }
}

function describe(error: unknown, timeoutMs: number): string {
  const { stderr = "", message, killed } = error as Error & { stderr?: string; killed?: boolean };
  if (killed === true) return `not finished after ${timeoutMs} ms`;
  return (stderr.trim() === "" ? message : stderr.trim()).slice(-MESSAGE_CHARACTERS_MAX);
}
