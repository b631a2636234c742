/** Reads a partition's result into the columns that the domain judges, with the keys numbered as in its batch. */
import {
  decodePartitionResult,
  WireError,
  type InputsView,
  type PartitionResult,
  type ReceiptsView,
  type WritesView,
} from "@mira/runtime/wire";
import type { ResultFacts } from "../domain/facts.ts";
import type { KeyTable } from "../domain/key-table.ts";

/** undefined for bytes that are no result. */
export function readResult(bytes: Uint8Array): PartitionResult | undefined {
  try {
    return decodePartitionResult(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

export function toResultFacts(result: PartitionResult, keys: KeyTable): ResultFacts {
  const { header } = result;
  return {
    batchNumber: header.batchNumber,
    partition: header.partition,
    batchHash: header.batchHash,
    runtimeId: header.runtimeId,
    executorKey: header.executorId,
    executedAt: header.executedAt,
    ...readReceiptColumns(result.receipts),
    ...readInputColumns(result.inputs, keys),
    ...readWriteColumns(result.writes, keys),
    // The decoder refuses writes that are not strictly ascending.
    writesAreSorted: true,
  };
}

function readReceiptColumns(receipts: ReceiptsView): Pick<ResultFacts, "sequences" | "statuses" | "fees"> {
  const sequences = new Float64Array(receipts.count);
  const statuses = new Uint8Array(receipts.count);
  const fees = new BigUint64Array(receipts.count);
  for (let index = 0; index < receipts.count; index++) {
    sequences[index] = receipts.sequence(index);
    statuses[index] = receipts.status(index);
    fees[index] = receipts.fee(index);
  }
  return { sequences, statuses, fees: new Uint32Array(fees.buffer) };
}

function readInputColumns(
  inputs: InputsView,
  keys: KeyTable,
): Pick<ResultFacts, "inputKey" | "inputVersion"> {
  const inputKey = new Int32Array(inputs.count);
  const inputVersion = new Float64Array(inputs.count);
  for (let index = 0; index < inputs.count; index++) {
    inputKey[index] = keys.find(inputs.bytes, inputs.start(index));
    inputVersion[index] = inputs.version(index);
  }
  return { inputKey, inputVersion };
}

function readWriteColumns(
  writes: WritesView,
  keys: KeyTable,
): Pick<ResultFacts, "writeKey" | "writeVersion" | "writeLamports"> {
  const writeKey = new Int32Array(writes.count);
  const writeVersion = new Float64Array(writes.count);
  const writeLamports = new BigUint64Array(writes.count);
  for (let index = 0; index < writes.count; index++) {
    writeKey[index] = keys.find(writes.bytes, writes.start(index));
    writeVersion[index] = writes.version(index);
    writeLamports[index] = writes.lamports(index);
  }
  return { writeKey, writeVersion, writeLamports: new Uint32Array(writeLamports.buffer) };
}
