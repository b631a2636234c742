/** Examines one settled batch: everything that is missing is found before the state is touched. */
import { bytesEqual } from "@mira/primitives";
import { SIGNATURE_RULE, type VerifierPool } from "@mira/runtime/signatures";
import {
  computeBatchHash,
  computeBatchResultHash,
  decodeSealedBatch,
  decodeSettledBatch,
  encodeReceiptLeaf,
  encodeWriteLeaf,
  packOutcome,
  rowsOf,
  WireError,
  type SealedBatch,
  type SettledBatch,
} from "@mira/runtime/wire";
import { isImposed } from "../domain/suspicion.ts";
import { agree, disagree, unable, type Verdict } from "../domain/verdict.ts";
import type { SealedBatches, SettledLedger } from "../ports.ts";
import type { LedgerReplica } from "./ledger-replica.ts";

export type ReexaminationParts = {
  readonly ledger: SettledLedger;
  readonly sealed: SealedBatches;
  readonly verifier: VerifierPool;
  readonly signal: AbortSignal;
};

/** Advances the replica by the batch exactly when it does not answer "unable". */
export async function reexamine(replica: LedgerReplica, parts: ReexaminationParts): Promise<Verdict> {
  const { ledger, sealed: source, signal } = parts;
  const batchNumber = replica.nextBatch;
  const settledBytes = await ledger.readSettled(batchNumber, signal);
  if (settledBytes === undefined) return unable("the settled batch cannot be read");
  const sealedBytes = await source.readSealed(batchNumber, signal);
  if (sealedBytes === undefined) return unable("the sealed batch cannot be read");
  const batch = tryDecode(settledBytes, sealedBytes);
  if (batch instanceof WireError) return unable(batch.message);
  const obstacle = findObstacle(replica, batch, sealedBytes);
  if (obstacle !== undefined) return unable(obstacle);
  const unsigned = await findUnsigned(batch.sealed, parts);
  if (typeof unsigned === "string") return unable(unsigned);
  return execute(replica, batch, unsigned);
}

type Batch = { readonly settled: SettledBatch; readonly sealed: SealedBatch };

function tryDecode(settledBytes: Uint8Array, sealedBytes: Uint8Array): Batch | WireError {
  try {
    return { settled: decodeSettledBatch(settledBytes), sealed: decodeSealedBatch(sealedBytes) };
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

/** Why nothing can be said. Bytes other than those that were settled are no ground for disagreeing with what was. */
function findObstacle(
  replica: LedgerReplica,
  { settled, sealed }: Batch,
  bytes: Uint8Array,
): string | undefined {
  const { header } = sealed;
  if (!bytesEqual(computeBatchHash(bytes), settled.header.batchHash))
    return "another batch was settled than is at hand";
  if (header.batchNumber !== replica.nextBatch) return `the batch says it is number ${header.batchNumber}`;
  if (replica.nextSequence !== undefined && header.firstSequence !== replica.nextSequence)
    return `needed sequence number ${replica.nextSequence} first, got ${header.firstSequence}`;
  if (!bytesEqual(header.runtimeId, replica.runtimeId)) return "the batch needs another runtime";
  return header.signatureRule === SIGNATURE_RULE
    ? undefined
    : `signature rule ${header.signatureRule} is not known`;
}

/** Indexes of transactions whose signatures do not verify; a text when they could not be looked at. */
async function findUnsigned(
  { transactions }: SealedBatch,
  { verifier, signal }: ReexaminationParts,
): Promise<ReadonlySet<number> | string> {
  const signed = Array.from({ length: transactions.count }, (_, index) => {
    const sessionKey = transactions.session(index)?.key;
    const wire = transactions.wire(index);
    return sessionKey === undefined ? { wire } : { wire, sessionKey };
  });
  const verdicts = await verifier.verify(signed, signal);
  if (!verdicts.ok) return `signatures were not verified: ${verdicts.message}`;
  return new Set([...signed.keys()].filter((index) => verdicts.value.valid[index] !== 1));
}

async function execute(
  replica: LedgerReplica,
  { settled, sealed }: Batch,
  unsigned: ReadonlySet<number>,
): Promise<Verdict> {
  const imposed = listImposed(settled);
  const { receipts, writes } = packOutcome(await replica.execute(sealed, imposed));
  const resultHash = computeBatchResultHash(rowsOf(receipts), rowsOf(writes));
  const executed = [...unsigned].find((index) => settled.receipts.status(index) !== 2);
  if (executed !== undefined)
    return disagree(
      `the signature of ${sealed.transactions.sequenceNumber(executed)} does not verify`,
      resultHash,
    );
  if (bytesEqual(resultHash, settled.header.resultHash)) return agree(resultHash, imposed.size);
  return disagree(describeDifference(settled, { receipts, writes }), resultHash);
}

function listImposed({ receipts }: SettledBatch): Map<number, string> {
  const imposed = new Map<number, string>();
  for (let index = 0; index < receipts.count; index++)
    if (receipts.status(index) === 2 && isImposed(receipts.error(index)))
      imposed.set(receipts.sequence(index), receipts.error(index));
  return imposed;
}

/** For whoever is woken by it: where to look first. */
function describeDifference(settled: SettledBatch, own: Pick<SettledBatch, "receipts" | "writes">): string {
  if (settled.receipts.count !== own.receipts.count)
    return `needed ${own.receipts.count} receipts, got ${settled.receipts.count}`;
  for (let index = 0; index < own.receipts.count; index++)
    if (
      !bytesEqual(
        encodeReceiptLeaf(settled.receipts.receipt(index)),
        encodeReceiptLeaf(own.receipts.receipt(index)),
      )
    )
      return `the receipt of ${own.receipts.sequence(index)} differs`;
  if (settled.writes.count !== own.writes.count)
    return `needed ${own.writes.count} writes, got ${settled.writes.count}`;
  for (let index = 0; index < own.writes.count; index++)
    if (!bytesEqual(encodeWriteLeaf(settled.writes.write(index)), encodeWriteLeaf(own.writes.write(index))))
      return `the write of ${Buffer.from(own.writes.key(index), "latin1").toString("hex")} differs`;
  return "receipts and writes are the same, the settled result hash is another";
}
