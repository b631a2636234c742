/**
 * Regenerates what is committed and made by tools: from proto/ the messages and stubs (ts-proto) and the descriptor set that
 * reflection serves; from the registry of refusal codes docs/errors.md.
 */
import { spawnSync } from "node:child_process";

for (const args of [["generate"], ["build", "-o", "packages/api/src/gen/descriptors.binpb"]]) {
  const result = spawnSync("node_modules/.bin/buf", args, { stdio: "inherit" });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const errors = spawnSync(process.execPath, ["tools/generate-errors.ts"], { stdio: "inherit" });
process.exitCode = errors.status ?? 1;
