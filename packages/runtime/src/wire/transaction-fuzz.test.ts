import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("../../fixtures/fuzz-decoder.ts", import.meta.url));
const MUTATIONS = Number(process.env["MIRA_FUZZ_MUTATIONS"] ?? 1_000_000);
const SURVIVORS_MAX = 150_000;

type Counts = { mutations: number; passed: number; executed: number; succeeded: number };

test(`incident LiteSVM unwrap abort (ledger bug 6): of ${MUTATIONS} mutations none that the decoder passes ends the SVM's process`, () => {
  const folder = mkdtempSync(join(tmpdir(), "mira-fuzz-"));
  const lastSurvivor = join(folder, "last");
  const seed = Number(process.env["MIRA_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const child = spawnSync(
    process.execPath,
    [CHILD, String(seed), String(MUTATIONS), String(SURVIVORS_MAX), lastSurvivor],
    { encoding: "utf8", timeout: 300_000 },
  );
  const failed = `seed ${seed}, ${child.signal ?? `exit ${child.status ?? "none"}`}: ${child.stderr.slice(-2000)}; last in the SVM: ${readSurvivor(lastSurvivor)}`;
  rmSync(folder, { recursive: true });
  assert.equal(child.status, 0, failed);
  const counts = JSON.parse(child.stdout) as Counts;
  assert.equal(counts.mutations, MUTATIONS, failed);
  // The test would prove nothing if the decoder refused everything, or if what it passed never ran.
  assert.ok(counts.passed > MUTATIONS / 20, child.stdout);
  assert.ok(counts.executed >= Math.min(counts.passed, 100_000), child.stdout);
  assert.ok(counts.succeeded > counts.executed / 50, child.stdout);
});

test("the SVM does abort its process on bytes that the decoder refuses, and only there is a child needed", () => {
  const script = `
    const { LiteSvm } = require("litesvm/dist/internal.js");
    new LiteSvm().sendVersionedTransaction(Uint8Array.of(1, 2, 3));`;
  const child = spawnSync(process.execPath, ["--eval", script], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  assert.equal(child.signal, "SIGABRT", child.stderr);
});

function readSurvivor(file: string): string {
  try {
    const record = readFileSync(file);
    return record.length < 2 ? "nothing" : record.subarray(2, 2 + record.readUInt16LE(0)).toString("hex");
  } catch {
    return "nothing";
  }
}
