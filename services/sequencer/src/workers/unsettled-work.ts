/** A sealed batch as messages: the batch for auditors and the re-executor, its partitions for executors. */
import { SUBJECT } from "@mira/messaging";
import type { AccountVersion } from "@mira/primitives";
import {
  computeBatchHash,
  decodeSealedBatch,
  encodePartition,
  type AccountInput,
  type SealedBatch,
} from "@mira/runtime/wire";
import type { CutBatch } from "../domain/order-window.ts";
import type { OutgoingMessage } from "../ports.ts";

/** All that is needed to publish a batch, again if need be; kept until it is settled. */
export type SealedWork = {
  readonly batchNumber: number;
  readonly bytes: Uint8Array;
  readonly cutBatch: CutBatch;
  readonly traceparent: string;
};

/**
 * The batch first, then its partitions in their order. Ids are the same whenever the same work is published; `round` above 0 makes
 * new ones, for work whose first publication led nowhere though its stream remembers it.
 */
export function createMessages(work: SealedWork, round = 0): OutgoingMessage[] {
  const sealed = decodeSealedBatch(work.bytes);
  const batchHash = computeBatchHash(work.bytes);
  const suffix = round === 0 ? "" : `-r${round}`;
  const headers: Record<string, string> = work.traceparent === "" ? {} : { traceparent: work.traceparent };
  const messages: OutgoingMessage[] = [
    { subject: SUBJECT.batchSealed, id: `batch-${work.batchNumber}${suffix}`, payload: work.bytes, headers },
  ];
  for (let partition = 0; partition < work.cutBatch.cut.partitions; partition++)
    messages.push({
      subject: SUBJECT.partitionReady,
      id: `partition-${work.batchNumber}-${partition}${suffix}`,
      payload: encodeOne(sealed, batchHash, work, partition),
      headers,
    });
  return messages;
}

function encodeOne(
  { header, transactions }: SealedBatch,
  batchHash: Uint8Array,
  { cutBatch: { cut, inputs, keys }, traceparent }: SealedWork,
  partition: number,
): Uint8Array {
  const { batchNumber, firstSequence, runtimeId, slot, unixTimestamp } = header;
  const indexes = cut.order.subarray(partition === 0 ? 0 : cut.ends[partition - 1], cut.ends[partition]);
  const rows: AccountInput[] = [];
  const begin = partition === 0 ? 0 : (inputs.ends[partition - 1] ?? 0);
  for (let at = begin; at < (inputs.ends[partition] ?? 0); at++)
    rows.push({
      key: keys[inputs.accounts[at] ?? 0] ?? "",
      version: (inputs.versions[at] ?? 0) as AccountVersion,
    });
  rows.sort((left, right) => (left.key < right.key ? -1 : 1));
  return encodePartition(
    {
      batchNumber,
      partition,
      partitions: cut.partitions,
      firstSequence,
      batchHash,
      runtimeId,
      slot,
      unixTimestamp,
      traceparent,
    },
    { transactions, indexes },
    rows,
  );
}
