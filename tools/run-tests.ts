/**
 * Runs all tests: pure ones and those on real servers side by side, then the scenarios, which start whole clusters, one
 * after the other. One Postgres serves every test file of the first round; each file makes databases of its own. A file
 * that hangs is ended with everything it started, and counts as failed: no file can hold up the others.
 */
import { globSync } from "node:fs";
import { startPostgres } from "@mira/localnet/infra";
import { runTestFile, type FileOutcome } from "./run-test-file.ts";

const UNIT_AND_INTEGRATION = [
  "packages/*/src/**/*.test.ts",
  "packages/*/test/**/*.test.ts",
  "services/*/src/**/*.test.ts",
  "services/*/test/**/*.test.ts",
  "test/repository/*.test.ts",
  "tools/*.test.ts",
];
const SCENARIOS = ["test/scenarios/**/*.test.ts", "examples/**/*.test.ts"];
const FILES_AT_ONCE = 2;

const postgres = await startPostgres({ settings: { max_connections: "300" } });
const outcomes: FileOutcome[] = [];
try {
  const env = { MIRA_TEST_POSTGRES_URL: postgres.superuserUrl };
  outcomes.push(...(await runFiles(findFiles(UNIT_AND_INTEGRATION), FILES_AT_ONCE, env)));
  outcomes.push(...(await runFiles(findFiles(SCENARIOS), 1, {})));
} finally {
  await postgres.stop();
}
process.exitCode = report(outcomes);

function findFiles(patterns: readonly string[]): readonly string[] {
  return globSync(patterns)
    .filter((file) => !file.includes("node_modules"))
    .sort();
}

async function runFiles(
  files: readonly string[],
  atOnce: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly FileOutcome[]> {
  const waiting = [...files];
  const done: FileOutcome[] = [];
  const runner = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await runTestFile(file, env);
      process.stdout.write(`${outcome.output.trimEnd()}\n`);
      done.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  return done;
}

/** The last lines say how many tests there were and which files failed. */
function report(all: readonly FileOutcome[]): number {
  const failed = all.filter(({ ok }) => !ok);
  for (const { file, why } of failed) console.log(`FAILED ${file}: ${why ?? "see above"}`);
  const sum = (of: (outcome: FileOutcome) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  // A file that never came to its summary fails without a failed test of its own.
  const failures = sum(({ failures }) => failures) + failed.filter(({ failures }) => failures === 0).length;
  console.log(`${all.length} files, ${sum(({ skips }) => skips)} skipped`);
  console.log(`${sum(({ passes }) => passes)} passed, ${failures} failed`);
  return failures === 0 && all.length > 0 ? 0 : 1;
}
