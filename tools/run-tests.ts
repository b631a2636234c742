/**
 * Runs all tests: pure ones and those on real servers side by side, then the scenarios, which start whole clusters, one
 * after the other. One Postgres serves every test file of the first round; each file makes databases of its own.
 */
import { spawn } from "node:child_process";
import { startPostgres } from "@mira/localnet/infra";

const UNIT_AND_INTEGRATION = [
  "packages/*/src/**/*.test.ts",
  "packages/*/test/**/*.test.ts",
  "services/*/src/**/*.test.ts",
  "services/*/test/**/*.test.ts",
  "test/repository/*.test.ts",
];
const SCENARIOS = ["test/scenarios/**/*.test.ts", "examples/**/*.test.ts"];
const FILES_AT_ONCE = 2;
/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 240_000;

const postgres = await startPostgres({ settings: { max_connections: "300" } });
let code: number;
try {
  const first = await runNodeTests(UNIT_AND_INTEGRATION, FILES_AT_ONCE, {
    MIRA_TEST_POSTGRES_URL: postgres.superuserUrl,
  });
  const second = await runNodeTests(SCENARIOS, 1, {});
  code = first === 0 ? second : first;
} finally {
  await postgres.stop();
}
process.exitCode = code;

async function runNodeTests(
  patterns: readonly string[],
  concurrency: number,
  env: Record<string, string>,
): Promise<number> {
  const args = [
    "--test",
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${FILE_TIMEOUT_MS}`,
    "--test-reporter=spec",
    ...patterns,
  ];
  const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve) => child.on("close", (exitCode) => resolve(exitCode ?? 1)));
}
