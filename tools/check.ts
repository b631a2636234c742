/** Runs every static check: generated code, contracts, types, lint, format, boundaries, unused code, repository rules. */
import { spawn } from "node:child_process";

type Check = { readonly name: string; readonly command: readonly string[] };

/** Checks of one group run side by side; groups one after the other, since the machine has few cores. */
const GROUPS: readonly (readonly Check[])[] = [
  [
    { name: "generated code is current", command: ["node", "tools/check-generated.ts"] },
    { name: "contracts lint", command: ["buf", "lint"] },
    { name: "contracts compatible", command: ["buf", "breaking", "--against", "proto/baseline.binpb"] },
  ],
  [
    { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
    { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  ],
  [
    { name: "lint", command: ["eslint", ".", "--max-warnings", "0"] },
    {
      name: "boundaries",
      command: [
        "depcruise",
        "--config",
        ".dependency-cruiser.js",
        "packages",
        "services",
        "test",
        "examples",
        "tools",
      ],
    },
    { name: "unused", command: ["knip"] },
  ],
  [
    {
      name: "repository rules",
      command: ["node", "--test", "--test-reporter=spec", "test/repository/*.test.ts"],
    },
  ],
];

let passed = 0;
const failed: string[] = [];
for (const group of GROUPS) {
  for (const { check, code, output, seconds } of await Promise.all(group.map(runCheck))) {
    if (code === 0) passed++;
    else failed.push(check.name);
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds.toFixed(1)} s)\n`);
    if (code !== 0) process.stdout.write(`${output}\n`);
  }
}
process.stdout.write(`checks: ${passed} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function runCheck(
  check: Check,
): Promise<{ check: Check; code: number; output: string; seconds: number }> {
  const startedAt = performance.now();
  const [program, ...args] = check.command;
  const child = spawn(program ?? "", args, { stdio: ["ignore", "pipe", "pipe"], shell: false });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output += error.message;
      resolve(127);
    });
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { check, code, output, seconds: (performance.now() - startedAt) / 1000 };
}
