/** Regenerates the committed API code from proto/: messages and stubs (ts-proto) and the descriptor set that reflection serves. */
import { spawnSync } from "node:child_process";

for (const args of [["generate"], ["build", "-o", "packages/api/src/gen/descriptors.binpb"]]) {
  const result = spawnSync("node_modules/.bin/buf", args, { stdio: "inherit" });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
