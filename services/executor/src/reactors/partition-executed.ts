/** mira.executor.partition.executed.v1: every result, one's own too, in the order of the stream -> account versions. */
import {
  decodePartitionResult,
  verifyPartitionResult,
  WireError,
  type AccountValue,
} from "@mira/runtime/wire";
import { bytesEqual, encodeBase58 } from "@mira/primitives";
import type { ResultOrigins } from "../domain/result-origins.ts";
import type { Logger } from "../ports.ts";

export type ResultReactorParts = {
  readonly origins: ResultOrigins;
  readonly executorId: Uint8Array;
  readonly isSetAside: (executorId: string) => boolean;
  readonly supply: (key: string, version: number, value: AccountValue | undefined) => void;
  readonly logger: Logger;
};

/** A result that does not verify, or of an executor set aside, brings nothing; settlement refuses it. */
export function reactToPartitionExecuted(payload: Uint8Array, parts: ResultReactorParts): void {
  const result = tryDecode(payload);
  if (result === undefined) {
    parts.logger.warn({}, "a result cannot be read");
    return;
  }
  const { header, writes } = result;
  const executorId = encodeBase58(header.executorId);
  if (parts.isSetAside(executorId)) return;
  const isOwn = bytesEqual(header.executorId, parts.executorId);
  if (!isOwn && !verifyPartitionResult(result)) {
    parts.logger.warn({ executorId, batch: header.batchNumber }, "a result's signature does not verify");
    return;
  }
  const versions = Array.from({ length: writes.count }, (_, index) => ({
    key: writes.key(index),
    version: writes.version(index),
  }));
  parts.origins.note({ batchNumber: header.batchNumber, partition: header.partition, executorId }, versions);
  // One's own are there since they were computed, unless it was before a restart.
  versions.forEach(({ key, version }, index) => parts.supply(key, version, writes.value(index)));
}

function tryDecode(payload: Uint8Array): ReturnType<typeof decodePartitionResult> | undefined {
  try {
    return decodePartitionResult(payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
