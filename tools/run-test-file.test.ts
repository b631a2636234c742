/** A test file that fails or hangs is told from one that passes, and leaves nothing running. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "@mira/testing";
import { runTestFile, type FileOutcome } from "./run-test-file.ts";

const IMPORT = `import { test } from "node:test";`;

test("one that passes is counted", async (t) => {
  const outcome = await runWritten(t, `${IMPORT} test("a", () => {}); test("b", { skip: true }, () => {});`);
  assert.deepEqual(
    [outcome.ok, outcome.passes, outcome.failures, outcome.skips],
    [true, 1, 0, 1],
    outcome.output,
  );
});

test("one that fails is counted, and says why", async (t) => {
  const outcome = await runWritten(t, `${IMPORT} test("a", () => { throw new Error("because"); });`);
  assert.deepEqual([outcome.ok, outcome.passes, outcome.failures], [false, 0, 1]);
  assert.match(outcome.output, /because/);
});

test("one that cannot be read fails", async (t) => {
  assert.equal((await runWritten(t, "const = ;")).ok, false);
});

test("one that hangs after a failure is ended with its children, and says what failed", async (t) => {
  const pidFile = join(await folder(t), "pid");
  const outcome = await runWritten(
    t,
    `${IMPORT}
     import { spawn } from "node:child_process";
     import { writeFileSync } from "node:fs";
     test("a", () => {
       const child = spawn("sleep", ["600"], { stdio: "inherit" });
       writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
       throw new Error("because");
     });`,
    2_000,
  );
  assert.deepEqual([outcome.ok, outcome.why], [false, "did not end within 2000 ms"]);
  assert.match(outcome.output, /because/);
  const pid = Number(await readFile(pidFile, "utf8"));
  await eventually(() => assert.throws(() => process.kill(pid, 0), { code: "ESRCH" }), { timeoutMs: 5_000 });
});

async function runWritten(t: TestContext, source: string, timeoutMs?: number): Promise<FileOutcome> {
  const file = join(await folder(t), "written.test.mjs");
  await writeFile(file, source);
  return runTestFile(file, {}, timeoutMs);
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "mira-run-test-file-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}
