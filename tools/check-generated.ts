/** Fails when the committed generated code is not what proto/ generates: generates into a scratch folder and compares. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMMITTED = "packages/api/src/gen";
const scratch = mkdtempSync(join(tmpdir(), "mira-generated-"));
try {
  const template = readFileSync("buf.gen.yaml", "utf8").replace(`out: ${COMMITTED}`, `out: ${scratch}`);
  const templateFile = join(scratch, "..", `${scratch.split("/").at(-1) ?? "x"}.yaml`);
  writeFileSync(templateFile, template);
  run(["generate", "--template", templateFile]);
  rmSync(templateFile);
  run(["build", "-o", join(scratch, "descriptors.binpb")]);
  const differing = compareFolders(COMMITTED, scratch);
  for (const file of differing) process.stderr.write(`differs: ${file}\n`);
  if (differing.length > 0) {
    process.stderr.write("Run `npm run generate` and commit the result.\n");
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run(args: readonly string[]): void {
  const result = spawnSync("buf", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`buf ${args.join(" ")}: ${result.stderr}`);
}

function compareFolders(left: string, right: string): string[] {
  const names = new Set([...listFiles(left), ...listFiles(right)]);
  return [...names].filter((name) => readIfThere(join(left, name)) !== readIfThere(join(right, name))).sort();
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
