/** Receipts that do nothing, for transactions that nobody could execute: every account stays, only its version moves. */
import {
  sha256,
  type AccountVersion,
  type KeyPair,
  type Lamports,
  type SequenceNumber,
  type UnixMs,
} from "@mira/primitives";
import {
  accountKey,
  decodeTransaction,
  encodePartitionResult,
  type AccountInput,
  type AccountValue,
  type AccountWrite,
  type Receipt,
  type SealedBatch,
} from "@mira/runtime/wire";
import type { BatchFacts } from "../domain/facts.ts";

export type NoOpRequest = {
  readonly sealed: SealedBatch;
  readonly batch: BatchFacts;
  readonly partition: number;
  /** Places in the batch, rising, with the reason of each. */
  readonly places: ReadonlyArray<readonly [place: number, reason: string]>;
  /** By key number: the version and value that the places start from. */
  readonly inputs: ReadonlyMap<
    number,
    { readonly version: number; readonly value: AccountValue | undefined }
  >;
  readonly at: UnixMs;
};

export function encodeNoOpResult(request: NoOpRequest, signer: KeyPair): Uint8Array {
  const { sealed, batch, partition, at } = request;
  return encodePartitionResult(
    {
      batchNumber: batch.batchNumber,
      partition,
      batchHash: batch.batchHash,
      runtimeId: batch.runtimeId,
      executorId: signer.publicKey,
      executedAt: at,
    },
    {
      inputs: listInputs(request),
      receipts: request.places.map(([place, reason]) => createReceipt(sealed, place, reason)),
      writes: listWrites(request),
    },
    signer.sign,
  );
}

function createReceipt({ transactions }: SealedBatch, place: number, reason: string): Receipt {
  return {
    sequence: transactions.sequenceNumber(place),
    messageHash: hashMessage(transactions.wire(place)),
    status: 2,
    error: `quarantined: ${reason}`,
    fee: 0n as Lamports,
    computeUnits: 0,
    logs: [],
  };
}

/** Bytes that do not decode have no message; they are hashed whole. */
export function hashMessage(wire: Uint8Array): Uint8Array {
  const decoded = decodeTransaction(wire);
  return sha256(decoded.ok ? wire.subarray(decoded.value.messageOffset, decoded.value.end) : wire);
}

function listInputs({ batch, inputs }: NoOpRequest): AccountInput[] {
  return sortByKey(
    [...inputs].map(([key, { version }]) => ({
      key: nameOf(batch, key),
      version: version as AccountVersion,
    })),
  );
}

function listWrites({ batch, places, inputs }: NoOpRequest): AccountWrite[] {
  const versions = new Map<number, SequenceNumber>();
  for (const [place] of places) {
    const end = batch.lockStart[place + 1] ?? 0;
    for (let at = batch.lockStart[place] ?? 0; at < end; at++)
      if (batch.lockIsWrite[at] === 1)
        versions.set(batch.lockKey[at] ?? 0, (batch.firstSequence + place + 1) as SequenceNumber);
  }
  return sortByKey(
    [...versions].map(([key, version]) => ({
      key: nameOf(batch, key),
      version: version as number as AccountVersion,
      value: inputs.get(key)?.value,
    })),
  );
}

function nameOf(batch: BatchFacts, key: number): string {
  return accountKey(batch.keys.key(key));
}

function sortByKey<T extends { readonly key: string }>(rows: T[]): T[] {
  return rows.sort((left, right) => (left.key < right.key ? -1 : 1));
}
