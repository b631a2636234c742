/** A process that may die: runs one suspected partition and tells, before each transaction, which one comes. */
import { writeSync } from "node:fs";
import { createSvmRuntime, type SvmInputs } from "@mira/runtime";
import { decodePartition } from "@mira/runtime/wire";

/** What the parent sends over the channel. */
export type TrialRequest = {
  readonly partition: Uint8Array;
  readonly inputs: SvmInputs;
  readonly noOps: ReadonlyMap<number, string>;
};

/** The parent reads sequence numbers, one per line, and the exit code: 0 when the partition was survived. */
const STDOUT = 1;

process.once("message", (request: TrialRequest) => {
  const { header, transactions } = decodePartition(request.partition);
  createSvmRuntime().execute(header, request.inputs, transactions, {
    noOps: request.noOps,
    onTransaction: (sequence) => writeSync(STDOUT, `${sequence}\n`),
  });
  process.exit(0);
});
