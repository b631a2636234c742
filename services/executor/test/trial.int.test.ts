/** A partition that kills or hangs processes is taken apart in a child until what is left can be run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSvmRuntime } from "@mira/runtime";
import { decodePartition, type AccountValue } from "@mira/runtime/wire";
import { encodeTransaction, fixtureKey, transfer } from "@mira/runtime/fixtures";
import { createTrial } from "../src/workers/trial.ts";
import { Sealing } from "./sealing.ts";

const alice = fixtureKey("alice");
const runtime = createSvmRuntime();
const signal = new AbortController().signal;
const dyingChild = fileURLToPath(new URL("./dying-child.ts", import.meta.url));
const records = Array.from({ length: 6 }, (_, index) => ({
  wire: encodeTransaction({ payer: alice, instructions: [transfer(alice, fixtureKey(`to-${index}`), 1n)] }),
}));
const [partition] = new Sealing(runtime, new Map()).seal(records, records.length).partitions;
assert.ok(partition !== undefined);
const inputs = listInputs(partition);

function listInputs(bytes: Uint8Array): Map<string, AccountValue | undefined> {
  const { inputs: wanted } = decodePartition(bytes);
  return new Map(Array.from({ length: wanted.count }, (_, index) => [wanted.key(index), undefined]));
}

test("an innocent partition survives as it is", async () => {
  assert.deepEqual(await createTrial().examine(partition, inputs, signal), new Map());
});

test("every transaction that kills its process is found, one death each", async () => {
  process.env["DYING_CHILD_DIES_ON"] = "1,4";
  const noOps = await createTrial({ child: dyingChild }).examine(partition, inputs, signal);
  assert.deepEqual(
    [...noOps],
    [
      [1, "ExecutorAborted"],
      [4, "ExecutorAborted"],
    ],
  );
});

test("#5 Solana 2024-02-06: a transaction that hangs is found too", async () => {
  process.env["DYING_CHILD_DIES_ON"] = "";
  process.env["DYING_CHILD_HANGS_ON"] = "2";
  const noOps = await createTrial({ child: dyingChild, hangMs: 1_500 }).examine(partition, inputs, signal);
  assert.deepEqual([...noOps.keys()], [2]);
  delete process.env["DYING_CHILD_HANGS_ON"];
});

test("a process that dies before any transaction is nobody's poison", async () => {
  process.env["DYING_CHILD_DIES_ON"] = "start";
  await assert.rejects(
    createTrial({ child: dyingChild }).examine(partition, inputs, signal),
    /0 no-ops do not save it/,
  );
});
