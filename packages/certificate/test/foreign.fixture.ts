/** The checkers of examples/certificate: openssl, Python and Go, run as anyone would run them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CertificateTrust } from "@mira/certificate";

const EXAMPLES = join(import.meta.dirname, "../../../examples/certificate");
const BUILD_TIMEOUT_MS = 120_000;
const CHECK_TIMEOUT_MS = 60_000;

export type Judgement = { readonly holds: boolean; readonly said: string };
export type ForeignChecker = (certificate: Uint8Array, ...options: readonly string[]) => Judgement;

/** `sh` stands for openssl and the usual tools. */
export type ForeignTool = "sh" | "python3" | "go";

/** Gives a checker to `use`, or skips the test and says loudly what was not checked. */
export function withForeignChecker(
  tool: ForeignTool,
  trust: CertificateTrust,
  context: TestContext,
  use: (check: ForeignChecker, directory: string) => void,
): void {
  const directory = mkdtempSync(join(tmpdir(), "mira-certificate-"));
  try {
    const command = prepare(tool, directory);
    if (typeof command === "string") {
      context.diagnostic(`NOT CHECKED by ${tool}: ${command}`);
      context.skip(`needs ${tool}: ${command}`);
      return;
    }
    const [network, file] = [join(directory, "network.json"), join(directory, "certificate.json")];
    writeFileSync(network, JSON.stringify(trust, undefined, 2));
    use((certificate, ...options) => {
      writeFileSync(file, certificate);
      return run([...command, network, file, ...options]);
    }, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The command to run, or why there is none. */
function prepare(tool: ForeignTool, directory: string): readonly string[] | string {
  if (tool === "go") {
    const program = join(directory, "log-proof");
    const build = spawnSync("go", ["build", "-o", program, "."], {
      cwd: join(EXAMPLES, "log-proof"),
      encoding: "utf8",
      timeout: BUILD_TIMEOUT_MS,
    });
    return build.status === 0 ? [program] : (build.error?.message ?? build.stderr);
  }
  const [name, option] = tool === "sh" ? ["openssl", "version"] : ["python3", "--version"];
  const found = spawnSync(name, [option], { encoding: "utf8", timeout: CHECK_TIMEOUT_MS });
  if (found.status !== 0) return found.error?.message ?? found.stderr;
  return tool === "sh"
    ? ["sh", join(EXAMPLES, "check-envelope.sh")]
    : ["python3", join(EXAMPLES, "check.py")];
}

function run([program = "", ...args]: readonly string[]): Judgement {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: CHECK_TIMEOUT_MS,
  });
  if (error !== undefined) throw error;
  const holds = status === 0 && stdout.includes("HOLDS ");
  const refuses = status === 1 && stderr.includes("REFUSED ");
  if (holds === refuses)
    throw new Error(`${program} neither holds nor refuses: ${status} ${stdout} ${stderr}`);
  return { holds, said: holds ? stdout : stderr };
}

/** Every so-many-th byte from `from` to `to`, changed in one bit: the whole file in `count` files. */
export function* changeBytes(
  file: Uint8Array,
  {
    from = 0,
    to = file.length,
    count,
  }: { readonly from?: number; readonly to?: number; readonly count: number },
): Generator<readonly [at: number, changed: Uint8Array]> {
  for (let step = 0; step < count; step++) {
    const at = from + Math.floor(((to - from) * (step + 0.5)) / count);
    yield [at, Uint8Array.from(file, (byte, index) => (index === at ? byte ^ (1 << (step % 8)) : byte))];
  }
}
