/** Stands for LiteSVM meeting bytes on which it aborts or hangs: dies, or stands still, on the transactions it is told to. */
import { writeSync } from "node:fs";
import { decodePartition } from "@mira/runtime/wire";
import type { TrialRequest } from "../src/workers/trial-child.ts";

const deadly = (process.env["DYING_CHILD_DIES_ON"] ?? "").split(",");
const hanging = (process.env["DYING_CHILD_HANGS_ON"] ?? "").split(",");

process.once("message", ({ partition, noOps }: TrialRequest) => {
  if (deadly.includes("start")) process.abort();
  const { transactions } = decodePartition(partition);
  for (let index = 0; index < transactions.count; index++) {
    const sequence = transactions.sequenceNumber(index);
    writeSync(1, `${sequence}\n`);
    if (noOps.has(sequence)) continue;
    if (deadly.includes(String(sequence))) process.abort();
    while (hanging.includes(String(sequence)));
  }
  process.exit(0);
});
